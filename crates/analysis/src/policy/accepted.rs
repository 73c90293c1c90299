//! The findings to accept of a cluster.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Policy;
use crate::format::{Analysis, Outcome, Severity, Why};

/// The accepted findings of one cluster: the `[[accepted]]` of a policy.
#[derive(Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The cluster's fingerprint.
    pub cluster: String,
    /// The cluster's display name.
    pub called: String,
    /// The day of the snapshot.
    pub on: Option<Date>,
    /// Ids by the severity up to which they are accepted, the greatest first; each list in order.
    pub ids: Vec<(Severity, Vec<String>)>,
}

/// Accepts everything that `analysis` shows. What `policy` accepted before is kept for rules that did not run; for the others, what
/// is gone would be new if it came back. `None` if the snapshot does not identify its cluster.
#[must_use]
pub fn acceptance(analysis: &Analysis, policy: &Policy) -> Option<Acceptance> {
    let cluster = analysis.cluster.fingerprint.clone()?;
    let shown = analysis.findings.iter().flat_map(|finding| &finding.subjects);
    let mut ids: BTreeMap<String, Severity> = shown.map(|subject| (subject.id.clone(), subject.severity)).collect();
    let ran = |id: &str| {
        let code = id.split(' ').next().unwrap_or_default();
        let is_blind = |outcome: &Outcome| matches!(outcome, Outcome::NotAssessed { .. } | Outcome::Ignored { .. });
        analysis.assessments.iter().any(|rule| rule.code == code && !is_blind(&rule.outcome))
    };
    let is_aside = |id: &str| analysis.set_aside.iter().any(|aside| aside.why == Why::Accepted && aside.id == id);
    for (id, severity) in policy.accepted_of(&cluster).into_iter().flatten() {
        if !ran(id) || is_aside(id) {
            ids.entry(id.clone()).or_insert(*severity);
        }
    }
    let of = |severity: Severity| {
        let list: Vec<String> = ids.iter().filter(|(_, of)| **of == severity).map(|(id, _)| id.clone()).collect();
        (!list.is_empty()).then_some((severity, list))
    };
    Some(Acceptance {
        cluster,
        called: analysis.cluster.name.clone(),
        on: analysis.cluster.collected_at.map(|time| jiff::tz::Offset::UTC.to_datetime(time).date()),
        ids: Severity::ALL.into_iter().filter_map(of).collect(),
    })
}
