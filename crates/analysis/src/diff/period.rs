//! Rates of counters, each over a time of its own.

use jiff::Timestamp;
use pgdba_snapshot::Row;
use pgdba_snapshot::since::{Absence, Change, Since};
use schemars::JsonSchema;
use serde::Serialize;

use super::sides::{Side, Sides};
use crate::facts::time::age;

/// Seconds from which what happened between two snapshots, or since a reset, is a rate: the collection itself is part of less.
const SHORTEST: f64 = 60.0;

/// Over which time a rate was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The window of the delta.
    Delta,
    /// From the first snapshot to the second.
    Between,
    /// Since the counter was reset.
    SinceReset,
}

/// A rate, or why it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Rate {
    /// It is known.
    Known {
        /// How much per second.
        per_second: f64,
        /// Over which time.
        period: Period,
        /// The length of that time in seconds.
        seconds: f64,
    },
    /// It is not known.
    Unknown {
        /// Why not.
        absence: String,
    },
}

impl Rate {
    /// For this reason, it is not known.
    pub(super) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { absence: reason.into() }
    }

    /// How much per second, if it is known.
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        match self {
            Self::Known { per_second, .. } => Some(*per_second),
            Self::Unknown { .. } => None,
        }
    }

    /// Why it is not known, if so.
    #[must_use]
    pub fn absence(&self) -> Option<&str> {
        match self {
            Self::Unknown { absence } => Some(absence),
            Self::Known { .. } => None,
        }
    }

    /// Over which time and how many seconds, if it is known.
    #[must_use]
    pub fn period(&self) -> Option<(Period, f64)> {
        match self {
            Self::Known { period, seconds, .. } => Some((*period, *seconds)),
            Self::Unknown { .. } => None,
        }
    }

    /// The sum of rates; unknown if one of them is, with the first reason, or if there are none.
    pub(super) fn sum(rates: impl IntoIterator<Item = Self>) -> Self {
        let plus = |sum: Self, rate: Self| match (sum, rate) {
            (
                Self::Known { per_second, period, seconds },
                Self::Known { per_second: more, period: other, seconds: longer },
            ) => Self::Known { per_second: per_second + more, period: period.max(other), seconds: seconds.max(longer) },
            (unknown @ Self::Unknown { .. }, _) | (_, unknown) => unknown,
        };
        rates.into_iter().reduce(plus).unwrap_or_else(|| Self::unknown("not in the snapshot"))
    }
}

/// The rows of a section with what they grew by, over the best time that is known.
pub(super) struct Grown<R> {
    rows: Vec<R>,
    since: Option<(Period, Since<R>)>,
    /// When the rows were read, by the server's clock.
    now: Option<Timestamp>,
    /// Why there are no rows.
    missing: Option<String>,
}

impl<R: Row> Grown<R> {
    /// The first snapshot's: its own window, if it is a delta.
    pub(super) fn before(sides: &Sides<'_>) -> Self {
        Self::of(&sides.before, sides.before.snapshot.since().map(|since| (Period::Delta, since)))
    }

    /// The second snapshot's: its own window, or else the time since the first.
    pub(super) fn after(sides: &Sides<'_>) -> Self {
        let own = sides.after.snapshot.since().map(|since| (Period::Delta, since));
        let between = || {
            let since: Since<R> = sides.after.snapshot.since_snapshot(sides.before.snapshot)?;
            (sides.has_same_counters() && since.seconds >= SHORTEST).then_some((Period::Between, since))
        };
        Self::of(&sides.after, own.or_else(between))
    }

    fn of(side: &Side<'_>, since: Option<(Period, Since<R>)>) -> Self {
        let section = side.snapshot.section::<R>();
        let missing = section.rows.is_empty().then(|| format!("{} is not in the snapshot", R::SPEC.name));
        Self { rows: section.rows, since, now: side.facts.now().ok(), missing }
    }

    /// The sum of a counter, over all rows.
    pub(super) fn total(&self, counter: impl Fn(&R) -> Option<f64>) -> Option<f64> {
        self.rows.iter().filter_map(counter).reduce(|sum, count| sum + count)
    }

    /// The rate of a counter of each row that `is_wanted`; `reset` says since when a row counts, if it says so.
    pub(super) fn rates<'r>(
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
    pub(super) fn rate(&self, counter: impl Fn(&R) -> Option<f64>, reset: impl Fn(&R) -> Option<Timestamp>) -> Rate {
        match &self.missing {
            Some(reason) => Rate::unknown(reason.clone()),
            None => Rate::sum(self.rates(counter, reset).map(|(_, rate)| rate)),
        }
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
