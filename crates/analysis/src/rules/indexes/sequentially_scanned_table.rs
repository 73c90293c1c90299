//! Large tables that are read mostly by sequential scans.

use crate::engine::prelude::*;
use crate::engine::table_reads::TableReads;
use crate::facts::time::since;

rule! {
    /// ## What it sees
    ///
    /// A large table most of whose rows are read by sequential scans, many times and for the most part wholly.
    ///
    /// ## Why it matters
    ///
    /// Each scan reads the whole table, whose time grows with it, and displaces other data from the cache. If the statements need few of
    /// the rows, an index saves nearly all of that.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_ROWS} rows and {MIN_SIZE}; at least {MIN_SCANS} sequential scans, which read at least {MIN_PER_SCAN} rows each and
    /// {MIN_PER_SECOND} rows a second on average since the counters were reset; at most {MAX_BY_INDEX} of the rows were found by indexes.
    /// From version 16 on, the last sequential scan must not be older than {RECENT}. A table that recorded queries read wholly to find few rows
    /// is the subject of PGD711, which names the queries.
    ///
    /// ## Remedy
    ///
    /// Find the statements that read the table (`pgdba query top --sort rows`, or `--sort io`) and run EXPLAIN on them. If they filter, create an
    /// index on the columns of the filter. If they aggregate the whole table, a materialized view or a summary table helps.
    ///
    /// ## When to ignore this
    ///
    /// If the table is read for reports or exports that need all rows.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "server_time": "2026-01-01T12:00:00Z", "is_in_recovery": false, "current_database": "shop" } ], "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "stats_reset": "2026-01-01T00:00:00Z" } ], "pg_index": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000, "reltuples": 500000,
    ///                   "size_bytes": 40960000, "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 9000, "seq_tup_read": 4500000000, "n_live_tup": 500000 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "server_time": "2026-01-01T12:00:00Z", "is_in_recovery": false, "current_database": "shop" } ], "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "stats_reset": "2026-01-01T00:00:00Z" } ], "pg_index": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000, "reltuples": 500000,
    ///                   "size_bytes": 40960000, "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 900000, "seq_tup_read": 4500000000, "n_live_tup": 500000 } ] }
    /// ```
    rule sequentially_scanned_table {
        code: PGD606,
        title: "Large tables are read mostly by sequential scans",
        passed: "No large table is read mostly by sequential scans",
        worst: Notice,
        reads: [tables, indexes, databases, system, wholly_read],
        source: "PostgreSQL manual, Examining Index Usage; the thresholds are pgdba's own",
        thresholds: {
            /// Rows below which reading the whole table is as fast as using an index.
            MIN_ROWS: i64 = 10_000,
            /// The size below which it is so too.
            MIN_SIZE: Bytes = Bytes::megabytes(8),
            /// Scans below which they might be a dump or a report.
            MIN_SCANS: i64 = 1000,
            /// Rows per scan below which most scans end early.
            MIN_PER_SCAN: i64 = 10_000,
            /// Rows a second below which the scans are negligible: about a thousandth of what one process can read.
            MIN_PER_SECOND: i64 = 10_000,
            /// The share of the rows that indexes find of a table that is not read mostly by sequential scans.
            MAX_BY_INDEX: Ratio = Ratio(0.1),
            /// The age of the last sequential scan of a table that is still read so.
            RECENT: Millis = Millis(7.0 * 86_400_000.0),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<TableReads<'a>>> {
    scanned(view, MIN_ROWS)
}

/// Those of at least so many rows.
pub(crate) fn scanned<'a>(view: &View<'a>, min_rows: i64) -> Checked<Vec<TableReads<'a>>> {
    let (now, wholly_read) = (view.now()?, view.wholly_read()?);
    let is_large = |table: &Table| {
        table.rows() >= Some(min_rows)
            && table.size.is_some_and(|size| size.bytes >= MIN_SIZE)
            && !wholly_read.has(table)
    };
    let is_recent = |reads: &TableReads<'_>| reads.last_seq_scan().is_none_or(|last| since(now, last) <= RECENT);
    let is_mostly = |reads: &TableReads<'_>| {
        let is_often = reads.seq_scans >= MIN_SCANS && reads.rows_per_scan() >= MIN_PER_SCAN;
        is_often && reads.share_by_index() <= MAX_BY_INDEX && is_recent(reads) && is_large(reads.table)
    };
    let mostly: Vec<TableReads<'_>> = TableReads::all(view)?.into_iter().filter(is_mostly).collect();
    if mostly.iter().any(|reads| reads.rows_per_second().is_none()) {
        return Err(NotAssessed::because("since when sequential scans were counted is unknown"));
    }
    let is_much = |reads: &TableReads<'_>| reads.rows_per_second() >= Some(MIN_PER_SECOND as f64);
    Ok(mostly.into_iter().filter(is_much).collect())
}

fn subject(reads: &TableReads<'_>) -> About {
    let rate = reads.rows_per_second().map_or(Quantity::Unknown, Quantity::PerSecond);
    About::table(&reads.table.name, reads.table.size).figures([
        Figure::new("rows", reads.table.rows()).against(Quantity::Count(MIN_ROWS)),
        Figure::new("size", reads.table.size),
        Figure::new("seq_scans", reads.seq_scans).labelled("sequential scans").against(Quantity::Count(MIN_SCANS)),
        Figure::new("rows_per_scan", reads.rows_per_scan()).against(Quantity::Count(MIN_PER_SCAN)),
        Figure::new("rows_read", rate)
            .labelled("rows read by them")
            .against(Quantity::PerSecond(MIN_PER_SECOND as f64)),
        Figure::new("by_index", Quantity::Ratio(reads.share_by_index().0)).labelled("rows found by indexes"),
        Figure::new("last_scan", reads.last_seq_scan().map_or(Quantity::Unknown, Quantity::Time)),
    ])
}

fn describe(found: &Found<TableReads<'_>>) -> Draft {
    let rows = found.only().map(|reads| format!(", {} rows per scan", display::count(reads.rows_per_scan())));
    let rows = rows.unwrap_or_default();
    Draft::new(format!("Sequential scans read most rows of {}{rows}", found.named("large table", "large tables")))
        .confidence(Confidence::Medium)
        .because("Each scan reads the table for the most part, and the table is large.")
        .advise("Find the statements that read it with pgdba query top --sort io, and run EXPLAIN on them.")
        .advise(
            "If they filter, create an index on the columns of the filter. If they need all rows, leave it as it is.",
        )
        .impact(
            "CREATE INDEX CONCURRENTLY reads the table twice and does not block writes. Each index slows down writes.",
        )
}
