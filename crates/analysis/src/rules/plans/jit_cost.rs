//! Just-in-time compilation takes much of the time.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{Explained, PlanNode};
use pgdba_plan::{Jit, JitTimes};

rule! {
    /// ## What it sees
    ///
    /// A statement whose expressions were compiled just in time, at a high cost.
    ///
    /// ## Why it matters
    ///
    /// Compilation pays off for statements that evaluate expressions for many rows. The planner decides by the estimated cost
    /// alone, so a wrong estimate leads to compilation for a few rows.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SHARE} of the execution time and at least {MIN_TIME}. The time is that of all processes together: each
    /// parallel worker compiles for itself, which VERBOSE shows below the workers.
    ///
    /// ## Remedy
    ///
    /// If rows are misestimated, correct that first. Otherwise raise `jit_above_cost` (and `jit_optimize_above_cost`,
    /// `jit_inline_above_cost`), or set `jit` to off for the role that runs such statements.
    ///
    /// ## When to ignore this
    ///
    /// If the statement runs so rarely that its time does not matter.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Aggregate  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..199.000 rows=1 loops=1)",
    ///             "  ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..100.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "JIT:",
    ///             "  Functions: 12",
    ///             "  Options: Inlining true, Optimization true, Expressions true, Deforming true",
    ///             "  Timing: Generation 2.000 ms, Inlining 8.000 ms, Optimization 40.000 ms, Emission 30.000 ms, Total 80.000 ms",
    ///             "Execution Time: 200.0 ms" ] }
    /// ```
    ///
    /// A share of little:
    ///
    /// ```json passed
    /// { "plan": [ "Aggregate  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..4999.000 rows=1 loops=1)",
    ///             "  ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..2500.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "JIT:",
    ///             "  Functions: 12",
    ///             "  Options: Inlining true, Optimization true, Expressions true, Deforming true",
    ///             "  Timing: Generation 2.000 ms, Inlining 8.000 ms, Optimization 40.000 ms, Emission 30.000 ms, Total 80.000 ms",
    ///             "Execution Time: 5000.0 ms" ] }
    /// ```
    ///
    /// A short time:
    ///
    /// ```json passed
    /// { "plan": [ "Aggregate  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..59.000 rows=1 loops=1)",
    ///             "  ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..30.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "JIT:",
    ///             "  Functions: 12",
    ///             "  Options: Inlining true, Optimization true, Expressions true, Deforming true",
    ///             "  Timing: Generation 2.000 ms, Inlining 8.000 ms, Optimization 40.000 ms, Emission 30.000 ms, Total 20.000 ms",
    ///             "Execution Time: 60.0 ms" ] }
    /// ```
    rule jit_cost {
        code: PGD1611,
        title: "Just-in-time compilation takes much of the time",
        passed: "Just-in-time compilation takes little of the time",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Just-in-Time Compilation; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the execution time from which on it is reported.
            MIN_SHARE: Ratio = Ratio(0.10),
            /// Time below which it is negligible.
            MIN_TIME: Millis = Millis(50.0),
        },
    }
}

/// The compilation of a plan.
struct Compiled<'a> {
    root: PlanNode<'a>,
    jit: Jit,
    times: JitTimes,
    execution: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Compiled<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(compiled(explained))
}

fn compiled(explained: &Explained) -> Option<Compiled<'_>> {
    let (jit, execution) = (explained.plan.jit?, explained.plan.execution_time?);
    let (root, times) = (explained.root()?, jit.times?);
    let is_found = times.total >= MIN_TIME && times.total.0 >= execution.0 * MIN_SHARE.0;
    is_found.then_some(Compiled { root, jit, times, execution })
}

fn subject(found: &Compiled<'_>) -> About {
    about(&found.root).figures([
        Figure::new("compilation_time", found.times.total).against(MIN_TIME),
        Figure::new("execution_time", found.execution),
        Figure::new("functions", found.jit.functions as i64),
        Figure::new("generation_time", found.times.generation),
        Figure::new("inlining_time", found.times.inlining),
        Figure::new("optimization_time", found.times.optimization),
        Figure::new("emission_time", found.times.emission),
        Figure::new("estimated_cost", found.root.node.estimate.map(|estimate| estimate.total_cost as i64)),
    ])
}

fn describe(found: &Compiled<'_>) -> Draft {
    let (time, execution) = (display::duration(found.times.total), display::duration(found.execution));
    Draft::new(format!("Avoid just-in-time compilation: it took {time}, the execution {execution}"))
        .because("The planner decides by the estimated cost whether to compile.")
        .advise("If rows are misestimated, correct that first.")
        .advise("Otherwise raise jit_above_cost, or set jit to off for the role that runs the statement.")
        .impact("Statements of that role that evaluate expressions for many rows become slower.")
}
