//! Planning takes longer than the execution.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{Explained, PlanNode};

rule! {
    /// ## What it sees
    ///
    /// A statement whose planning took longer than its execution.
    ///
    /// ## Why it matters
    ///
    /// The statement is planned each time that it is executed, unless it is prepared.
    ///
    /// ## Threshold
    ///
    /// Planning took longer than the execution, and at least {MIN_TIME}.
    ///
    /// ## Remedy
    ///
    /// Use a prepared statement. Otherwise let the planner consider less: fewer partitions, fewer joined tables, fewer indexes. If
    /// planning reads many blocks, check the system catalogs for bloat.
    ///
    /// ## When to ignore this
    ///
    /// If it was the first statement of its session: the session then loads the catalog into its caches. Run it twice.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Index Scan using orders_pkey on orders  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.020 rows=1 loops=1)",
    ///             "  Index Cond: (id = 7)",
    ///             "Planning:",
    ///             "  Buffers: shared hit=8000 read=12",
    ///             "Planning Time: 25.0 ms",
    ///             "Execution Time: 3.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Index Scan using orders_pkey on orders  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.020 rows=1 loops=1)",
    ///             "  Index Cond: (id = 7)",
    ///             "Planning:",
    ///             "  Buffers: shared hit=8000 read=12",
    ///             "Planning Time: 25.0 ms",
    ///             "Execution Time: 300.0 ms" ] }
    /// ```
    ///
    /// The first statement of a session, a few milliseconds:
    ///
    /// ```json passed
    /// { "plan": [ "Index Scan using orders_pkey on orders  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.020 rows=1 loops=1)",
    ///             "  Index Cond: (id = 7)",
    ///             "Planning:",
    ///             "  Buffers: shared hit=8000 read=12",
    ///             "Planning Time: 4.0 ms",
    ///             "Execution Time: 0.1 ms" ] }
    /// ```
    rule planning_dominates {
        code: PGD1613,
        title: "Planning takes longer than the execution",
        passed: "Planning takes less time than the execution",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Time of planning below which it is negligible.
            MIN_TIME: Millis = Millis(10.0),
        },
    }
}

/// The times of a plan.
struct Slow<'a> {
    root: PlanNode<'a>,
    planning: Millis,
    execution: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Slow<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(slow(explained))
}

fn slow(explained: &Explained) -> Option<Slow<'_>> {
    let (planning, execution) = (explained.plan.planning_time?, explained.plan.execution_time?);
    let root = explained.root()?;
    (planning > execution && planning >= MIN_TIME).then_some(Slow { root, planning, execution })
}

fn subject(slow: &Slow<'_>) -> About {
    let planning = slow.root.explained.plan.planning;
    let buffers = planning.and_then(|planning| planning.buffers);
    about(&slow.root).figures([
        Figure::new("planning_time", slow.planning).against(MIN_TIME),
        Figure::new("execution_time", slow.execution),
        Figure::new("planning_blocks_hit", buffers.map(|buffers| buffers.shared_hit as i64)),
        Figure::new("planning_blocks_read", buffers.map(|buffers| buffers.shared_read as i64)),
        Figure::new("planning_memory", planning.and_then(|planning| planning.memory_used)),
    ])
}

fn describe(slow: &Slow<'_>) -> Draft {
    let (planning, execution) = (display::duration(slow.planning), display::duration(slow.execution));
    Draft::new(format!("Plan the statement less often: planning took {planning}, the execution {execution}"))
        .confidence(Confidence::Medium)
        .because("Unless it is prepared, the statement is planned each time that it is executed.")
        .advise("Run it twice: the first statement of a session also loads the catalog into its caches.")
        .advise("If the time remains, use a prepared statement, or reduce the partitions, joins and indexes to consider.")
}
