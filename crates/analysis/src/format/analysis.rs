//! The result of an analysis.

use jiff::Timestamp;
use pgdba_pg::display::counted;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Assessment, Block, Coverage, Finding, PolicySummary, Recommendation, SetAside, Severity, Verdict};

/// What the snapshot shows of one topic, whether or not a rule has anything to say about it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopicView {
    /// The topic's name, such as `queries`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The sentence that answers the topic's question.
    pub lead: String,
    /// Why there is nothing to show.
    pub missing: Option<String>,
    /// What there is to show.
    pub blocks: Vec<Block>,
}

/// Whether a section could be read, for "missing or partial data".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SectionState {
    /// The section's name.
    pub name: String,
    /// Whether it was read.
    pub available: bool,
    /// Its rows, 0 where it was not read.
    pub rows: u64,
    /// Why it was not read, or why part of it is hidden.
    pub reason: Option<String>,
}

/// Which cluster was analysed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterSummary {
    /// The best name there is: `cluster_name`, or host and port, or the start of the fingerprint.
    pub name: String,
    /// The server's version, such as `17.10`.
    pub version: Option<String>,
    /// `primary` or `standby`.
    pub role: Option<String>,
    /// The database the collector was connected to.
    pub database: Option<String>,
    /// When the snapshot was made.
    #[schemars(with = "Option<String>")]
    pub collected_at: Option<Timestamp>,
    /// How it was made, such as `pgdba-collect 0.1.0 (native)`.
    pub collected_by: String,
    /// The cluster's fingerprint.
    pub fingerprint: Option<String>,
    /// Whether tokens stand in place of names.
    pub redacted: bool,
}

/// The result of an analysis.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Analysis {
    /// Always `pgdba.analysis`.
    pub format: &'static str,
    /// The version of this format.
    pub format_version: i64,
    /// Which cluster.
    pub cluster: ClusterSummary,
    /// Why the document cannot be trusted, where it was changed since it was collected: shown above the verdict.
    pub tampered: Option<String>,
    /// The state of the cluster in one word.
    pub verdict: Verdict,
    /// How many rules ran.
    pub coverage: Coverage,
    /// What to do, the most urgent first.
    pub findings: Vec<Finding>,
    /// What was found and is set aside by the policy, in the order of the rules.
    pub set_aside: Vec<SetAside>,
    /// What the policy did.
    pub policy: PolicySummary,
    /// The parameters that should have another value, each once, what matters most first.
    pub recommendations: Vec<Recommendation>,
    /// What every rule came to, by code.
    pub assessments: Vec<Assessment>,
    /// What the snapshot shows, topic by topic.
    pub topics: Vec<TopicView>,
    /// Which sections could be read, in the order of collection.
    pub sections: Vec<SectionState>,
    /// What was odd about the document, one sentence each.
    pub problems: Vec<String>,
}

impl Analysis {
    /// How many findings there are of `severity`.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The greatest severity found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// `3 subjects set aside by the policy`: what was found and is no finding; nothing where there is nothing.
    #[must_use]
    pub fn set_aside_words(&self) -> Option<String> {
        let subjects = counted(i64::try_from(self.set_aside.len()).unwrap_or(i64::MAX), "subject", "subjects");
        (!self.set_aside.is_empty()).then(|| format!("{subjects} set aside by the policy"))
    }

    /// Whether a rule that can find `severity` or worse could not run.
    #[must_use]
    pub fn is_blind_to(&self, severity: Severity) -> bool {
        use super::Outcome;
        self.assessments
            .iter()
            .any(|assessment| assessment.worst >= severity && matches!(assessment.outcome, Outcome::NotAssessed { .. }))
    }
}
