//! Findings that appeared, stayed, went, got worse or better.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::sides::{Side, Sides};
use crate::format::{Affected, Analysis, Confidence, Finding, Severity};
use crate::{Options, analyze};

/// What became of a subject of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingChange {
    /// Its severity rose.
    Worse,
    /// It is new.
    Appeared,
    /// It is new, but the first snapshot could not be checked for it.
    NewlyChecked,
    /// Its severity fell.
    Better,
    /// It is gone.
    Went,
    /// The second snapshot could not be checked for it.
    NoLongerChecked,
    /// It is still there.
    Stayed,
}

/// A subject of a finding in both snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FindingDiff {
    /// The stable id of rule and subject, such as `PGD502 table shop.public.orders`.
    pub id: String,
    /// The rule's code.
    pub code: String,
    /// The rule's name.
    pub name: String,
    /// The problem, as a sentence.
    pub title: String,
    /// The subject, as displayed; empty for the cluster.
    pub subject: String,
    /// What became of it.
    pub change: FindingChange,
    /// Its severity in the first snapshot.
    pub before: Option<Severity>,
    /// Its severity in the second snapshot.
    pub after: Option<Severity>,
    /// How certain it is.
    pub confidence: Confidence,
    /// Why it was not checked, if so.
    pub reason: Option<String>,
}

impl FindingDiff {
    /// Whether it is a reason to fail: a warning or worse that appeared, or became one.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        let is_grave = self.after >= Some(Severity::Warning);
        is_grave && matches!(self.change, FindingChange::Appeared | FindingChange::Worse)
    }
}

/// The comparison of findings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Findings {
    /// Why they could not be compared by subject.
    pub missing: Option<String>,
    /// The subjects, those that became worse first.
    pub subjects: Vec<FindingDiff>,
}

impl Findings {
    /// How many there are of a change.
    #[must_use]
    pub fn count(&self, change: FindingChange) -> usize {
        self.subjects.iter().filter(|subject| subject.change == change).count()
    }
}

/// Compares the findings.
pub(super) fn diff(sides: &Sides<'_>) -> Findings {
    if !sides.has_same_names() {
        let reason = "the snapshots are not redacted with the same key";
        return Findings { missing: Some(reason.to_owned()), subjects: Vec::new() };
    }
    let analysis = |side: &Side<'_>| analyze(side.snapshot, &Options::default());
    let (before, after) = (analysis(&sides.before), analysis(&sides.after));
    let (then, now) = (subjects(&before), subjects(&after));
    let ids: BTreeSet<&str> = then.keys().chain(now.keys()).copied().collect();
    let pair = Pair { before: &before, after: &after };
    let mut subjects: Vec<FindingDiff> =
        ids.into_iter().filter_map(|id| pair.diff(then.get(id).copied(), now.get(id).copied())).collect();
    let grave = |one: &FindingDiff| std::cmp::Reverse(one.after.max(one.before));
    subjects.sort_by(|a, b| (a.change, grave(a), &a.id).cmp(&(b.change, grave(b), &b.id)));
    Findings { missing: None, subjects }
}

type Found<'a> = (&'a Finding, &'a Affected);

fn subjects(analysis: &Analysis) -> BTreeMap<&str, Found<'_>> {
    let all = analysis.findings.iter();
    all.flat_map(|finding| finding.subjects.iter().map(move |affected| (affected.id.as_str(), (finding, affected))))
        .collect()
}

struct Pair<'a> {
    before: &'a Analysis,
    after: &'a Analysis,
}

impl Pair<'_> {
    fn diff(&self, before: Option<Found<'_>>, after: Option<Found<'_>>) -> Option<FindingDiff> {
        let (finding, affected) = after.or(before)?;
        let severity = |found: Option<Found<'_>>| found.map(|(_, affected)| affected.severity);
        let (then, now) = (severity(before), severity(after));
        let other = if after.is_none() { self.after } else { self.before };
        let reason = then.zip(now).is_none().then(|| unchecked(other, &finding.code)).flatten();
        let change = match (then, now) {
            (Some(then), Some(now)) if now > then => FindingChange::Worse,
            (Some(then), Some(now)) if now < then => FindingChange::Better,
            (Some(_), Some(_)) => FindingChange::Stayed,
            (None, _) if reason.is_some() => FindingChange::NewlyChecked,
            (None, _) => FindingChange::Appeared,
            (_, None) if reason.is_some() => FindingChange::NoLongerChecked,
            (_, None) => FindingChange::Went,
        };
        Some(FindingDiff {
            id: affected.id.clone(),
            code: finding.code.clone(),
            name: finding.name.clone(),
            title: finding.title.clone(),
            subject: affected.label.clone(),
            change,
            before: then,
            after: now,
            confidence: finding.confidence,
            reason,
        })
    }
}

/// Why a rule did not check everything in a snapshot, if so.
fn unchecked(analysis: &Analysis, code: &str) -> Option<String> {
    let rule = analysis.assessments.iter().find(|rule| rule.code == code)?;
    rule.blind_spot().map(str::to_owned)
}
