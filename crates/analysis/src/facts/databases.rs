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

impl Databases {
    pub(super) fn new(reader: &Reader<'_>) -> Checked<Self> {
        let grown = reader.rows::<PgStatDatabase>()?.grown();
        Ok(Self { all: grown.rows, sampled: grown.sampled, begun: begun(reader) })
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
