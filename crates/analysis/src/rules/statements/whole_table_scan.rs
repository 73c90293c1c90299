//! A query reads a whole table to find few rows.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::statements::{WholeScan, whole};

rule! {
    /// ## What it sees
    ///
    /// A query on a single table, with a condition and without aggregation, that uses about as many pages in each call as the
    /// table has, and returns or changes few of its rows.
    ///
    /// ## Why it matters
    ///
    /// The server reads the whole table in each call, because no index supports the condition. The time grows with the table.
    ///
    /// ## Threshold
    ///
    /// On average at least {MIN_PART} of the table's pages per call and at most {MAX_ROWS} of its rows, in at least {MIN_CALLS}
    /// calls, with at least {MIN_SHARE} of the execution time of all recorded statements. The table has at least {MIN_TABLE_ROWS}
    /// rows and {MIN_PAGES} pages, and sequential scans of it were counted.
    ///
    /// ## Remedy
    ///
    /// Run `EXPLAIN` on the query: if it shows a sequential scan with a filter, create an index on the columns of the filter. If
    /// there is such an index, the condition does not fit it: a function or a cast of the column, another type, a leading
    /// wildcard, or `OR`.
    ///
    /// ## When to ignore this
    ///
    /// If the query runs rarely and its duration does not matter. Each index slows down writes.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 1000,
    ///                   "reltuples": 100000, "size_bytes": 8192000, "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 5000, "n_live_tup": 100000 } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from orders where state = $1", "calls": 5000,
    ///                             "rows": 50000, "total_exec_time": 50000.0, "shared_blks_hit": 5000000,
    ///                             "shared_blks_read": 0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 1000,
    ///                   "reltuples": 100000, "size_bytes": 8192000, "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 5000, "n_live_tup": 100000 } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select count(*) from orders where state = $1", "calls": 5000,
    ///                             "rows": 5000, "total_exec_time": 50000.0, "shared_blks_hit": 5000000,
    ///                             "shared_blks_read": 0 } ] }
    /// ```
    rule whole_table_scan {
        code: PGD711,
        title: "Queries read a whole table to find few rows",
        passed: "No query reads a whole table to find few rows",
        worst: Notice,
        reads: [statements, tables, block_size],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Pages per call, as a share of the table's.
            MIN_PART: Ratio = whole::MIN_PART,
            /// Rows per call, as a share of the table's.
            MAX_ROWS: Ratio = whole::MAX_ROWS,
            /// Calls below which it is negligible.
            MIN_CALLS: i64 = whole::MIN_CALLS,
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = whole::MIN_SHARE,
            /// Rows of the table below which an index helps little.
            MIN_TABLE_ROWS: i64 = whole::MIN_TABLE_ROWS,
            /// Pages of the table below which an index helps little.
            MIN_PAGES: i64 = whole::MIN_PAGES,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<WholeScan<'a>>> {
    let statements = view.statements()?;
    let scans = WholeScan::all(statements, view.tables()?, *view.block_size()?);
    statements.conclude(scans)
}

fn subject(scan: &WholeScan<'_>) -> About {
    let rows = scan.query.counted().rows_per_call().map_or(Quantity::Unknown, Quantity::Number);
    let figures = [
        Figure::new("table", scan.table.name.to_string()),
        Figure::new("pages_per_call", Quantity::Number(scan.pages)),
        Figure::new("pages_of_table", Quantity::Number(scan.table_pages)),
        Figure::new("rows_per_call", rows),
        Figure::new("rows_of_table", scan.table.reltuples.map(|rows| rows as i64)),
    ];
    statements::about(scan.query, figures)
}

fn describe(found: &Found<WholeScan<'_>>) -> Draft {
    let reads = |scan: &WholeScan<'_>| {
        let rows = scan.query.counted().rows_per_call().map_or_else(String::new, |rows| Quantity::Number(rows).display());
        format!("reads the whole table {} for {rows} rows per call", scan.table.name)
    };
    let reads = found.only().map_or_else(|| "read a whole table to find few rows".to_owned(), reads);
    Draft::new(format!("{} {reads}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("Each call uses about as many pages as the table has, and returns few of its rows.")
        .advise("Run EXPLAIN on it. If it shows a sequential scan with a filter, create an index on the columns of the filter.")
        .advise("If there is such an index, check why the condition does not fit it: a function or cast of the column, or OR.")
        .impact("CREATE INDEX CONCURRENTLY reads the table twice and does not block writes. Each index slows down writes.")
        .show(statements::texts(found.iter().map(|scan| scan.query)))
}
