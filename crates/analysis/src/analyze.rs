//! The whole analysis of one snapshot.

use jiff::tz::Offset;
use pgdba_snapshot::DiagSnapshot;

use crate::engine::{self, proposal};
use crate::facts::{Beside, Facts};
use crate::format::{Analysis, Coverage, Severity, Verdict};
use crate::policy::{InForce, Policy, PolicyError, RuleName};
use crate::{Rule, rules, topics};

/// Options of an analysis, and other snapshots to compare with.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// Codes or names of rules to skip.
    pub ignore: Vec<String>,
    /// An earlier snapshot of the same cluster.
    pub earlier: Option<&'a DiagSnapshot>,
    /// Snapshots of the other nodes of the cluster.
    pub nodes: &'a [DiagSnapshot],
    /// What the people who run the server decided about findings.
    pub policy: Option<&'a Policy>,
    /// Whether topics are left out: they take time and memory, and only a report shows them.
    pub rules_only: bool,
}

impl Options<'_> {
    fn ignores(&self, rule: &Rule) -> bool {
        self.ignore.iter().any(|ignored| rule.is_called(ignored))
    }
}

/// Reads a policy, in which every rule can be named.
///
/// # Errors
/// The first error in it, and its position.
pub fn read_policy(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let rules: Vec<RuleName<'static>> = rules::all().map(Rule::as_named).collect();
    Policy::read(bytes, &rules)
}

/// Analyzes one snapshot.
///
/// The same snapshot gives the same analysis, to the byte, natively and in WebAssembly.
#[must_use]
pub fn analyze(snapshot: &DiagSnapshot, options: &Options<'_>) -> Analysis {
    let facts = Facts::of(snapshot);
    let earlier = options.earlier.map(Facts::of);
    let nodes: Vec<Facts<'_>> = options.nodes.iter().map(Facts::of).collect();
    let policy = options.policy.map(|policy| in_force(policy, snapshot));
    let beside = Beside { earlier: earlier.as_ref(), nodes: &nodes, policy: policy.as_ref(), plan: None };
    let run = engine::run(rules::of_servers(), &facts, beside, |rule| options.ignores(rule));
    let surroundings = facts.surroundings().cloned().unwrap_or_default();
    let recommendations =
        proposal::choose(proposal::of_findings(&run.findings), facts.configured().ok(), &surroundings);
    let mut analysis = Analysis {
        format: "pgdba.analysis",
        format_version: 1,
        cluster: facts.cluster(),
        tampered: tampered(snapshot, "snapshot"),
        verdict: Verdict::Healthy,
        coverage: Coverage::of(&run.assessments),
        topics: topics::all().filter(|_| !options.rules_only).map(|topic| topic.view(&facts, beside)).collect(),
        sections: facts.sections(),
        problems: facts.problems(),
        policy: policy
            .map(|policy| policy.summary(&run.findings, &run.set_aside, &run.assessments))
            .unwrap_or_default(),
        findings: run.findings,
        set_aside: run.set_aside,
        recommendations,
        assessments: run.assessments,
    };
    analysis.verdict = verdict(&analysis);
    analysis
}

/// The policy on the day of the snapshot, for its cluster.
fn in_force<'p>(policy: &'p Policy, snapshot: &DiagSnapshot) -> InForce<'p> {
    let day = snapshot.collected_at.map(|time| Offset::UTC.to_datetime(time).date());
    InForce::new(policy, day, snapshot.fingerprint().as_deref(), snapshot.redacted)
}

/// What is reported of a snapshot, called `name`, whose checksum does not match.
pub(crate) fn tampered(snapshot: &DiagSnapshot, name: &str) -> Option<String> {
    let text = || format!("The {name} was changed after it was collected: its checksum does not match.");
    (snapshot.checksum_fits == Some(false)).then(text)
}

/// `Healthy` requires that a rule ran, and every rule that can find a warning, except those that are skipped on request.
fn verdict(analysis: &Analysis) -> Verdict {
    match analysis.worst() {
        Some(Severity::Critical) => Verdict::ActNow,
        Some(Severity::Warning) => Verdict::NeedsAttention,
        _ if analysis.is_blind_to(Severity::Warning) || analysis.coverage.ran == 0 => Verdict::Incomplete,
        Some(_) => Verdict::HealthyWithSuggestions,
        None => Verdict::Healthy,
    }
}
