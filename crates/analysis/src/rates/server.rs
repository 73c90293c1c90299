//! Rates of the server as a whole: WAL, checkpoints, temporary files, pages, transactions.

use jiff::Timestamp;
use pgdba_pg::Bytes;
use pgdba_snapshot::Row;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_wal::PgStatWal;
use pgdba_snapshot::sections::pg_wal_position::PgWalPosition;
use schemars::JsonSchema;
use serde::Serialize;

use super::counted::{Counted, Source};
use super::rate::Rate;
use crate::format::Quantity;

/// The unit of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateUnit {
    /// Bytes per second.
    Bytes,
    /// A number per second.
    Count,
}

impl RateUnit {
    /// What happens less often per second is shown by the hour.
    pub(crate) const RARE: f64 = 0.1;

    /// A rate, as displayed.
    #[must_use]
    pub fn quantity(self, per_second: f64) -> Quantity {
        match self {
            Self::Bytes if per_second > 0.0 && per_second < 1.0 => {
                let per_hour = Bytes((per_second * 3600.0).round() as i64);
                Quantity::Text(format!("{}/h", Quantity::from(per_hour).display()))
            }
            Self::Bytes => Quantity::from(Bytes(per_second as i64)),
            Self::Count if per_second > 0.0 && per_second < Self::RARE => {
                Quantity::Text(format!("{}/h", Quantity::Number(per_second * 3600.0).display()))
            }
            Self::Count => Quantity::PerSecond(per_second),
        }
    }

    /// The label of a rate: a number of bytes does not show that it is per second.
    #[must_use]
    pub fn label(self, label: &str) -> String {
        match self {
            Self::Bytes => format!("{label}, per second"),
            Self::Count => label.to_owned(),
        }
    }
}

/// A rate of the server as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ServerRate {
    /// The stable word for it, such as `wal_bytes`.
    pub key: &'static str,
    /// What it is, in words.
    pub label: &'static str,
    /// Its unit.
    pub unit: RateUnit,
    /// The rate.
    #[serde(flatten)]
    pub rate: Rate,
}

/// All rates of a server, always in the same order.
pub(crate) fn server(source: &Source<'_>) -> Vec<ServerRate> {
    std::iter::once(wal(source)).chain(checkpoints(source)).chain(databases(source)).collect()
}

fn float(count: Option<i64>) -> Option<f64> {
    count.map(|count| count as f64)
}

/// From the positions; the counters of version 14 serve if there is one sample only, not if the position fell.
fn wal(source: &Source<'_>) -> ServerRate {
    let positions: Counted<PgWalPosition> = source.counted();
    let own = positions.rate(|row| row.insert_lsn.map(|lsn| lsn.0 as f64), |_| None);
    let counted = || rate(source, |row: &PgStatWal| float(row.wal_bytes), |row| row.stats_reset);
    let rate = if positions.fell() { own } else { first_known(own, counted) };
    ServerRate { key: "wal_bytes", label: "WAL", unit: RateUnit::Bytes, rate }
}

fn rate<R: Row>(
    source: &Source<'_>,
    counter: impl Fn(&R) -> Option<f64>,
    reset: impl Fn(&R) -> Option<Timestamp>,
) -> Rate {
    source.counted().rate(counter, reset)
}

/// The rate itself, unless only the other is known.
fn first_known(own: Rate, other: impl FnOnce() -> Rate) -> Rate {
    if own.per_second().is_some() {
        return own;
    }
    let other = other();
    if other.per_second().is_some() { other } else { own }
}

/// Up to version 16 the background writer's view has them.
fn checkpoints(source: &Source<'_>) -> [ServerRate; 3] {
    let rates = |key,
                 label,
                 own: fn(&PgStatCheckpointer) -> Option<i64>,
                 former: fn(&PgStatBgwriter) -> Option<i64>| {
        let former = || rate(source, |row: &PgStatBgwriter| float(former(row)), |row| row.stats_reset);
        let own = rate(source, |row: &PgStatCheckpointer| float(own(row)), |row| row.stats_reset);
        ServerRate { key, label, unit: RateUnit::Count, rate: if own.per_second().is_some() { own } else { former() } }
    };
    [
        rates("checkpoints_timed", "timed checkpoints", |row| row.num_timed, |row| row.checkpoints_timed),
        rates("checkpoints_requested", "requested checkpoints", |row| row.num_requested, |row| row.checkpoints_req),
        rates(
            "checkpoint_pages",
            "pages written by checkpoints",
            |row| row.buffers_written,
            |row| row.buffers_checkpoint,
        ),
    ]
}

/// What a database counts.
type OfDatabase = (&'static str, &'static str, RateUnit, fn(&PgStatDatabase) -> Option<i64>);

/// What is summed over all databases.
pub(crate) const OF_DATABASES: [OfDatabase; 11] = [
    ("commits", "commits", RateUnit::Count, |row| row.xact_commit),
    ("rollbacks", "rollbacks", RateUnit::Count, |row| row.xact_rollback),
    ("deadlocks", "deadlocks", RateUnit::Count, |row| row.deadlocks),
    ("checksum_failures", "checksum failures", RateUnit::Count, |row| row.checksum_failures.or(Some(0))),
    ("temp_files", "temporary files", RateUnit::Count, |row| row.temp_files),
    ("temp_bytes", "temporary file data", RateUnit::Bytes, |row| row.temp_bytes),
    ("pages_read", "pages read", RateUnit::Count, |row| row.blks_read),
    ("pages_hit", "shared buffer hits", RateUnit::Count, |row| row.blks_hit),
    ("rows_inserted", "rows inserted", RateUnit::Count, |row| row.tup_inserted),
    ("rows_updated", "rows updated", RateUnit::Count, |row| row.tup_updated),
    ("rows_deleted", "rows deleted", RateUnit::Count, |row| row.tup_deleted),
];

fn databases(source: &Source<'_>) -> impl Iterator<Item = ServerRate> {
    let counted: Counted<PgStatDatabase> = source.counted();
    let databases = source.facts.databases().ok();
    OF_DATABASES.into_iter().map(move |(key, label, unit, counter)| {
        let reset = |row: &PgStatDatabase| databases.and_then(|all| all.window(row, None).since);
        ServerRate { key, label, unit, rate: counted.rate(|row| float(counter(row)), reset) }
    })
}
