//! How the rows of tables are read: by sequential scans or by indexes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::{Millis, Ratio};

use crate::facts::View;
use crate::facts::tables::Table;
use crate::facts::time::Window;
use crate::format::Checked;

/// How the rows of a table were read since its counters were reset.
#[derive(Debug)]
pub struct TableReads<'a> {
    /// The table.
    pub table: &'a Table,
    /// Sequential scans.
    pub seq_scans: i64,
    /// Rows that they read.
    seq_rows: i64,
    /// Rows that indexes found.
    index_rows: i64,
    /// The time over which they were counted, at most.
    window: Window,
}

impl<'a> TableReads<'a> {
    /// Those of all tables whose counters are known.
    ///
    /// # Errors
    /// Facts are missing.
    pub fn all(view: &View<'a>) -> Checked<Vec<Self>> {
        let (databases, system) = (view.databases()?, view.system()?);
        let mut found = BTreeMap::<_, i64>::new();
        for index in view.indexes()? {
            let rows = found.entry((index.table.database(), index.catalog.indrelid)).or_default();
            *rows = rows.saturating_add(index.idx_tup_read.unwrap_or(0));
        }
        let reads = |table: &'a Table| {
            let stat = table.stat.as_deref().filter(|_| table.has_rows())?;
            let database = table.name.database();
            let named = database.or(system.current_database.as_deref());
            Some(Self {
                table,
                seq_scans: stat.seq_scan?,
                seq_rows: stat.seq_tup_read?,
                index_rows: found.get(&(database, table.oid)).copied().unwrap_or(0),
                window: view.window(databases.scanned_since(named, system.start_time)),
            })
        };
        Ok(view.tables()?.all.iter().filter_map(reads).collect())
    }

    /// Rows that a sequential scan reads on average.
    #[must_use]
    pub fn rows_per_scan(&self) -> i64 {
        self.seq_rows / self.seq_scans.max(1)
    }

    /// Rows that sequential scans read per second on average; none if it is unknown over which time they were counted.
    #[must_use]
    pub fn rows_per_second(&self) -> Option<f64> {
        Some(self.window.per_hour(self.seq_rows)? / 3600.0)
    }

    /// The time over which they were counted, at most; none if that is unknown.
    #[must_use]
    pub fn counted_for(&self) -> Option<Millis> {
        self.window.length
    }

    /// The share of all rows read that indexes found.
    #[must_use]
    pub fn share_by_index(&self) -> Ratio {
        Ratio::of(self.index_rows, self.index_rows.saturating_add(self.seq_rows)).unwrap_or(Ratio(0.0))
    }

    /// When the last sequential scan was (16).
    #[must_use]
    pub fn last_seq_scan(&self) -> Option<Timestamp> {
        self.table.stat.as_deref()?.last_seq_scan
    }
}
