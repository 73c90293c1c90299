//! Counters of each database.

use jiff::{SignedDuration, Timestamp};
use pgdba_snapshot::sections::pg_stat_archiver::PgStatArchiver;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::growth::{Growth, Sampled};
use super::sections::Reader;
use super::time::Window;
use crate::format::Checked;

/// Counters that begin together have nearly the same time.
const TOGETHER: SignedDuration = SignedDuration::from_secs(1);

/// The databases of a snapshot.
#[derive(Debug)]
pub struct Databases {
    /// Each with its counters and what they grew by; the one without a name counts the shared objects.
    pub all: Vec<(PgStatDatabase, Growth<PgStatDatabase>)>,
    /// The window, where the snapshot is a delta.
    pub sampled: Option<Sampled>,
    /// When the server began all of its statistics, after initdb or a crash, as far as that shows.
    begun: Option<Timestamp>,
}

/// Queries that replay canceled on a standby.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conflicts {
    /// How many.
    pub number: i64,
    /// How many a day; in the first day as many as there were.
    pub per_day: f64,
}

impl Databases {
    /// The queries that replay canceled since the counters were reset, or else since the server started at `start`; none if
    /// there were none.
    #[must_use]
    pub fn conflicts(&self, start: Option<Timestamp>, now: Timestamp) -> Option<Conflicts> {
        let rows = self.all.iter().map(|(row, _)| row).filter(|row| row.conflicts > Some(0));
        let conflicts = rows.fold(Conflicts { number: 0, per_day: 0.0 }, |sum, row| {
            let number = row.conflicts.unwrap_or(0);
            let window = Window::until(Some(now), row.stats_reset.or(start)).length;
            let days = window.map_or(1.0, |length| length.seconds() / 86_400.0).max(1.0);
            Conflicts { number: sum.number.saturating_add(number), per_day: sum.per_day + number as f64 / days }
        });
        (conflicts.number > 0).then_some(conflicts)
    }

    /// Sessions that are connected to any of them.
    #[must_use]
    pub fn sessions(&self) -> i64 {
        self.all.iter().filter_map(|(row, _)| row.numbackends).fold(0, i64::saturating_add)
    }

    /// What a counter has in all of them.
    pub fn sum(&self, counter: impl Fn(&PgStatDatabase) -> Option<i64>) -> i64 {
        self.all.iter().filter_map(|(row, _)| counter(row)).fold(0, i64::saturating_add)
    }

    /// The time since when all of them have been counting: since the last reset of one, or else since `start`.
    #[must_use]
    pub fn whole_window(&self, start: Option<Timestamp>, now: Timestamp) -> Window {
        let reset = self.all.iter().filter_map(|(row, _)| row.stats_reset).max();
        Window::until(Some(now), reset.or(start))
    }

    pub(super) fn new(reader: &Reader<'_>) -> Checked<Self> {
        let grown = reader.rows::<PgStatDatabase>()?.grown();
        Ok(Self { all: grown.rows, sampled: grown.sampled, begun: begun(reader) })
    }

    /// When the counters of a database were last reset. Before version 15 that is also when they began, as after a crash.
    #[must_use]
    pub fn reset(&self, datname: Option<&str>) -> Option<Timestamp> {
        self.named().find(|(row, _)| row.datname.as_deref() == datname)?.0.stats_reset
    }

    /// Since when a standby has counted the scans in a database: since their reset, since it began its statistics, or else
    /// since it started at `start`.
    #[must_use]
    pub fn scanned_since(&self, datname: Option<&str>, start: Option<Timestamp>) -> Option<Timestamp> {
        self.reset(datname).or(self.begun).or(start)
    }

    /// The databases themselves, without the counters of shared objects.
    pub fn named(&self) -> impl Iterator<Item = &(PgStatDatabase, Growth<PgStatDatabase>)> {
        self.all.iter().filter(|(row, _)| row.datname.is_some())
    }

    /// Transactions of all databases per second, on average; none if it is unknown over which time they were counted.
    #[must_use]
    pub fn transactions_per_second(&self, now: Option<Timestamp>) -> Option<f64> {
        let rates = self.named().filter_map(|(row, _)| {
            let transactions = row.xact_commit?.saturating_add(row.xact_rollback?);
            Some(self.window(row, now).per_hour(transactions)? / 3600.0)
        });
        rates.reduce(|sum, rate| sum + rate)
    }

    /// The time over which the counters of a database were counted. The server shows when they were reset; if they never were,
    /// they count since the server began its statistics, or since the database was created.
    #[must_use]
    pub fn window(&self, row: &PgStatDatabase, now: Option<Timestamp>) -> Window {
        Window::until(now, row.stats_reset.or(self.begun))
    }
}

/// The server begins the statistics of the background writer and of the archiver at once.
fn begun(reader: &Reader<'_>) -> Option<Timestamp> {
    let bgwriter = reader.rows::<PgStatBgwriter>().ok()?.rows.first()?.stats_reset?;
    let archiver = reader.rows::<PgStatArchiver>().ok()?.rows.first()?.stats_reset?;
    (bgwriter.duration_since(archiver).abs() <= TOGETHER).then_some(bgwriter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::example;
    use crate::facts::Facts;

    #[test]
    fn conflicts_are_counted_by_the_day_and_in_the_first_day_as_they_are() {
        let per_day = |reset: Option<&str>| {
            let row = json!({ "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": reset });
            let snapshot = example::snapshot(&json!({ "pg_stat_database": [row] }).to_string()).unwrap();
            let facts = Facts::of(&snapshot);
            let start = "2025-12-28T12:00:00Z".parse().unwrap();
            facts.databases().unwrap().conflicts(Some(start), facts.now().unwrap()).unwrap().per_day as i64
        };
        let resets = [Some("2026-01-01T11:00:00Z"), Some("2025-12-22T12:00:00Z"), None];
        assert_eq!(resets.map(per_day), [40, 4, 10]);
    }
}
