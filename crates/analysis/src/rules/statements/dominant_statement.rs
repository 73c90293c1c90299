//! One statement takes most of the execution time.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::statements::Statements;

rule! {
    /// ## What it sees
    ///
    /// A query that takes most of the execution time of all recorded statements, on a server that is not idle.
    ///
    /// ## Why it matters
    ///
    /// Where one query takes most of the time, it decides how much load the server can carry. Improving it helps more than any
    /// parameter.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SHARE} of the execution time of all recorded statements, since a reset at least {MIN_WINDOW} ago, and at
    /// least {MIN_LOAD} of the time of one processor. If the time of the reset is unknown (before PostgreSQL 14), at least
    /// {MIN_TIME} in total.
    ///
    /// ## Remedy
    ///
    /// `pgdba query show` prints what is known about the query. Run `EXPLAIN (ANALYZE, BUFFERS)` on it with typical values. Check
    /// whether it must run that often, whether an index is missing, and whether all of its rows and columns are needed.
    ///
    /// ## When to ignore this
    ///
    /// If the query is what the server is there for and has been optimized.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [
    ///     { "queryid": "1", "query": "select * from t where a = $1", "calls": 100000, "total_exec_time": 9000000.0 },
    ///     { "queryid": "2", "query": "select * from u where a = $1", "calls": 100000, "total_exec_time": 1000000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [
    ///     { "queryid": "1", "query": "select * from t where a = $1", "calls": 100, "total_exec_time": 9000.0 },
    ///     { "queryid": "2", "query": "select * from u where a = $1", "calls": 100, "total_exec_time": 1000.0 } ] }
    /// ```
    rule dominant_statement {
        code: PGD702,
        title: "One query takes most of the execution time",
        passed: "No query takes most of the execution time",
        worst: Info,
        reads: [statements],
        source: "postgres-checkup and ruby-pg-extras report a third of the time; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the execution time from which on a query is reported.
            MIN_SHARE: Ratio = Ratio(0.5),
            /// Share of the time of one processor below which the server is idle.
            MIN_LOAD: Ratio = Ratio(0.05),
            /// The shortest time over which a share means something.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
            /// Execution time that stands for the load if the time of the reset is unknown.
            MIN_TIME: Millis = Millis(3_600_000.0),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Option<&'a Statement>> {
    let statements = view.statements()?;
    let found: Vec<&Statement> = statements.queries(MIN_SHARE).filter(|query| is_load(statements, query)).collect();
    Ok(statements.conclude(found)?.into_iter().next())
}

fn is_load(statements: &Statements, query: &Statement) -> bool {
    let Some(time) = query.row.total_exec_time else { return false };
    match statements.window.length {
        Some(length) => length >= MIN_WINDOW && time >= length.0 * MIN_LOAD.0,
        None => time >= MIN_TIME.0,
    }
}

fn subject(query: &&Statement) -> About {
    let time = query.row.total_exec_time.map(Millis);
    statements::about(query, [Figure::new("execution_time", time)])
}

fn describe(query: &&Statement) -> Draft {
    let share = query.share.map(display::percent).unwrap_or_default();
    Draft::new(format!("Optimize query {} first: it takes {share} of the execution time", query.subject()))
        .confidence(Confidence::Medium)
        .because(format!("It takes {share} of the execution time of all recorded statements."))
        .because("Improving it helps more than anything else.")
        .advise("Run EXPLAIN (ANALYZE, BUFFERS) on it with typical values, and check whether an index is missing.")
        .advise("Check whether it must run that often, and whether all of its rows and columns are needed.")
        .effort(Effort::Project)
        .impact("EXPLAIN ANALYZE executes the query.")
        .show(statements::texts([*query].into_iter()))
}
