//! Of which tables the planner has statistics, and how wide their rows are.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_stats::PgStats;

use super::sections::Rows;

/// The tables of which ANALYZE left statistics.
#[derive(Debug)]
pub struct ColumnStatistics {
    /// The bytes of a row's columns by the oid of the table, by database.
    tables: BTreeMap<Option<String>, BTreeMap<i64, f64>>,
    /// Whether statistics of other tables might be hidden from the collecting role.
    is_partial: bool,
}

impl ColumnStatistics {
    pub(super) fn new(read: Rows<PgStats>) -> Self {
        let mut tables = BTreeMap::<Option<String>, BTreeMap<i64, f64>>::new();
        for row in read.rows {
            // Statistics of a table with its children describe the rows of all of them.
            let own = if row.inherited == Some(true) { 0.0 } else { 1.0 };
            let width = row.avg_width.unwrap_or(0) as f64 * (1.0 - row.null_frac.unwrap_or(0.0)) * own;
            match tables.get_mut(&row.datname) {
                Some(widths) => *widths.entry(row.relid).or_default() += width,
                None => {
                    tables.insert(row.datname, BTreeMap::from([(row.relid, width)]));
                }
            }
        }
        Self { tables, is_partial: read.limited.is_some() }
    }

    /// Where nothing could be read.
    pub(super) fn unknown() -> Self {
        Self { tables: BTreeMap::new(), is_partial: true }
    }

    /// Whether there are statistics of the table with this oid; none if they might be hidden.
    #[must_use]
    pub fn has(&self, datname: Option<&str>, oid: i64) -> Option<bool> {
        let is_there = self.row_width(datname, oid).is_some();
        (is_there || !self.is_partial).then_some(is_there)
    }

    /// The average bytes of a row's columns in the table with this oid, without its header and without padding.
    pub(super) fn row_width(&self, datname: Option<&str>, oid: i64) -> Option<f64> {
        self.tables.get(&datname.map(str::to_owned))?.get(&oid).copied()
    }
}
