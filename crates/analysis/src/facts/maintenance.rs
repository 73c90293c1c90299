//! VACUUM and ANALYZE that are running, and since when counters count.

use jiff::{SignedDuration, Timestamp};
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_stat_archiver::PgStatArchiver;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_progress_analyze::PgStatProgressAnalyze;
use pgdba_snapshot::sections::pg_stat_progress_vacuum::PgStatProgressVacuum;
use pgdba_snapshot::sections::system::System;

use super::sections::Reader;

/// Two counters that the server resets together have nearly the same time.
const TOGETHER: SignedDuration = SignedDuration::from_secs(1);

/// The tables on which a command is running.
#[derive(Debug, Default)]
pub struct Running {
    /// The database, if it is known, and the table; none of a table that is hidden from the collecting role.
    tables: Vec<(Option<String>, Option<i64>)>,
    /// Whether the section could be read.
    is_known: bool,
}

impl Running {
    pub(super) fn vacuums(reader: &Reader<'_>) -> Self {
        let read = reader.rows::<PgStatProgressVacuum>().map(|read| read.rows);
        Self::new(reader, read.ok().map(|rows| rows.into_iter().map(|row| (row.datid, row.relid)).collect()))
    }

    pub(super) fn analyzes(reader: &Reader<'_>) -> Self {
        let read = reader.rows::<PgStatProgressAnalyze>().map(|read| read.rows);
        Self::new(reader, read.ok().map(|rows| rows.into_iter().map(|row| (row.datid, row.relid)).collect()))
    }

    fn new(reader: &Reader<'_>, rows: Option<Vec<(Option<i64>, Option<i64>)>>) -> Self {
        let Some(rows) = rows else { return Self::default() };
        let databases = if rows.is_empty() { Vec::new() } else { rows_of::<PgDatabase>(reader) };
        let name = |datid: Option<i64>| {
            databases.iter().find(|database| Some(database.oid) == datid).map(|database| database.datname.clone())
        };
        Self { tables: rows.into_iter().map(|(datid, relid)| (name(datid), relid)).collect(), is_known: true }
    }

    /// Whether it is running on the table with this oid; none if that is unknown.
    pub(super) fn is_on(&self, datname: Option<&str>, oid: i64) -> Option<bool> {
        let may_be_there = |database: &Option<String>| {
            database.as_deref().zip(datname).is_none_or(|(database, datname)| database == datname)
        };
        let mut there = self.tables.iter().filter(|(database, _)| may_be_there(database));
        if there.clone().any(|(_, relid)| *relid == Some(oid)) {
            return Some(true);
        }
        (self.is_known && there.all(|(_, relid)| relid.is_some())).then_some(false)
    }
}

/// When the counters of tables were reset, as far as the server tells.
#[derive(Debug, Default)]
pub struct Resets {
    /// The databases, each with the time of its last reset.
    databases: Vec<(Option<String>, Timestamp)>,
    /// When the server discarded all of them, as it does after a crash.
    discarded: Option<Timestamp>,
}

impl Resets {
    pub(super) fn of(reader: &Reader<'_>) -> Self {
        let databases = rows_of::<PgStatDatabase>(reader);
        let databases = databases.into_iter().filter_map(|row| Some((row.datname, row.stats_reset?))).collect();
        Self { databases, discarded: discarded(reader) }
    }

    /// The last reset of the counters of a database; without its name, of any.
    pub(super) fn last(&self, datname: Option<&str>) -> Option<Timestamp> {
        let is_of = |database: &Option<String>| datname.is_none() || database.as_deref() == datname;
        let of_database = self.databases.iter().filter(|(database, _)| is_of(database)).map(|(_, reset)| *reset).max();
        of_database.max(self.discarded)
    }
}

/// A server that discards its statistics begins those of the background writer and of the archiver again at once, after
/// its start.
fn discarded(reader: &Reader<'_>) -> Option<Timestamp> {
    let bgwriter = rows_of::<PgStatBgwriter>(reader).first()?.stats_reset?;
    let archiver = rows_of::<PgStatArchiver>(reader).first()?.stats_reset?;
    let start = rows_of::<System>(reader).first()?.start_time?;
    let is_together = bgwriter.duration_since(archiver).abs() <= TOGETHER;
    (is_together && bgwriter >= start).then_some(bgwriter)
}

fn rows_of<R: pgdba_snapshot::Row>(reader: &Reader<'_>) -> Vec<R> {
    reader.rows::<R>().map_or_else(|_| Vec::new(), |read| read.rows)
}
