//! Planning a query takes longer than executing it.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::statements::Measure;

rule! {
    /// ## What it sees
    ///
    /// A query whose plans take longer than their execution, and that takes a relevant part of the time of all statements.
    ///
    /// ## Why it matters
    ///
    /// The server plans such a query again for each call, although the plan rarely differs. The time is lost on every call. Joins
    /// of many tables, many partitions and many indexes make planning slow.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_PLANS} plans, at least {MIN_SHARE} of the query's time spent planning, and at least {MIN_WEIGHT} of the
    /// planning and execution time of all recorded statements. The server measures planning only if
    /// `pg_stat_statements.track_planning` is on, which it is not by default (PostgreSQL 13); otherwise the rule is not assessed.
    ///
    /// ## Remedy
    ///
    /// Let the application prepare the statement: after five executions the server may keep a generic plan. With a connection
    /// pooler in transaction mode, check that it supports prepared statements. For a partitioned table, make sure that the
    /// condition allows pruning, and consider fewer partitions.
    ///
    /// ## When to ignore this
    ///
    /// If the values differ so much that each call needs a plan of its own.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where id = $1", "calls": 5000, "plans": 5000,
    ///                             "total_plan_time": 8000.0, "total_exec_time": 500.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where id = $1", "calls": 5000, "plans": 5,
    ///                             "total_plan_time": 8.0, "total_exec_time": 500.0 } ] }
    /// ```
    rule planning_overhead {
        code: PGD705,
        title: "Planning takes longer than execution",
        passed: "No query takes longer to plan than to execute",
        worst: Notice,
        reads: [statements, tracking],
        source: "PostgreSQL manual, PREPARE and pg_stat_statements; the thresholds are pgdba's own",
        thresholds: {
            /// Plans below which it is negligible.
            MIN_PLANS: i64 = 1000,
            /// Share of its time that a query must spend planning.
            MIN_SHARE: Ratio = Ratio(0.5),
            /// Share of the time of all statements below which a query is negligible.
            MIN_WEIGHT: Ratio = Ratio(0.05),
        },
    }
}

struct Planned<'a> {
    query: &'a Statement,
    share: Ratio,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Planned<'a>>> {
    let statements = view.statements()?;
    statements.require(Measure::PlanTime, view.tracking()?)?;
    let time = |query: &Statement| query.row.total_exec_time.unwrap_or(0.0) + query.row.total_plan_time.unwrap_or(0.0);
    let all: f64 = statements.all.iter().map(time).sum();
    let planned = |query: &'a Statement| {
        let share = query.counted().plan_share().filter(|share| *share >= MIN_SHARE)?;
        let is_relevant = query.row.plans >= Some(MIN_PLANS) && time(query) >= all * MIN_WEIGHT.0;
        is_relevant.then_some(Planned { query, share })
    };
    statements.conclude(statements.queries(Ratio(0.0)).filter_map(planned).collect())
}

fn subject(planned: &Planned<'_>) -> About {
    let row = &planned.query.row;
    let figures = [
        Figure::new("share_of_time_planning", planned.share).against(MIN_SHARE),
        Figure::new("planning_time", row.total_plan_time.map(Millis)),
        Figure::new("plans", row.plans),
    ];
    statements::about(planned.query, figures)
}

fn describe(found: &Found<Planned<'_>>) -> Draft {
    let spends = |planned: &Planned<'_>| format!("spends {} of its time planning", display::percent(planned.share));
    let spends = found.only().map_or_else(|| "take longer to plan than to execute".to_owned(), spends);
    Draft::new(format!("{} {spends}", found.each("Query", "queries")))
        .because("It is planned again in each call, and planning takes longer than the execution.")
        .advise("Let the application prepare the statement, so that the server can keep its plan.")
        .advise("With a connection pooler in transaction mode, check that it supports prepared statements.")
        .advise("For a partitioned table, make sure that the condition allows pruning.")
        .effort(Effort::Project)
        .show(statements::texts(found.iter().map(|planned| planned.query)))
}
