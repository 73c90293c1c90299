//! Pages, WAL and files that the server reads and writes.

use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;
use pgdba_snapshot::sections::pg_stat_io::PgStatIo;
use pgdba_snapshot::sections::pg_stat_slru::PgStatSlru;
use pgdba_snapshot::sections::pg_stat_wal::PgStatWal;
use schemars::JsonSchema;
use serde::Serialize;

use super::section::{CountedSince, Derived, Reading, among, named};
use crate::facts::{Fact, declared, io};
use crate::format::Checked;
use crate::rates::{Counted, Rate, ServerRate, server};

/// The facts it reads.
pub(super) static READS: &[&Fact] = &[
    &declared::writes,
    &declared::slrus,
    &declared::hardware,
    &declared::checkpoints,
    &declared::wal,
    &declared::databases,
];

/// The rates it contains.
const RATES: [&str; 8] = [
    "wal_bytes",
    "checkpoints_timed",
    "checkpoints_requested",
    "checkpoint_pages",
    "pages_read",
    "pages_hit",
    "temp_files",
    "temp_bytes",
];

/// What the server reads and writes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Io {
    /// Rates of the server as a whole.
    pub rates: Vec<ServerRate>,
    /// The share of pages that were found in shared buffers, 0 to 1; none if no page was read or that is unknown.
    pub cache_hit: Option<f64>,
    /// The share of pages that sessions wrote themselves, 0 to 1, since the reset; none if none was written.
    pub written_by_sessions: Option<f64>,
    /// I/O of each kind of process (16).
    pub processes: Vec<ProcessIo>,
    /// SLRU caches (13).
    pub slrus: Vec<Slru>,
}

/// The I/O of a kind of process.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProcessIo {
    /// `client backend`, `checkpointer` and others.
    pub backend_type: String,
    /// `relation`, `temp relation` or `wal`.
    pub object: String,
    /// `normal`, `vacuum`, `bulkread`, `bulkwrite` or `init`.
    pub context: String,
    /// Reads.
    pub reads: Option<Rate>,
    /// Writes.
    pub writes: Option<Rate>,
    /// Extensions of relations.
    pub extends: Option<Rate>,
    /// Shared buffer hits, in pages.
    pub hits: Option<Rate>,
    /// Syncs.
    pub fsyncs: Option<Rate>,
}

/// An SLRU cache.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Slru {
    /// Its name.
    pub name: String,
    /// Hits, in pages.
    pub hits: Rate,
    /// Pages read.
    pub reads: Rate,
}

/// Derives it.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<Io>> {
    let writes = reading.view.writes()?;
    let all = server(&reading.source);
    let per_second = |key| named(&all, key).and_then(Rate::per_second);
    let cache_hit = per_second("pages_hit").zip(per_second("pages_read")).map(|(hit, read)| hit / (hit + read));
    Ok(Derived {
        stats_reset: stats_reset(reading),
        data: Io {
            cache_hit: cache_hit.filter(|share| share.is_finite()),
            written_by_sessions: writes.backend_share().map(|share| share.0),
            processes: processes(reading),
            slrus: slrus(reading),
            rates: among(all, &RATES),
        },
    })
}

fn stats_reset(reading: &Reading<'_>) -> Vec<CountedSince> {
    let view = &reading.view;
    let slru = |slru: &io::Slru| CountedSince {
        view: "pg_stat_slru",
        of: Some(slru.row.name.clone()),
        since: slru.row.stats_reset,
    };
    let single = [
        CountedSince::whole(reading.snapshot, |row: &PgStatCheckpointer| row.stats_reset),
        CountedSince::whole(reading.snapshot, |row: &PgStatBgwriter| row.stats_reset),
        CountedSince::whole(reading.snapshot, |row: &PgStatIo| row.stats_reset),
        CountedSince::whole(reading.snapshot, |row: &PgStatWal| row.stats_reset),
    ];
    let databases =
        view.databases().map_or_else(|_| Vec::new(), |all| CountedSince::databases("pg_stat_database", all));
    let slrus = view.slrus().map_or(&[][..], Vec::as_slice).iter().map(slru);
    single.into_iter().flatten().chain(databases).chain(slrus).collect()
}

fn processes(reading: &Reading<'_>) -> Vec<ProcessIo> {
    let counted: Counted<PgStatIo> = reading.source.counted();
    // A counter that does not apply to a combination is null, which is not a gap.
    let rates = |counter: fn(&PgStatIo) -> Option<i64>| {
        let rates = counted.rates(move |row| counter(row).map(|count| count as f64), |row| row.stats_reset);
        rates.map(move |(row, rate)| (row, counter(row).map(|_| rate)))
    };
    let all = rates(|row| row.reads).zip(rates(|row| row.writes)).zip(rates(|row| row.extends));
    let all = all.zip(rates(|row| row.hits).zip(rates(|row| row.fsyncs)));
    let process = |((((row, reads), (_, writes)), (_, extends)), ((_, hits), (_, fsyncs))): (_, _)| {
        let row: &PgStatIo = row;
        ProcessIo {
            backend_type: row.backend_type.clone(),
            object: row.object.clone(),
            context: row.context.clone(),
            reads,
            writes,
            extends,
            hits,
            fsyncs,
        }
    };
    all.map(process).collect()
}

fn slrus(reading: &Reading<'_>) -> Vec<Slru> {
    let counted: Counted<PgStatSlru> = reading.source.counted();
    let rates = |counter: fn(&PgStatSlru) -> Option<i64>| {
        counted.rates(move |row| counter(row).map(|count| count as f64), |row| row.stats_reset)
    };
    let all = rates(|row| row.blks_hit).zip(rates(|row| row.blks_read));
    all.map(|((row, hits), (_, reads))| Slru { name: row.name.clone(), hits, reads }).collect()
}
