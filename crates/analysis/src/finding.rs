//! The result of an analysis. These types are a public format; `docs/schema/analysis.json` is made from them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::detail::Detail;
use crate::engine::outcome::Outcome;
use crate::engine::rule::Area;
use crate::quantity::Quantity;
use crate::recommendation::Recommendation;

/// How much a finding matters. Ordered: critical is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth an improvement.
    Notice,
    /// Will hurt, or already costs.
    Warning,
    /// Data or service are at stake now.
    Critical,
}

impl Severity {
    /// Every severity, the greatest first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Warning, Self::Notice, Self::Info];

    /// The word every face uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
        }
    }
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The figures are young, few or indirect.
    Low,
    /// An estimate from sound figures.
    Medium,
    /// The server said so.
    High,
}

impl Confidence {
    /// The word every face uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Subject {
    /// The whole cluster.
    Cluster,
    /// A configuration parameter.
    Parameter(String),
    /// A database.
    Database(String),
    /// A table, with its schema.
    Table(String),
    /// An index, with its schema.
    Index(String),
    /// A statement, by its query id.
    Query(String),
}

impl Subject {
    /// The name as faces print it, empty for the cluster.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Cluster => "",
            Self::Parameter(name)
            | Self::Database(name)
            | Self::Table(name)
            | Self::Index(name)
            | Self::Query(name) => name,
        }
    }

    /// What kind of thing it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Parameter(_) => "parameter",
            Self::Database(_) => "database",
            Self::Table(_) => "table",
            Self::Index(_) => "index",
            Self::Query(_) => "query",
        }
    }
}

/// A figure that a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Evidence {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub value: Quantity,
    /// The figure it was held against, if any.
    pub limit: Option<Quantity>,
}

/// What carrying out a remedy costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// A reload of the configuration; nothing is interrupted.
    Reload,
    /// A restart of the server.
    Restart,
    /// One statement while the server works on.
    Online,
    /// A piece of work to be planned.
    Project,
}

impl Effort {
    /// The words every face uses.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::Online => "online",
            Self::Project => "to be planned",
        }
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Remedy {
    /// What to do, in one or two sentences.
    pub text: String,
    /// Statements that can be pasted.
    pub sql: Option<String>,
    /// What it costs.
    pub effort: Effort,
    /// What it locks or loads while it runs.
    pub impact: Option<String>,
    /// Statements that take it back.
    pub undo: Option<String>,
    /// How to take it back, where no statement known beforehand does.
    pub undo_text: Option<String>,
    /// The parameter that it sets, where that is what it does.
    pub sets: Option<ParameterValue>,
}

/// A parameter and a value for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ParameterValue {
    /// The parameter's name.
    pub parameter: String,
    /// The value as `ALTER SYSTEM SET` takes it, such as `64MB`.
    pub value: String,
}

/// One thing that should change.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's code, such as `PGD101`.
    pub code: String,
    /// The rule's name, such as `fsync_off`.
    pub name: String,
    /// The area the rule belongs to.
    pub area: Area,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// What to do and to what, in one imperative sentence without full stop.
    pub summary: String,
    /// What was seen and what it leads to.
    pub rationale: String,
    /// The figures used.
    pub evidence: Vec<Evidence>,
    /// More, for those who want it.
    pub details: Vec<Detail>,
    /// What to do about it.
    pub remedy: Remedy,
    /// Where the threshold and the advice come from.
    pub source: String,
}

/// The one word for the state of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something critical was found.
    ActNow,
    /// A warning was found.
    NeedsAttention,
    /// Only notices or information.
    HealthyWithSuggestions,
    /// Nothing was found.
    Healthy,
    /// Too little could be looked at.
    CannotSay,
}

impl Verdict {
    /// The fixed words of every face.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ActNow => "Act now",
            Self::NeedsAttention => "Needs attention",
            Self::HealthyWithSuggestions => "Healthy, with suggestions",
            Self::Healthy => "Healthy",
            Self::CannotSay => "Cannot say",
        }
    }
}

/// What one rule came to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assessment {
    /// The rule's code.
    pub code: String,
    /// The rule's name.
    pub name: String,
    /// The bad state it looks for, as a sentence fragment.
    pub title: String,
    /// The area it belongs to.
    pub area: Area,
    /// Found, clean, or not assessed and why.
    pub outcome: Outcome,
}

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
    pub details: Vec<Detail>,
}

/// Whether a section could be read, for "what could not be looked at".
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
    /// The state of the cluster in one word.
    pub verdict: Verdict,
    /// What to do, the first thing first.
    pub findings: Vec<Finding>,
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
}
