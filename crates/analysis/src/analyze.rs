//! The whole analysis of one snapshot.

use pgdba_snapshot::DiagSnapshot;

use crate::engine::{self, proposal};
use crate::facts::{Beside, Facts};
use crate::format::{Analysis, Coverage, Severity, Verdict};
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
}

impl Options<'_> {
    fn ignores(&self, rule: &Rule) -> bool {
        self.ignore.iter().any(|ignored| rule.is_called(ignored))
    }
}

/// Analyzes one snapshot.
///
/// The same snapshot gives the same analysis, to the byte, natively and in WebAssembly.
#[must_use]
pub fn analyze(snapshot: &DiagSnapshot, options: &Options<'_>) -> Analysis {
    let facts = Facts::of(snapshot);
    let earlier = options.earlier.map(Facts::of);
    let nodes: Vec<Facts<'_>> = options.nodes.iter().map(Facts::of).collect();
    let beside = Beside { earlier: earlier.as_ref(), nodes: &nodes };
    let run = engine::run(rules::all(), &facts, beside, |rule| options.ignores(rule));
    let surroundings = facts.surroundings().cloned().unwrap_or_default();
    let recommendations =
        proposal::choose(proposal::of_findings(&run.findings), facts.configured().ok(), &surroundings);
    let mut analysis = Analysis {
        format: "pgdba.analysis",
        format_version: 1,
        cluster: facts.cluster(),
        tampered: (snapshot.checksum_fits == Some(false)).then(|| TAMPERED.to_owned()),
        verdict: Verdict::Healthy,
        coverage: Coverage::of(&run.assessments),
        topics: topics::all().map(|topic| topic.view(&facts)).collect(),
        sections: facts.sections(),
        problems: facts.problems(),
        findings: run.findings,
        recommendations,
        assessments: run.assessments,
    };
    analysis.verdict = verdict(&analysis);
    analysis
}

/// Shown above the verdict if the checksum of the document does not match.
const TAMPERED: &str = "The snapshot was changed after it was collected: its checksum does not match.";

/// `Healthy` requires that every rule that can find a warning ran.
fn verdict(analysis: &Analysis) -> Verdict {
    match analysis.worst() {
        Some(Severity::Critical) => Verdict::ActNow,
        Some(Severity::Warning) => Verdict::NeedsAttention,
        _ if analysis.is_blind_to(Severity::Warning) => Verdict::Incomplete,
        Some(_) => Verdict::HealthyWithSuggestions,
        None => Verdict::Healthy,
    }
}
