//! Notes about entries that have no effect, and about accepted findings that are not recognized.

use std::collections::BTreeMap;

use pgdba_pg::display::count;

use super::{Effect, Entry, InForce, RuleName};
use crate::format::{Area, Assessment, Finding, Outcome, SetAside, Severity, Subject};

/// The number of entries that one note names; the others are counted.
const NAMED: usize = 5;

/// What became of an entry, for all subjects together: the best of what became of it for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// It matches no subject.
    Idle,
    /// It matches, but a later entry matches too.
    Overruled,
    /// It decides, but the rule's severity is already as low or as high.
    Unchanged,
    /// It changes something.
    Effective,
}

const IDLE: &str = "no effect: it matches no finding";
const OVERRULED: &str = "no effect: a later entry decides";
const THIS_LOW: &str = "no effect: the severity is already this low";
const THIS_HIGH: &str = "no effect: the severity is already this high";

impl Fate {
    /// Why an entry with `effect` has none.
    fn words(self, effect: Effect) -> Option<&'static str> {
        match (self, effect) {
            (Self::Idle, _) => Some(IDLE),
            (Self::Overruled, _) => Some(OVERRULED),
            (Self::Unchanged, Effect::Raise(_)) => Some(THIS_HIGH),
            (Self::Unchanged, Effect::Lower(_) | Effect::Silence) => Some(THIS_LOW),
            (Self::Effective, _) => None,
        }
    }
}

/// A subject as the rule found it.
struct Found<'a> {
    rule: RuleName<'a>,
    subject: &'a Subject,
    severity: Severity,
}

impl InForce<'_> {
    pub(super) fn notes(
        &self,
        findings: &[Finding],
        set_aside: &[SetAside],
        assessments: &[Assessment],
    ) -> Vec<String> {
        let could_not_run = blind(assessments);
        let needs_key = |entry: &Entry| self.is_redacted && entry.needs_names();
        let nameless: Vec<&Entry> = self.entries.iter().copied().filter(|entry| needs_key(entry)).collect();
        let fates = self.fates(&found(findings, set_aside, assessments));
        let judged =
            self.entries.iter().copied().zip(fates).filter(|(entry, _)| !needs_key(entry) && !could_not_run(entry));
        let mut without_effect: [(&str, Vec<&Entry>); 4] =
            [IDLE, OVERRULED, THIS_LOW, THIS_HIGH].map(|words| (words, Vec::new()));
        for (entry, fate) in judged {
            let words = fate.words(entry.effect);
            let group = without_effect.iter_mut().find(|(group, _)| words == Some(*group));
            group.into_iter().for_each(|(_, entries)| entries.push(entry));
        }
        let without_effect = without_effect.iter().map(|(words, entries)| note(entries, words));
        [
            note(&self.expired, "expired, so it has no effect; remove it or set a later date in until"),
            note(&nameless, "names are redacted, so patterns do not match names of objects; use --key"),
        ]
        .into_iter()
        .chain(without_effect)
        .flatten()
        .chain(self.about_accepted().map(str::to_owned))
        .collect()
    }

    /// The fate of each entry.
    fn fates(&self, subjects: &[Found<'_>]) -> Vec<Fate> {
        let mut fates = vec![Fate::Idle; self.entries.len()];
        for found in subjects {
            let mut is_decided = false;
            for (entry, fate) in self.entries.iter().zip(&mut fates).rev() {
                // Whether an earlier entry matches matters only until one subject shows it.
                let is_settled = is_decided && *fate >= Fate::Overruled;
                if is_settled || !entry.covers(found.rule) || !entry.matches(found.subject, self.is_redacted) {
                    continue;
                }
                let here = match entry.effect.on(found.severity) {
                    _ if is_decided => Fate::Overruled,
                    Some(severity) if severity == found.severity => Fate::Unchanged,
                    _ => Fate::Effective,
                };
                *fate = here.max(*fate);
                is_decided = true;
            }
        }
        fates
    }

    /// Why accepted findings are not recognized.
    fn about_accepted(&self) -> Option<&'static str> {
        if self.is_redacted && (self.has_accepted || self.new_only) {
            return Some("policy: names are redacted, so accepted findings are not recognized; use --key");
        }
        if !self.new_only || self.accepted.is_some() {
            return None;
        }
        Some(if self.is_identified {
            "--new-only shows every finding: no findings of this cluster are accepted yet; use --accept FILE first"
        } else {
            "--new-only shows every finding: the snapshot does not identify its cluster"
        })
    }
}

/// Everything that was found, with the rule's own severity.
fn found<'a>(findings: &'a [Finding], set_aside: &'a [SetAside], assessments: &'a [Assessment]) -> Vec<Found<'a>> {
    let areas: BTreeMap<&str, Area> = assessments.iter().map(|one| (one.code.as_str(), one.area)).collect();
    let shown = findings.iter().flat_map(|finding| {
        let rule = RuleName { code: &finding.code, name: &finding.name, area: finding.area };
        finding.subjects.iter().map(move |affected| Found {
            rule,
            subject: &affected.subject,
            severity: affected.overridden.as_ref().map_or(affected.severity, |overridden| overridden.from),
        })
    });
    let aside = set_aside.iter().filter_map(|aside| {
        let area = *areas.get(aside.code.as_str())?;
        let rule = RuleName { code: &aside.code, name: &aside.name, area };
        Some(Found { rule, subject: &aside.subject, severity: aside.severity })
    });
    shown.chain(aside).collect()
}

/// Whether an entry is about a rule that did not run.
fn blind(assessments: &[Assessment]) -> impl Fn(&Entry) -> bool {
    let did_not_run = |one: &&Assessment| matches!(one.outcome, Outcome::NotAssessed { .. } | Outcome::Ignored { .. });
    let blind: Vec<RuleName<'_>> = assessments
        .iter()
        .filter(did_not_run)
        .map(|one| RuleName { code: &one.code, name: &one.name, area: one.area })
        .collect();
    move |entry| blind.iter().any(|rule| entry.covers(*rule))
}

/// `policy, line 1 (silence), line 4 (lower) and 12 more entries: …`.
fn note(entries: &[&Entry], words: &str) -> Option<String> {
    let places: Vec<String> = entries.iter().take(NAMED).map(|entry| entry.place()).collect();
    let more = match entries.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => " and 1 more entry".to_owned(),
        more => format!(" and {} more entries", count(i64::try_from(more).unwrap_or(i64::MAX))),
    };
    (!places.is_empty()).then(|| format!("policy, {}{more}: {words}", places.join(", ")))
}
