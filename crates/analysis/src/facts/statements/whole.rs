//! Queries that read a whole table to find few rows.

use std::collections::BTreeSet;

use pgdba_pg::Ratio;

use super::{Statement, Statements, Touched, text};
use crate::facts::Facts;
use crate::facts::tables::{Table, Tables};
use crate::format::Checked;

/// Pages per call, as a share of the table's.
pub const MIN_PART: Ratio = Ratio(0.8);

/// Rows per call, as a share of the table's.
pub const MAX_ROWS: Ratio = Ratio(0.01);

/// Calls below which it is negligible.
pub const MIN_CALLS: i64 = 20;

/// Share of the total execution time below which a query is negligible.
pub const MIN_SHARE: Ratio = Ratio(0.05);

/// Rows of the table below which an index helps little.
pub const MIN_TABLE_ROWS: i64 = 10_000;

/// Pages of the table below which an index helps little.
pub const MIN_PAGES: i64 = 100;

/// A query that reads a whole table to find few rows.
#[derive(Debug)]
pub struct WholeScan<'a> {
    /// The query.
    pub query: &'a Statement,
    /// The table.
    pub table: &'a Table,
    /// Pages that each call uses.
    pub pages: f64,
    /// Pages of the table.
    pub table_pages: f64,
}

impl<'a> WholeScan<'a> {
    /// Those among the recorded queries.
    #[must_use]
    pub fn all(statements: &'a Statements, tables: &'a Tables, block_size: i64) -> Vec<Self> {
        let queries = statements.queries(MIN_SHARE).filter(|query| query.row.calls >= Some(MIN_CALLS));
        let mut queries = queries.peekable();
        if queries.peek().is_none() {
            return Vec::new();
        }
        let touched = Touched::new(&tables.all);
        let scan = |query: &'a Statement| match touched.by(query).as_slice() {
            [table] => Self::of(query, table, block_size),
            _ => None,
        };
        queries.filter_map(scan).collect()
    }

    fn of(query: &'a Statement, table: &'a Table, block_size: i64) -> Option<Self> {
        let rows = table.reltuples.filter(|rows| *rows >= MIN_TABLE_ROWS as f64)?;
        let table_pages = (table.size?.bytes.0 / block_size.max(1)) as f64;
        let pages = query.counted().pages_per_call()?;
        let returned = query.counted().rows_per_call()?;
        let is_scanned = table.stat.as_deref().is_some_and(|stat| stat.seq_scan > Some(0));
        let is_whole = table_pages >= MIN_PAGES as f64 && pages >= table_pages * MIN_PART.0;
        let is_selective = returned <= rows * MAX_ROWS.0 && query.row.query.as_deref().is_some_and(text::is_selective);
        (table.has_rows() && is_scanned && is_whole && is_selective).then_some(Self {
            query,
            table,
            pages,
            table_pages,
        })
    }
}

/// The tables that recorded queries read wholly to find few rows.
#[derive(Debug, Default)]
pub struct WhollyRead(BTreeSet<(Option<String>, i64)>);

impl WhollyRead {
    pub(in crate::facts) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let (Ok(statements), Ok(tables), Ok(block_size)) = (facts.statements(), facts.tables(), facts.block_size())
        else {
            return Ok(Self::default());
        };
        let scans = WholeScan::all(statements, tables, *block_size);
        Ok(Self(scans.iter().map(|scan| key(scan.table)).collect()))
    }

    /// Whether a table is one of them.
    #[must_use]
    pub fn has(&self, table: &Table) -> bool {
        self.0.contains(&key(table))
    }
}

fn key(table: &Table) -> (Option<String>, i64) {
    (table.name.database().map(str::to_owned), table.oid)
}
