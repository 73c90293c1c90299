//! A cheap query runs again and again in each transaction.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::databases::Databases;
use crate::facts::statements::Statements;

rule! {
    /// ## What it sees
    ///
    /// A query that is cheap and returns or changes a row or two, but runs many times in each transaction: an application that
    /// fetches a list and then queries each of its entries (N+1), or that inserts row by row.
    ///
    /// ## Why it matters
    ///
    /// Each call costs a round trip, planning and locks. Most of the time is spent outside of the execution, where no statistics
    /// of the server show it; one statement for all rows is often ten times faster.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_REPEATS} calls per transaction of its database, {MIN_CALLS} calls in total, {MIN_SHARE} of the execution
    /// time of all recorded statements, at most {MAX_MEAN} and {MAX_ROWS} rows per call. Queries that functions run are left out.
    /// The transactions are those of the window of a delta, otherwise those since a reset before that of the statements, which
    /// are at least as many. If that is unknown, as before PostgreSQL 14, the rule is not assessed without a delta.
    ///
    /// ## Remedy
    ///
    /// Let the application fetch all rows with one query: a join, or `where id = any($1)` with all identifiers. To write many
    /// rows, use an `INSERT` with many rows, or `COPY`. Object-relational mappers call the first eager loading, the second
    /// batching.
    ///
    /// ## When to ignore this
    ///
    /// For batch jobs whose duration does not matter.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "xact_commit": 1000, "xact_rollback": 0 } ],
    ///   "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where id = $1", "datname": "shop",
    ///                             "calls": 100000, "rows": 100000, "total_exec_time": 5000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "xact_commit": 100000, "xact_rollback": 0 } ],
    ///   "pg_stat_statements_info": [ { "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where id = $1", "datname": "shop",
    ///                             "calls": 100000, "rows": 100000, "total_exec_time": 5000.0 } ] }
    /// ```
    rule repeated_statement {
        code: PGD704,
        title: "Queries run many times in each transaction",
        passed: "No cheap query runs many times in each transaction",
        worst: Info,
        reads: [statements, databases],
        source: "pgFirstAid reports 5000 calls of at most 2 ms and 2 rows; calls per transaction are pgdba's own",
        thresholds: {
            /// Calls per transaction from which on a query is reported.
            MIN_REPEATS: f64 = 20.0,
            /// Calls below which it is negligible.
            MIN_CALLS: i64 = 10_000,
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
            /// Execution time per call above which the call itself is the cost.
            MAX_MEAN: Millis = Millis(2.0),
            /// Rows per call above which it is not a query for a single row.
            MAX_ROWS: f64 = 2.0,
        },
    }
}

struct Repeated<'a> {
    query: &'a Statement,
    per_transaction: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Repeated<'a>>> {
    let statements = view.statements()?;
    let is_cheap = |query: &&Statement| {
        let counted = query.counted();
        let is_small = counted.mean_time() <= Some(MAX_MEAN) && counted.rows_per_call() <= Some(MAX_ROWS);
        is_small && query.row.calls >= Some(MIN_CALLS) && query.row.toplevel != Some(false)
    };
    let cheap: Vec<&Statement> = statements.queries(MIN_SHARE).filter(is_cheap).collect();
    if cheap.is_empty() {
        return statements.conclude(Vec::new());
    }
    let databases = view.databases()?;
    let mut found = Vec::new();
    for query in cheap {
        let per_transaction = per_transaction(query, statements, databases).ok_or_else(|| {
            NotAssessed::because("the number of transactions over the time of the statements is unknown; it is known in a delta")
        })?;
        found.extend((per_transaction >= MIN_REPEATS).then_some(Repeated { query, per_transaction }));
    }
    statements.conclude(found)
}

/// Calls per transaction of the database, at least; none if they were counted over other times.
fn per_transaction(query: &Statement, statements: &Statements, databases: &Databases) -> Option<f64> {
    let is_of = |name: &Option<String>| *name == query.row.datname;
    let (row, growth) = databases.all.iter().find(|(row, _)| is_of(&row.datname))?;
    let ratio = |calls: Option<i64>, commits: Option<i64>, rollbacks: Option<i64>| {
        let transactions = commits?.saturating_add(rollbacks?);
        Some(calls? as f64 / transactions.max(1) as f64)
    };
    if let Some((calls, growth)) = query.in_window().zip(growth.row()) {
        return ratio(calls.0.calls, growth.xact_commit, growth.xact_rollback);
    }
    let since = statements.window.since?;
    let is_longer = row.stats_reset.is_none_or(|reset| reset <= since);
    is_longer.then(|| ratio(query.row.calls, row.xact_commit, row.xact_rollback)).flatten()
}

fn subject(repeated: &Repeated<'_>) -> About {
    let figure = Figure::new("calls_per_transaction", Quantity::Number(repeated.per_transaction)).against(Quantity::Number(MIN_REPEATS));
    let rows = repeated.query.counted().rows_per_call().map_or(Quantity::Unknown, Quantity::Number);
    statements::about(repeated.query, [figure, Figure::new("rows_per_call", rows)])
}

fn describe(found: &Found<Repeated<'_>>) -> Draft {
    let times = |repeated: &Repeated<'_>| {
        format!("runs {} times per transaction", display::count(repeated.per_transaction.round() as i64))
    };
    let times = found.only().map_or_else(|| "run many times per transaction".to_owned(), times);
    Draft::new(format!("{} {times}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("Each call handles a row or two: the round trips take longer than the execution.")
        .advise("Let the application fetch all rows with one query: a join, or = ANY with all identifiers.")
        .advise("To write many rows, use an INSERT with many rows, or COPY.")
        .effort(Effort::Project)
        .show(statements::texts(found.iter().map(|repeated| repeated.query)))
}
