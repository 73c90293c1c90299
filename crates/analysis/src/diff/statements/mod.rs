//! Statements: new, gone, doing more work, slower, faster.
//!
//! The method and its error rates are measured: times of calls are neither independent nor normal, so the usual tests flag half of
//! all comparisons of an unchanged load. Work (pages and rows per call) is tested by its own noise, time by that of the host.

mod counts;
mod data;
mod evictions;
mod fingerprint;
mod growth;
mod host;
mod judge;
mod matching;
mod significance;
mod tables;
#[cfg(test)]
mod tests;
mod timing;
mod window;

use std::collections::BTreeSet;

pub use data::{
    Basis, ComparedStatement, LoneStatement, OneSided, RankedStatement, StatementChange, StatementFigures,
    StatementName, Statements, TimeMethod, TimeTest, Uncompared,
};
pub use matching::MatchedBy;
pub use significance::Test;

use self::matching::{Form, form, matched};
use self::tables::TablesOf;
use self::window::{Key, Recorded, Recording, key};
use super::sides::Sides;
use crate::facts::statements::Statements as Facts;
use crate::format::Confidence;

/// Below this share of the recorded time, statements of both windows say less about the whole.
const COVERED: f64 = 0.9;

/// Compares the statements.
pub(super) fn compare(sides: &Sides<'_>) -> Statements {
    let (before, after) = match (sides.before.facts.statements(), sides.after.facts.statements()) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(reason), _) => return Statements::none(format!("in the first snapshot: {}", reason.reason)),
        (_, Err(reason)) => return Statements::none(format!("in the second snapshot: {}", reason.reason)),
    };
    let recordings = (Recording::of(sides.before.snapshot, before), Recording::of(sides.after.snapshot, after));
    match recordings {
        (Some(first), Some(second)) => windows(sides, (&first, before), (&second, after)),
        (first, second) => {
            let reason = match (first.is_some(), second.is_some()) {
                (true, _) => "the second snapshot is not a delta",
                (_, true) => "the first snapshot is not a delta",
                _ => "the snapshots are not deltas",
            };
            growth::ranked(sides, before, after, reason)
        }
    }
}

/// Compares the windows of two deltas.
fn windows(sides: &Sides<'_>, before: (&Recording<'_>, &Facts), after: (&Recording<'_>, &Facts)) -> Statements {
    let ((before, all_before), (after, all_after)) = (before, after);
    let matched = matched(&before.recorded, &after.recorded, sides.has_same_query_ids(), sides.has_same_names());
    let (time_test, compared) = judge::compare(&matched.pairs, before, after, &TablesOf::new(sides));
    let mut found = Statements {
        basis: Basis::Windows { before_seconds: before.seconds, after_seconds: after.seconds },
        time_test,
        added: lone(&matched.only_after, after.seconds, &Known::of(before, all_before, sides)),
        removed: lone(&matched.only_before, before.seconds, &Known::of(after, all_after, sides)),
        uncompared: uncompared("before", before).into_iter().chain(uncompared("after", after)).collect(),
        covered: covered(&compared, before, after),
        evicted: evictions::between(sides),
        compared,
        ranked: Vec::new(),
    };
    if found.is_incomplete() {
        found.compared.iter_mut().for_each(|one| one.confidence = one.confidence.map(lower));
    }
    found
}

fn lower(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}

/// The smaller share of the recorded time that compared statements take in one of the windows.
fn covered(compared: &[ComparedStatement], before: &Recording<'_>, after: &Recording<'_>) -> Option<f64> {
    let share = |of: fn(&ComparedStatement) -> f64, whole: f64| {
        let own = compared.iter().filter(|one| one.name.is_top_level != Some(false)).map(of);
        // The sum of nothing is -0.
        let own = own.fold(0.0, std::ops::Add::add);
        Some((own / whole).min(1.0)).filter(|share| share.is_finite())
    };
    let before = share(|one| one.before.total_ms, before.whole_time())?;
    Some(share(|one| one.after.total_ms, after.whole_time())?.min(before))
}

fn uncompared(snapshot: &'static str, recording: &Recording<'_>) -> Vec<Uncompared> {
    let one = |(absence, count): (&pgdba_snapshot::since::Absence, &u64)| Uncompared {
        snapshot,
        reason: absence.to_string(),
        statements: *count,
    };
    recording.absences.iter().map(one).collect()
}

/// What a snapshot contains besides what ran in its window.
struct Known<'a> {
    keys: BTreeSet<Key<'a>>,
    /// Those that did not run in its window.
    idle: BTreeSet<Key<'a>>,
    forms: BTreeSet<Form>,
    is_cut: bool,
}

impl<'a> Known<'a> {
    fn of(recording: &'a Recording<'_>, all: &'a Facts, sides: &Sides<'_>) -> Self {
        let has_same_ids = sides.has_same_query_ids();
        let keys = all.all.iter().filter(|_| has_same_ids).filter_map(|statement| key(&statement.row)).collect();
        let idle = recording.recorded.iter().filter(|recorded| recorded.idle().is_some());
        let rows = i64::try_from(all.all.len()).unwrap_or(i64::MAX);
        Self {
            keys,
            idle: recording.recorded.iter().filter(|_| has_same_ids).filter_map(Recorded::idle).collect(),
            forms: idle.filter(|_| sides.has_same_names()).filter_map(form).collect(),
            is_cut: all.entries().is_some_and(|entries| entries > rows),
        }
    }

    fn reason(&self, recorded: &Recorded<'_>) -> OneSided {
        let is_among = |keys: &BTreeSet<Key<'_>>| key(&recorded.statement.row).is_some_and(|key| keys.contains(&key));
        if is_among(&self.idle) || form(recorded).is_some_and(|form| self.forms.contains(&form)) {
            OneSided::DidNotRun
        } else if is_among(&self.keys) {
            OneSided::Unknown
        } else if self.is_cut {
            OneSided::NotKept
        } else {
            OneSided::NotRecorded
        }
    }
}

fn lone(only: &[&Recorded<'_>], seconds: f64, other: &Known<'_>) -> Vec<LoneStatement> {
    let one = |recorded: &&Recorded<'_>| {
        Some(LoneStatement {
            name: judge::name(recorded.statement),
            reason: other.reason(recorded),
            figures: StatementFigures::of(&recorded.whole()?, seconds),
        })
    };
    let mut lone: Vec<LoneStatement> = only.iter().filter_map(one).collect();
    lone.sort_by(|a, b| b.figures.total_ms.total_cmp(&a.figures.total_ms).then_with(|| a.name.cmp(&b.name)));
    lone
}

impl Statements {
    /// Whether entries were evicted and much of the time is of statements that are not in both windows.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.evicted.is_some_and(|evicted| evicted > 0) && self.covered.is_none_or(|covered| covered < COVERED)
    }
}
