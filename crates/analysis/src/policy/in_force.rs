//! The part of a policy that applies to one snapshot.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Effect, Entry, Policy, RuleName};
use crate::format::{
    Affected, Assessment, Finding, Outcome, Overridden, PolicySummary, SetAside, Severity, Subject, Why,
};

/// A policy for one snapshot: its entries that have not expired, and the accepted findings of this cluster.
#[derive(Debug)]
pub struct InForce<'p> {
    pub(super) entries: Vec<&'p Entry>,
    pub(super) expired: Vec<&'p Entry>,
    pub(super) accepted: Option<&'p BTreeMap<String, Severity>>,
    /// Whether findings of any cluster were accepted.
    pub(super) has_accepted: bool,
    pub(super) is_identified: bool,
    pub(super) is_redacted: bool,
    pub(super) new_only: bool,
    file: Option<&'p str>,
}

/// What the policy decides about a subject.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is shown.
    Show {
        /// With this severity.
        severity: Severity,
        /// Why that is not the rule's.
        overridden: Option<Overridden>,
        /// Whether it was accepted before.
        accepted: bool,
    },
    /// It is counted and not shown.
    SetAside(Why),
}

impl<'p> InForce<'p> {
    /// The policy for a snapshot of the cluster `fingerprint`, collected on `day`. If the day is unknown, entries that expire
    /// have no effect: nothing is hidden by a guess.
    #[must_use]
    pub fn new(policy: &'p Policy, day: Option<Date>, fingerprint: Option<&str>, is_redacted: bool) -> Self {
        let holds = |entry: &&Entry| entry.until.is_none_or(|until| day.is_some_and(|day| day <= until));
        let (entries, expired) = policy.entries.iter().partition(holds);
        Self {
            entries,
            expired,
            accepted: fingerprint.and_then(|fingerprint| policy.accepted_of(fingerprint)),
            has_accepted: !policy.accepted.is_empty(),
            is_identified: fingerprint.is_some(),
            is_redacted,
            new_only: policy.new_only,
            file: policy.file.as_deref(),
        }
    }

    /// Whether it changes nothing, whatever is found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.accepted.is_none()
    }

    /// The entry that decides about every subject of `rule`, if there is one.
    fn of_whole_rule(&self, rule: RuleName<'_>) -> Option<&'p Entry> {
        let last = self.entries.iter().rev().find(|entry| entry.covers(rule))?;
        last.covers_every_subject().then_some(*last)
    }

    /// Why `rule` is skipped, if an entry silences all its subjects.
    #[must_use]
    pub fn skips(&self, rule: RuleName<'_>) -> Option<&'p str> {
        self.of_whole_rule(rule).filter(|entry| entry.effect == Effect::Silence).map(|entry| entry.reason.as_str())
    }

    /// The greatest severity that `rule`, which finds `worst` at most, can be shown with.
    #[must_use]
    pub fn worst(&self, rule: RuleName<'_>, worst: Severity) -> Severity {
        if let Some(entry) = self.of_whole_rule(rule) {
            return entry.effect.on(worst).unwrap_or(worst);
        }
        let covering = self.entries.iter().filter(|entry| entry.covers(rule));
        let raised = covering.filter(|entry| matches!(entry.effect, Effect::Raise(_)));
        raised.filter_map(|entry| entry.effect.on(worst)).max().unwrap_or(worst)
    }

    /// The decision about a subject of `rule` with the rule's `severity`. The last entry that matches decides.
    #[must_use]
    pub fn decide(&self, rule: RuleName<'_>, subject: &Subject, severity: Severity) -> Decision {
        let matching = |entry: &&&Entry| entry.covers(rule) && entry.matches(subject, self.is_redacted);
        let entry = self.entries.iter().rev().find(matching);
        let shown = entry.map_or(Some(severity), |entry| entry.effect.on(severity));
        match (entry, shown) {
            (Some(entry), None) => {
                Decision::SetAside(Why::Silenced { reason: entry.reason.clone(), until: entry.until, line: entry.line })
            }
            (_, shown) => {
                let shown = shown.unwrap_or(severity);
                let accepted = self.is_accepted(&subject.id_for(rule.code), shown);
                if accepted && self.new_only {
                    return Decision::SetAside(Why::Accepted);
                }
                let changed = entry.filter(|_| shown != severity);
                let overridden =
                    changed.map(|entry| Overridden { from: severity, reason: entry.reason.clone(), line: entry.line });
                Decision::Show { severity: shown, overridden, accepted }
            }
        }
    }

    /// A finding that was accepted as a notice and is a warning now is new.
    fn is_accepted(&self, id: &str, severity: Severity) -> bool {
        self.accepted.and_then(|accepted| accepted.get(id)).is_some_and(|up_to| severity <= *up_to)
    }

    /// What it did to everything that was found. Of an entry about a rule that did not run nothing is said.
    #[must_use]
    pub fn summary(&self, findings: &[Finding], set_aside: &[SetAside], assessments: &[Assessment]) -> PolicySummary {
        let subjects = || findings.iter().flat_map(|finding| &finding.subjects);
        let count = |is_counted: fn(&Affected) -> bool| subjects().filter(|subject| is_counted(subject)).count();
        let aside = |is_counted: fn(&Why) -> bool| set_aside.iter().filter(|aside| is_counted(&aside.why)).count();
        let skipped = assessments.iter().filter(|one| matches!(one.outcome, Outcome::Ignored { reason: Some(_) }));
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        PolicySummary {
            file: self.file.map(str::to_owned),
            skipped: number(skipped.count()),
            silenced: number(aside(|why| matches!(why, Why::Silenced { .. }))),
            accepted: number(count(|subject| subject.accepted) + aside(|why| *why == Why::Accepted)),
            overridden: number(count(|subject| subject.overridden.is_some())),
            notes: self.notes(findings, set_aside, assessments),
        }
    }
}
