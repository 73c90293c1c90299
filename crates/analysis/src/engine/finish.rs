//! Turns a rule's draft into a finding.

use crate::engine::draft::Draft;
use crate::engine::rule::Rule;
use crate::facts::surroundings::Surroundings;
use crate::format::Finding;

/// The finding of `rule`: its subjects in order, and its statements sent to where they can run.
pub(super) fn finish(draft: Draft, rule: &Rule, surroundings: &Surroundings) -> Finding {
    let writes = draft.writes || draft.subjects.iter().any(|affected| affected.sql.is_some());
    let mut remedy = draft.remedy;
    if surroundings.is_standby && writes {
        remedy.text = format!("Run this on the primary. {}", remedy.text);
    }
    let mut subjects = draft.subjects;
    subjects.sort_by(|a, b| {
        let heavier = b.weight.compare(a.weight);
        b.severity.cmp(&a.severity).then(heavier).then_with(|| a.subject.cmp(&b.subject))
    });
    Finding {
        code: rule.code.to_owned(),
        name: rule.name.to_owned(),
        title: rule.title.to_owned(),
        area: rule.area,
        severity: subjects.iter().map(|affected| affected.severity).max().unwrap_or(rule.worst),
        confidence: draft.confidence,
        subjects,
        summary: draft.summary,
        rationale: draft.rationale,
        evidence: draft.evidence,
        details: draft.details,
        remedy,
        source: rule.source.to_owned(),
    }
}
