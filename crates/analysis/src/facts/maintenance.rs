//! VACUUM and ANALYZE that are running.

use pgdba_snapshot::Row;
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_stat_progress_analyze::PgStatProgressAnalyze;
use pgdba_snapshot::sections::pg_stat_progress_vacuum::PgStatProgressVacuum;

use super::sections::Reader;

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
        // Version 12 does not show which.
        let read = reader.rows::<PgStatProgressAnalyze>().map(|read| read.rows);
        let read = read.ok().filter(|_| reader.has(PgStatProgressAnalyze::SPEC));
        Self::new(reader, read.map(|rows| rows.into_iter().map(|row| (row.datid, row.relid)).collect()))
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

fn rows_of<R: Row>(reader: &Reader<'_>) -> Vec<R> {
    reader.rows::<R>().map_or_else(|_| Vec::new(), |read| read.rows)
}
