//! Of which tables the planner has statistics, and how wide their rows are.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_stats::PgStats;

use super::Facts;
use super::sections::Rows;
use crate::format::Checked;

/// The tables of which ANALYZE left statistics.
#[derive(Debug)]
pub struct ColumnStatistics {
    /// The statistics of each table, by its oid and database. Those of a table with its children, which describe the rows of all
    /// of them, are left out.
    tables: BTreeMap<Option<String>, BTreeMap<i64, Vec<PgStats>>>,
    /// Whether statistics of other tables might be hidden from the collecting role.
    is_partial: bool,
}

/// The statistics of a snapshot; nothing is known of any table where the section is missing.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<ColumnStatistics> {
    Ok(facts.reader().rows().map_or_else(|_| ColumnStatistics::unknown(), ColumnStatistics::new))
}

impl ColumnStatistics {
    fn new(read: Rows<PgStats>) -> Self {
        let mut tables = BTreeMap::<Option<String>, BTreeMap<i64, Vec<PgStats>>>::new();
        for mut row in read.rows {
            let columns = tables.entry(row.datname.take()).or_default().entry(row.relid).or_default();
            if row.inherited != Some(true) {
                columns.push(row);
            }
        }
        Self { tables, is_partial: read.limited.is_some() }
    }

    /// Where nothing could be read.
    fn unknown() -> Self {
        Self { tables: BTreeMap::new(), is_partial: true }
    }

    /// Whether those of some tables might be hidden from the collecting role.
    pub(super) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Those of the columns of the table with this oid; none where it has none, empty where its children alone have.
    pub(super) fn of(&self, datname: Option<&str>, oid: i64) -> Option<&[PgStats]> {
        self.tables.get(&datname.map(str::to_owned))?.get(&oid).map(Vec::as_slice)
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
