//! The rows of a section with what their counters grew by, over the best time that is known.

use jiff::Timestamp;
use pgdba_snapshot::since::{Absence, Change, Since};
use pgdba_snapshot::{DiagSnapshot, Row};

use super::rate::{Period, Rate, SHORTEST};
use crate::Facts;
use crate::facts::time::age;

/// The rows of a section with what they grew by, over the best time that is known.
pub(crate) struct Counted<R> {
    rows: Vec<R>,
    since: Option<(Period, Since<R>)>,
    /// When the rows were read, by the server's clock.
    now: Option<Timestamp>,
    /// Why there are no rows.
    missing: Option<String>,
}

/// Over what the counters of a snapshot are counted.
#[derive(Clone, Copy)]
enum Basis<'a> {
    /// The window of the delta, or else the time since a reset.
    Own,
    /// The window of the delta, or else the time since an earlier snapshot, or since a reset.
    OwnOrSince(&'a DiagSnapshot),
    /// The time since an earlier snapshot only.
    Since(&'a DiagSnapshot),
}

/// A snapshot, and over what its counters are counted.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    snapshot: &'a DiagSnapshot,
    pub(crate) facts: &'a Facts<'a>,
    basis: Basis<'a>,
}

impl<'a> Source<'a> {
    /// The snapshot alone: the window of the delta, or else the time since a reset.
    pub(crate) fn own(snapshot: &'a DiagSnapshot, facts: &'a Facts<'a>) -> Self {
        Self { snapshot, facts, basis: Basis::Own }
    }

    /// The same, but the time since `earlier` before that since a reset, where its counters continue those of `earlier`.
    pub(crate) fn own_or_since(self, earlier: Option<&'a DiagSnapshot>) -> Self {
        Self { basis: earlier.map_or(Basis::Own, Basis::OwnOrSince), ..self }
    }

    /// The time since `earlier`, whose counters it continues, and no other.
    pub(crate) fn since(self, earlier: &'a DiagSnapshot) -> Self {
        Self { basis: Basis::Since(earlier), ..self }
    }

    /// The rows of a section with what they grew by.
    pub(crate) fn counted<R: Row>(&self) -> Counted<R> {
        let own = || self.snapshot.since().map(|since| (Period::Delta, since));
        let between = |earlier: &DiagSnapshot| {
            let since: Since<R> = self.snapshot.since_snapshot(earlier)?;
            (since.seconds >= SHORTEST).then_some((Period::Between, since))
        };
        let (since, is_only) = match self.basis {
            Basis::Own => (own(), false),
            Basis::OwnOrSince(earlier) => (own().or_else(|| between(earlier)), false),
            Basis::Since(earlier) => (between(earlier), true),
        };
        let section = self.snapshot.section::<R>();
        let name = R::SPEC.name;
        let missing = if section.rows.is_empty() {
            Some(format!("{name} is not in the snapshot"))
        } else if is_only && since.is_none() {
            Some(format!("{name} is not in the earlier snapshot, or that is less than {SHORTEST} s older"))
        } else {
            None
        };
        Counted { rows: section.rows, since, now: self.facts.now().ok(), missing }
    }
}

impl<R: Row> Counted<R> {
    /// The sum of a counter, over all rows.
    pub(crate) fn total(&self, counter: impl Fn(&R) -> Option<f64>) -> Option<f64> {
        self.rows.iter().filter_map(counter).reduce(|sum, count| sum + count)
    }

    /// The rate of a counter of each row that `is_wanted`; `reset` says since when a row counts, if it says so.
    pub(crate) fn rates<'r>(
        &'r self,
        counter: impl Fn(&R) -> Option<f64> + 'r,
        reset: impl Fn(&R) -> Option<Timestamp> + 'r,
    ) -> impl Iterator<Item = (&'r R, Rate)> {
        self.rows.iter().enumerate().map(move |(at, row)| {
            let rate = match self.since.as_ref().map(|(period, since)| (*period, since.seconds, since.changes.get(at)))
            {
                Some((period, seconds, Some(Err(Absence::New)))) if seconds > 0.0 => {
                    known(counter(row), period, seconds)
                }
                Some((period, _, Some(Ok(change)))) => known_of(change, period, &counter),
                Some((_, _, Some(Err(absence)))) => Rate::unknown(absence.to_string()),
                Some((_, _, None)) | None => self.since_reset(row, &counter, reset(row)),
            };
            (row, rate)
        })
    }

    /// The sum of the rates of a counter.
    pub(crate) fn rate(&self, counter: impl Fn(&R) -> Option<f64>, reset: impl Fn(&R) -> Option<Timestamp>) -> Rate {
        match &self.missing {
            Some(reason) => Rate::unknown(reason.clone()),
            None => Rate::sum(self.rates(counter, reset).map(|(_, rate)| rate)),
        }
    }

    /// Whether a counter is lower than in the earlier sample.
    pub(crate) fn fell(&self) -> bool {
        let changes = self.since.iter().flat_map(|(_, since)| &since.changes);
        changes.into_iter().any(|change| matches!(change, Err(Absence::Fell(_))))
    }

    fn since_reset(&self, row: &R, counter: impl Fn(&R) -> Option<f64>, reset: Option<Timestamp>) -> Rate {
        let Some(seconds) = self.now.zip(reset).and_then(|(now, then)| age(now, then)) else {
            return Rate::unknown("the snapshot is not a delta, and it is unknown since when the counter counts");
        };
        if seconds.seconds() < SHORTEST {
            return Rate::unknown(format!(
                "the snapshot is not a delta, and its counters were reset less than {SHORTEST} s before"
            ));
        }
        known(counter(row), Period::SinceReset, seconds.seconds())
    }
}

fn known_of<R>(change: &Change<R>, period: Period, counter: impl Fn(&R) -> Option<f64>) -> Rate {
    known(counter(&change.growth), period, change.seconds)
}

fn known(amount: Option<f64>, period: Period, seconds: f64) -> Rate {
    match amount.map(|amount| amount / seconds).filter(|rate| rate.is_finite() && *rate >= 0.0) {
        Some(per_second) => Rate::Known { per_second, period, seconds },
        None => Rate::unknown("this version does not count it"),
    }
}
