//! The execution time of a query varies greatly.

use crate::engine::prelude::*;
use crate::engine::statements;

rule! {
    /// ## What it sees
    ///
    /// A query whose execution time varies far more than its mean: mostly fast, sometimes very slow.
    ///
    /// ## Why it matters
    ///
    /// The mean hides the slow calls, which users notice. They often have one cause that can be removed: waiting for locks, a
    /// plan that is bad for some values, pages that are not in cache, or a few values with far more rows.
    ///
    /// ## Threshold
    ///
    /// A standard deviation of at least {MIN_DEVIATION} times the mean, a mean of at least {MIN_MEAN}, at least {MIN_CALLS} calls
    /// and {MIN_SHARE} of the execution time of all recorded statements. The standard deviation of ordinary queries is about the
    /// mean.
    ///
    /// ## Remedy
    ///
    /// Load `auto_explain` with a `log_min_duration` above the mean: the plans of the slow calls are then in the server log. A
    /// delta shows whether the sessions that run it wait for locks.
    ///
    /// ## When to ignore this
    ///
    /// If calls for different values must do different amounts of work, such as a search.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where a = $1", "calls": 1000,
    ///                             "total_exec_time": 50000.0, "mean_exec_time": 50.0, "stddev_exec_time": 400.0,
    ///                             "max_exec_time": 9000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_statements": [ { "queryid": "1", "query": "select * from t where a = $1", "calls": 1000,
    ///                             "total_exec_time": 50000.0, "mean_exec_time": 50.0, "stddev_exec_time": 60.0,
    ///                             "max_exec_time": 300.0 } ] }
    /// ```
    rule unstable_statement {
        code: PGD706,
        title: "The execution time of queries varies greatly",
        passed: "No query has an execution time that varies greatly",
        worst: Info,
        reads: [statements],
        source: "pgFirstAid reports a standard deviation above the mean; the thresholds are pgdba's own",
        thresholds: {
            /// Standard deviation as a multiple of the mean from which on a query is reported.
            MIN_DEVIATION: f64 = 3.0,
            /// Mean below which slow calls are rarely noticed.
            MIN_MEAN: Millis = Millis(10.0),
            /// Calls below which a single one decides.
            MIN_CALLS: i64 = 50,
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

struct Unstable<'a> {
    query: &'a Statement,
    multiple: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unstable<'a>>> {
    let statements = view.statements()?;
    let unstable = |query: &'a Statement| {
        let mean = query.mean_time().filter(|mean| *mean >= MIN_MEAN)?;
        let multiple = query.row.stddev_exec_time? / mean.0;
        let is_found = multiple >= MIN_DEVIATION && query.row.calls >= Some(MIN_CALLS);
        is_found.then_some(Unstable { query, multiple })
    };
    statements.conclude(statements.queries(MIN_SHARE).filter_map(unstable).collect())
}

fn subject(unstable: &Unstable<'_>) -> About {
    let row = &unstable.query.row;
    let figures = [
        Figure::new("standard_deviation", row.stddev_exec_time.map(Millis)),
        Figure::new("slowest_call", row.max_exec_time.map(Millis)),
        Figure::new("deviation_of_mean", Quantity::Number(unstable.multiple))
            .labelled("standard deviation as a multiple of the mean")
            .against(Quantity::Number(MIN_DEVIATION)),
    ];
    statements::about(unstable.query, figures)
}

fn describe(found: &Found<Unstable<'_>>) -> Draft {
    let varies = |unstable: &Unstable<'_>| {
        let mean = unstable.query.mean_time().map(display::duration).unwrap_or_default();
        let max = unstable.query.row.max_exec_time.map(|time| display::duration(Millis(time))).unwrap_or_default();
        format!("takes {mean} on average but up to {max}")
    };
    let varies = found.only().map_or_else(|| "have an execution time that varies greatly".to_owned(), varies);
    Draft::new(format!("{} {varies}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("The standard deviation of the execution time is several times the mean: some calls are very slow.")
        .advise("Find out whether the slow calls wait for locks, or have another plan or more rows than the others.")
        .advise("auto_explain with a log_min_duration above the mean logs their plans.")
        .effort(Effort::Project)
        .show(statements::texts(found.iter().map(|unstable| unstable.query)))
}
