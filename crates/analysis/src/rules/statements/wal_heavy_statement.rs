//! A query writes a large part of the WAL.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::statements::{Measure, Statements};

rule! {
    /// ## What it sees
    ///
    /// A query that writes a large part of the WAL, much in each call, on a server that writes much.
    ///
    /// ## Why it matters
    ///
    /// WAL is written to disk, archived, sent to every standby and replayed there. A query that updates the same rows again, or
    /// rows whose values do not change, costs all of that.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_PER_CALL} of WAL per call in at least {MIN_CALLS} calls, {MIN_SHARE} of the WAL of all recorded statements,
    /// and {MIN_RATE} of WAL per hour by this query, over a time of at least {MIN_WINDOW} since the reset. `COPY` is a utility
    /// statement and left out. PostgreSQL 13 and later count WAL by statement; the time of the reset is known from 14 on.
    ///
    /// ## Remedy
    ///
    /// Do not update rows that do not change (`where a is distinct from $1`). Drop indexes that nothing needs: every new row
    /// version enters all of them. A fillfactor below 100 permits HOT updates. If full page images are most of the WAL,
    /// checkpoints are too frequent: raise `max_wal_size` or `checkpoint_timeout`.
    ///
    /// ## When to ignore this
    ///
    /// For loads that must write so much.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ {} ], "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "update t set a = $1", "calls": 1000,
    ///                             "total_exec_time": 50000.0, "wal_bytes": 60000000000, "wal_fpi": 100 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ {} ], "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "update t set a = $1", "calls": 1000,
    ///                             "total_exec_time": 50000.0, "wal_bytes": 6000000000, "wal_fpi": 100 } ] }
    /// ```
    rule wal_heavy_statement {
        code: PGD708,
        title: "Queries write a large part of the WAL",
        passed: "No query writes a large part of the WAL",
        worst: Info,
        reads: [statements, tracking, block_size],
        source: "pgFirstAid reports 1 MiB per call; the other thresholds are pgdba's own",
        thresholds: {
            /// WAL per call from which on a query is reported.
            MIN_PER_CALL: Bytes = Bytes::megabytes(1),
            /// Calls below which it is an exception.
            MIN_CALLS: i64 = 20,
            /// Share of the WAL of all statements.
            MIN_SHARE: Ratio = Ratio(0.3),
            /// WAL per hour below which it is negligible.
            MIN_RATE: Bytes = Bytes::megabytes(1024),
            /// The shortest time over which a rate means something.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
        },
    }
}

struct Writer<'a> {
    query: &'a Statement,
    per_call: Bytes,
    per_hour: Bytes,
    share: Ratio,
    /// The share of full page images, if the size of a page is known.
    full_pages: Option<Ratio>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Writer<'a>>> {
    let statements = view.statements()?;
    statements.require(Measure::Wal, view.tracking()?)?;
    let block_size = view.block_size().ok().copied();
    let writer = |query: &'a Statement| writer(query, statements, block_size);
    statements.conclude(statements.queries(Ratio(0.0)).filter_map(writer).collect())
}

fn writer<'a>(query: &'a Statement, statements: &Statements, block_size: Option<i64>) -> Option<Writer<'a>> {
    let per_call = query.counted().wal_per_call().filter(|size| *size >= MIN_PER_CALL)?;
    let all: f64 = statements.all.iter().filter_map(|statement| statement.row.wal_bytes).sum();
    let own = query.row.wal_bytes?;
    let share = Ratio(own / all);
    statements.window.length.filter(|length| *length >= MIN_WINDOW)?;
    let per_hour = Bytes(statements.window.per_hour(own as i64)? as i64);
    let is_found = share >= MIN_SHARE && per_hour >= MIN_RATE && query.row.calls >= Some(MIN_CALLS);
    let pages = query.row.wal_fpi.zip(block_size).map(|(pages, size)| Ratio((pages as f64 * size as f64 / own).min(1.0)));
    is_found.then_some(Writer { query, per_call, per_hour, share, full_pages: pages })
}

fn subject(writer: &Writer<'_>) -> About {
    let figures = [
        Figure::new("wal_per_call", writer.per_call).labelled("WAL per call").against(MIN_PER_CALL),
        Figure::new("wal_per_hour", writer.per_hour).labelled("WAL per hour").against(MIN_RATE),
        Figure::new("share_of_wal", writer.share).labelled("share of WAL").against(MIN_SHARE),
        Figure::new("share_of_full_page_images", writer.full_pages).labelled("full page images, at most"),
    ];
    statements::about(writer.query, figures)
}

fn describe(found: &Found<Writer<'_>>) -> Draft {
    let writes = |writer: &Writer<'_>| format!("writes {} of WAL per hour", display::bytes(writer.per_hour));
    let writes = found.only().map_or_else(|| "write a large part of the WAL".to_owned(), writes);
    Draft::new(format!("{} {writes}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("WAL is written, archived, and sent to and replayed by every standby.")
        .advise("Check whether it updates rows whose values do not change, and whether all indexes of its table are needed.")
        .advise("If full page images are most of the WAL, raise max_wal_size or checkpoint_timeout.")
        .effort(Effort::Project)
        .show(statements::texts(found.iter().map(|writer| writer.query)))
}
