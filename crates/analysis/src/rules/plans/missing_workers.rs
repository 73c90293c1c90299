//! Fewer parallel workers were started than planned.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A Gather or Gather Merge that started fewer workers than the planner had planned.
    ///
    /// ## Why it matters
    ///
    /// The planner chose a parallel plan that pays off with its workers. With fewer of them, or none, another plan might be faster.
    ///
    /// ## Threshold
    ///
    /// Fewer workers than planned, if the node with all below it took at least {MIN_SHARE} of the time, or the times are not known.
    /// A node that was executed more than once is left out: the plan shows the workers of its last execution only.
    ///
    /// ## Remedy
    ///
    /// Raise `max_parallel_workers`, and `max_worker_processes` with it if needed (it requires a restart). If the server has no
    /// idle CPUs, lower `max_parallel_workers_per_gather` instead.
    ///
    /// ## When to ignore this
    ///
    /// If many parallel statements ran at the same time, which is rare.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "  Workers Planned: 4",
    ///             "  Workers Launched: 1",
    ///             "  ->  Parallel Seq Scan on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..80.000 rows=50000 loops=2)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "  Workers Planned: 2",
    ///             "  Workers Launched: 2",
    ///             "  ->  Parallel Seq Scan on orders  (cost=0.00..100.00 rows=33333 width=8) (actual time=0.010..80.000 rows=33333 loops=3)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// The last execution of several:
    ///
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..90.000 rows=100000 loops=3)",
    ///             "  Workers Planned: 4",
    ///             "  Workers Launched: 1",
    ///             "  ->  Parallel Seq Scan on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..80.000 rows=50000 loops=6)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 273.0 ms" ] }
    /// ```
    rule missing_workers {
        code: PGD1614,
        title: "Fewer parallel workers were started than planned",
        passed: "All planned parallel workers were started",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, How Parallel Query Works; the threshold is pgdba's own",
        thresholds: {
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A node with its workers.
struct Understaffed<'a> {
    node: PlanNode<'a>,
    planned: i64,
    launched: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Understaffed<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(understaffed).collect())
}

fn understaffed(node: PlanNode<'_>) -> Option<Understaffed<'_>> {
    let gathering = node.node.gathering?;
    let (planned, launched) = (gathering.planned as i64, gathering.launched? as i64);
    let is_found = launched < planned && node.actual()?.loops == 1 && node.subtree_takes(MIN_SHARE);
    is_found.then_some(Understaffed { node, planned, launched })
}

fn subject(found: &Understaffed<'_>) -> About {
    about(&found.node).figures([
        Figure::new("workers_planned", found.planned),
        Figure::new("workers_launched", found.launched),
        Figure::new("time_with_inputs", found.node.inclusive_time()),
    ])
}

fn describe(found: &Found<Understaffed<'_>>) -> Draft {
    let planned = found.sum(|one| Some(one.planned));
    let launched = found.sum(|one| Some(one.launched));
    Draft::new(format!("Provide parallel workers for {}: {launched} of {planned} started", found.named("node", "nodes")))
        .because("The server had no free worker, so the plan ran with fewer processes than it was chosen for.")
        .advise("Raise max_parallel_workers, and max_worker_processes with it if needed.")
        .advise("If the server has no idle CPUs, lower max_parallel_workers_per_gather instead.")
        .impact("max_worker_processes requires a restart.")
}
