//! Tables that were never analyzed.

use super::column_statistics::ColumnStatistics;
use super::counters::Counters;
use super::maintenance::Running;
use super::tables::{Table, Tables};
use crate::format::{Checked, NotAssessed};

const UNKNOWN: &str = "the time of the last ANALYZE is unknown, and the role cannot see all statistics in pg_stats";

/// The share of its rows that a table's counters have counted if they have counted all of them: the number of rows is an estimate.
const ALL: f64 = 0.9;

impl Table {
    /// Whether its counters have counted the insertion of all its rows, by the number that VACUUM, ANALYZE or CREATE INDEX found
    /// in a page.
    fn has_counted_inserts(&self) -> bool {
        let inserted = self.stat.as_deref().and_then(|stat| stat.n_tup_ins).unwrap_or(0);
        self.rows_by_size.is_some_and(|rows| inserted as f64 >= rows * ALL)
    }

    /// Whether the planner has statistics about it; none if they might be hidden from the collecting role.
    #[must_use]
    pub fn has_statistics(&self, statistics: &ColumnStatistics) -> Option<bool> {
        statistics.has(self.name.database(), self.oid)
    }

    /// Whether it was never analyzed; none if that is unknown. The time of ANALYZE is lost with the counters, and the row
    /// estimate is also set by VACUUM and CREATE INDEX, so statistics decide if the role can see them.
    #[must_use]
    pub fn is_never_analyzed(&self, statistics: &ColumnStatistics) -> Option<bool> {
        self.stat.as_deref()?;
        if self.last_analyze().is_some() {
            return Some(false);
        }
        match self.has_statistics(statistics) {
            Some(has_statistics) => Some(!has_statistics),
            None if self.reltuples.is_none() || self.has_counted_inserts() => Some(true),
            None => None,
        }
    }
}

/// What decides whether a table was never analyzed.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The least number of rows that makes a table worth analyzing.
    pub rows: i64,
    /// The tables that are being analyzed.
    pub analyzes: &'a Running,
    /// Since when rows are counted.
    pub counters: &'a Counters,
    /// Of which tables the planner has statistics.
    pub statistics: &'a ColumnStatistics,
}

impl Tables {
    /// The tables that had enough rows or changes, were never analyzed and are not being.
    ///
    /// # Errors
    /// There are none, but of one it is unknown: ANALYZE is running on it, its counters do not account for its file, or its
    /// counters were lost and the role sees only part of `pg_stats`.
    pub fn never_analyzed(&self, evidence: &Evidence<'_>) -> Checked<Vec<&Table>> {
        let is_analyzed = |table: &Table| table.is_never_analyzed(evidence.statistics) == Some(false);
        let open: Vec<&Table> = self.all.iter().filter(|table| table.has_rows() && !is_analyzed(table)).collect();
        let never: Vec<&Table> = open.iter().filter(|table| evidence.shows_never(table)).copied().collect();
        if never.is_empty() {
            open.into_iter().try_for_each(|table| evidence.require_few_rows(table))?;
        }
        Ok(never)
    }
}

impl Evidence<'_> {
    fn has_many_rows(&self, table: &Table) -> bool {
        table.rows_ever() >= Some(self.rows)
    }

    fn shows_never(&self, table: &Table) -> bool {
        self.has_many_rows(table)
            && table.is_never_analyzed(self.statistics) == Some(true)
            && table.is_processed_by(self.analyzes) != Some(true)
    }

    /// Requires that a table that might never have been analyzed has few rows.
    fn require_few_rows(&self, table: &Table) -> Checked<()> {
        match table.is_processed_by(self.analyzes) {
            _ if !self.has_many_rows(table) && table.has_counted_all_but(self.rows) => Ok(()),
            Some(true) => Err(NotAssessed::because(format!(
                "ANALYZE is running on {}; check again when it has finished",
                table.name
            ))),
            _ if self.has_many_rows(table) => Err(NotAssessed::because(UNKNOWN)),
            _ => self.counters.require_settled(table, "the number of its rows is unknown"),
        }
    }
}
