//! JIT compilation takes a large part of the execution time.

use crate::engine::prelude::*;
use crate::engine::statements;
use crate::facts::statements::{Measure, Statements};

rule! {
    /// ## What it sees
    ///
    /// A server on which JIT compilation takes a large part of the time of all recorded statements.
    ///
    /// ## Why it matters
    ///
    /// JIT compilation pays off in queries that process millions of rows. The server decides by the estimated cost; if that is
    /// too high, which it often is for queries on many partitions, each call spends a few hundred milliseconds compiling what
    /// then runs a few milliseconds.
    ///
    /// ## Threshold
    ///
    /// JIT compilation of at least {MIN_SHARE} of the execution time of all recorded statements, and {MIN_TIME} in total, while
    /// `jit` is on. pg_stat_statements counts it from PostgreSQL 15 on.
    ///
    /// ## Remedy
    ///
    /// Raise `jit_above_cost`, up to {MAX_COST}, so that only really large queries are compiled, and check the estimates of the
    /// queries shown. If that does not help, disable `jit`, or only for the role that runs them.
    ///
    /// ## When to ignore this
    ///
    /// If the queries run as a whole faster with JIT compilation than without; compare with `SET jit = off`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "jit", "setting": "on" }, { "name": "jit_above_cost", "setting": "100000" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t join u using (a)", "calls": 1000,
    ///                             "total_exec_time": 500000.0, "jit_functions": 9000, "jit_time": 300000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "jit", "setting": "off" }, { "name": "jit_above_cost", "setting": "100000" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t join u using (a)", "calls": 1000,
    ///                             "total_exec_time": 500000.0, "jit_functions": 9000, "jit_time": 300000.0 } ] }
    /// ```
    rule jit_overhead {
        code: PGD1021,
        title: "JIT compilation takes a large part of the execution time",
        passed: "JIT compilation takes a small part of the execution time",
        worst: Notice,
        reads: [statements, server_settings, tracking],
        source: "PostgreSQL manual, When to JIT?; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the total execution time from which on it is reported.
            MIN_SHARE: Ratio = Ratio(0.1),
            /// JIT compilation below which it is negligible.
            MIN_TIME: Millis = Millis(60_000.0),
            /// Cost from which on raising the parameter further makes no difference.
            MAX_COST: f64 = 1_000_000.0,
        },
    }
}

struct Overhead<'a> {
    statements: &'a Statements,
    time: Millis,
    share: Ratio,
    above_cost: Option<f64>,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Overhead<'a>>> {
    let (statements, settings) = (view.statements()?, view.server_settings()?);
    if settings.is_on("jit") == Some(false) {
        return Ok(None);
    }
    statements.require(Measure::Jit, view.tracking()?)?;
    let time: f64 = statements.all.iter().filter_map(|statement| statement.row.jit_time).sum();
    let share = Ratio(time / statements.total_exec_time);
    let is_found = time >= MIN_TIME.0 && share >= MIN_SHARE;
    let above_cost = settings.float("jit_above_cost");
    Ok(is_found.then_some(Overhead { statements, time: Millis(time), share, above_cost }))
}

fn subject(overhead: &Overhead<'_>) -> About {
    let cost = overhead.above_cost.map_or(Quantity::Unknown, Quantity::Number);
    About::parameter("jit_above_cost", overhead.share).figures([
        Figure::new("jit_share", overhead.share).labelled("share of the execution time").against(MIN_SHARE),
        Figure::new("jit_time", overhead.time).labelled("time of JIT compilation"),
        Figure::parameter("jit_above_cost", cost),
    ])
}

fn describe(overhead: &Overhead<'_>) -> Draft {
    let share = display::percent(overhead.share);
    let draft = match overhead.above_cost {
        Some(cost) if (0.0..MAX_COST).contains(&cost) => {
            let raised = (cost * 5.0).clamp(500_000.0, MAX_COST) as i64;
            Draft::new(format!("Raise jit_above_cost to {raised}: JIT compilation takes {share} of the execution time"))
                .set("jit_above_cost", raised.to_string(), Effort::Reload)
        }
        _ => Draft::new(format!("Disable jit: JIT compilation takes {share} of the execution time"))
            .set("jit", "off", Effort::Reload),
    };
    let mut compiled: Vec<&Statement> = overhead.statements.all.iter().filter(|statement| !statement.is_hidden()).collect();
    compiled.retain(|statement| statement.counted().jit_share() >= Some(MIN_SHARE));
    draft
        .confidence(overhead.statements.window.confidence())
        .because("Queries are compiled whose estimated cost is high, although their execution is short.")
        .advise("Check the estimates of the queries shown: a cost that is far too high is often a sign of missing statistics.")
        .impact("Queries below that cost run without JIT compilation.")
        .show(statements::texts(compiled.into_iter()))
}
