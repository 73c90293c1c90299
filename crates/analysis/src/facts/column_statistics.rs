//! Of which tables the planner has statistics, and how wide their rows are.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_stats::PgStats;

use super::Facts;
use super::database_numbers::DatabaseNumbers;
use crate::format::Checked;

/// The tables of which ANALYZE left statistics.
#[derive(Debug)]
pub struct ColumnStatistics {
    databases: DatabaseNumbers,
    /// The statistics of each table, by the number of its database and its oid. Those of a table with its children, which
    /// describe the rows of all of them, are left out.
    tables: BTreeMap<(usize, i64), Vec<PgStats>>,
    /// Whether statistics of other tables might be hidden from the collecting role.
    is_partial: bool,
}

/// The statistics of a snapshot; nothing is known of any table where the section is missing.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<ColumnStatistics> {
    let (mut databases, mut tables) = (DatabaseNumbers::default(), BTreeMap::<_, Vec<PgStats>>::new());
    let read = facts.reader().visit(|mut row: PgStats| {
        let database = databases.assign(row.datname.take().as_deref());
        let columns = tables.entry((database, row.relid)).or_default();
        if row.inherited != Some(true) {
            columns.push(row);
        }
    });
    Ok(match read {
        Ok(read) => ColumnStatistics { databases, tables, is_partial: read.limited.is_some() },
        Err(_) => ColumnStatistics { databases, tables: BTreeMap::new(), is_partial: true },
    })
}

impl ColumnStatistics {
    /// Whether those of some tables might be hidden from the collecting role.
    pub(super) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Those of the columns of the table with this oid; none where it has none, empty where its children alone have.
    pub(super) fn of(&self, datname: Option<&str>, oid: i64) -> Option<&[PgStats]> {
        self.tables.get(&(self.databases.find(datname)?, oid)).map(Vec::as_slice)
    }

    /// Whether there are statistics of the table with this oid; none if they might be hidden.
    #[must_use]
    pub fn has(&self, datname: Option<&str>, oid: i64) -> Option<bool> {
        let is_there = self.of(datname, oid).is_some();
        (is_there || !self.is_partial).then_some(is_there)
    }

    /// The average bytes of a row's columns in the table with this oid, without its header and without padding.
    pub(super) fn row_width(&self, datname: Option<&str>, oid: i64) -> Option<f64> {
        let width = |row: &PgStats| row.avg_width.unwrap_or(0) as f64 * (1.0 - row.null_frac.unwrap_or(0.0));
        Some(self.of(datname, oid)?.iter().map(width).sum())
    }
}
