//! A query returns very many rows in each call.

use crate::engine::prelude::*;
use crate::engine::statements;

rule! {
    /// ## What it sees
    ///
    /// A `SELECT` that returns very many rows in each call, and runs often.
    ///
    /// ## Why it matters
    ///
    /// Few applications need so many rows. They are usually filtered, added up or paged by the client, after the server has read
    /// and sent all of them, and the client has stored them in memory.
    ///
    /// ## Threshold
    ///
    /// On average at least {MIN_ROWS} rows per call, in at least {MIN_CALLS} calls, and at least {MIN_SHARE} of the execution
    /// time of all recorded statements. `COPY` is a utility statement and left out, and so are the rows that `INSERT`, `UPDATE`
    /// and `DELETE` change.
    ///
    /// ## Remedy
    ///
    /// Filter and aggregate in the query. Page by key (`where id > $1 order by id limit 100`) rather than by `OFFSET`. For
    /// exports, use `COPY`, or a cursor so that the client does not store everything.
    ///
    /// ## When to ignore this
    ///
    /// For exports and synchronization that need all rows.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "select * from t", "calls": 100, "rows": 5000000,
    ///                             "total_exec_time": 50000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "insert into t select * from u", "calls": 100, "rows": 5000000,
    ///                             "total_exec_time": 50000.0 } ] }
    /// ```
    rule large_result {
        code: PGD707,
        title: "Queries return very many rows per call",
        passed: "No query returns very many rows per call",
        worst: Info,
        reads: [statements],
        source: "pgFirstAid reports the same number of rows and calls; the share is pgdba's own",
        thresholds: {
            /// Rows per call from which on a query is reported.
            MIN_ROWS: i64 = 10_000,
            /// Calls below which it is an exception.
            MIN_CALLS: i64 = 20,
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

struct Large<'a> {
    query: &'a Statement,
    rows: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Large<'a>>> {
    let statements = view.statements()?;
    let large = |query: &'a Statement| {
        let rows = query.counted().rows_per_call().filter(|rows| *rows >= MIN_ROWS as f64)?;
        (query.row.calls >= Some(MIN_CALLS) && query.is_read_only()).then_some(Large { query, rows })
    };
    statements.conclude(statements.queries(MIN_SHARE).filter_map(large).collect())
}

fn subject(large: &Large<'_>) -> About {
    statements::about(large.query, [Figure::new("rows_per_call", Quantity::Number(large.rows)).against(MIN_ROWS)])
}

fn describe(found: &Found<Large<'_>>) -> Draft {
    let returns = |large: &Large<'_>| format!("returns {} rows per call", display::count(large.rows.round() as i64));
    let returns = found.only().map_or_else(|| "return very many rows per call".to_owned(), returns);
    Draft::new(format!("{} {returns}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("The server reads and sends all of these rows, and the client stores them in memory.")
        .advise("Filter and aggregate in the query, and page by key instead of reading everything.")
        .advise("For exports, use COPY or a cursor.")
        .effort(Effort::Project)
        .show(statements::texts(found.iter().map(|large| large.query)))
}
