//! What a cumulative section's counters grew by between two samples: of a delta, or of two snapshots of one cluster.
//!
//! Every row of the later sample has either a [`Change`] or an [`Absence`] that says why there is none. A growth is never
//! guessed: where a counter may have been reset in between, there is an absence.

mod absence;
mod matched;
mod resets;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use self::absence::Absence;
use self::matched::Matched;
pub use self::resets::Resets;
use crate::counter::{Amount, KeyPart, Unmatched};
use crate::document::DiagSnapshot;
use crate::row::Row;
use crate::rows::{Sample, Section};
use crate::spec::Scope;

/// What the rows of a section grew by between two samples.
#[derive(Debug, Clone)]
pub struct Since<R> {
    /// The time between the samples in seconds, always above zero.
    pub seconds: f64,
    /// For each row of the later sample, in its order, what it grew by.
    pub changes: Vec<Result<Change<R>, Absence>>,
    /// The rows of the earlier sample that are not in the later one, with their counters as they were then.
    pub gone: Vec<R>,
}

/// What one row grew by.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<R> {
    /// The row with each counter replaced by its growth; everything else is as it is in the later sample. A counter that
    /// one of the samples lacks is none.
    pub growth: R,
    /// The time it took to grow, in seconds, always above zero.
    pub seconds: f64,
}

impl<R> Change<R> {
    /// What `counter` grew by in each second; none where a sample lacks it.
    pub fn per_second<T: Amount>(&self, counter: impl FnOnce(&R) -> Option<T>) -> Option<f64> {
        Some(counter(&self.growth)?.to_f64() / self.seconds)
    }
}

impl<R> Since<R> {
    /// How many rows have no change, by reason. Those that are gone are counted too.
    #[must_use]
    pub fn absences(&self) -> BTreeMap<Absence, u64> {
        let missing = self.changes.iter().filter_map(|change| change.as_ref().err().copied());
        let gone = self.gone.iter().map(|_| Absence::Gone);
        missing.chain(gone).fold(BTreeMap::new(), |mut counts, absence| {
            *counts.entry(absence).or_default() += 1;
            counts
        })
    }
}

impl DiagSnapshot {
    /// What the section of `R` grew by in the window of a delta, row by row; none where the snapshot is not a delta or the
    /// section has no sample of its beginning. The changes are in the order of the section's rows.
    #[must_use]
    pub fn since<R: Row>(&self) -> Option<Since<R>> {
        self.section::<R>().since(&Resets::in_window(self))
    }

    /// What the section of `R` grew by since `earlier`, a snapshot of the same cluster; none where one of them lacks the
    /// section or does not say when it was collected.
    #[must_use]
    pub fn since_snapshot<R: Row>(&self, earlier: &Self) -> Option<Since<R>> {
        let section = earlier.section::<R>();
        if !section.is_available() {
            return None;
        }
        let sample = Sample { collected_at: section.collected_at, rows: section.rows };
        self.section::<R>().since_sample(&sample, &Resets::between(earlier, self))
    }
}

impl<R: Row> Section<R> {
    /// What the rows grew by in the window of a delta; none where there is no earlier sample. `resets` are those of the
    /// same snapshot, see [`Resets::in_window`].
    #[must_use]
    pub fn since(&self, resets: &Resets) -> Option<Since<R>> {
        self.since_sample(self.earlier.as_ref()?, resets)
    }

    /// What the rows grew by since `earlier`, any sample of the same section; none where the samples do not say when they
    /// were taken, or not one after the other.
    #[must_use]
    pub fn since_sample(&self, earlier: &Sample<R>, resets: &Resets) -> Option<Since<R>> {
        let begun = earlier.collected_at?;
        let seconds = seconds(begun, self.collected_at?)?;
        if !self.is_available() || !R::SPEC.is_cumulative() {
            return None;
        }
        let matched = Matched::new(&self.rows, earlier);
        let change = |row| {
            let before = matched.earlier(row)?;
            match resets.absence(R::SPEC, datname(row), begun) {
                Some(absence) => Err(absence),
                None => row.growth(before).map(|growth| Change { growth, seconds }).map_err(Absence::from),
            }
        };
        let changes = self.rows.iter().map(change).collect();
        let unread: BTreeSet<&str> = self.partial.iter().map(|partial| partial.datname.as_str()).collect();
        // Of a sample that holds only part of the rows, what is missing may still be there.
        let gone = if self.is_cut() { Vec::new() } else { matched.gone(&unread) };
        Some(Since { seconds, changes, gone })
    }
}

/// The time from `earlier` to `later` in seconds, if any has passed.
fn seconds(earlier: Timestamp, later: Timestamp) -> Option<f64> {
    Some(later.duration_since(earlier).as_secs_f64()).filter(|seconds| *seconds > 0.0)
}

/// The database of a row of a database's section.
fn datname<R: Row>(row: &R) -> Option<&str> {
    match row.key().first() {
        Some(KeyPart::Text(datname)) if R::SPEC.scope == Scope::Database => Some(datname),
        _ => None,
    }
}

impl From<Unmatched> for Absence {
    fn from(reason: Unmatched) -> Self {
        match reason {
            Unmatched::Reset => Self::Reset,
            Unmatched::Fell(counter) => Self::Fell(counter),
        }
    }
}
