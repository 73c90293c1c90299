//! Parallel workers did uneven work.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A parallel scan of which one worker returned far fewer rows than the average worker. The plan must have been made with
    /// VERBOSE.
    ///
    /// ## Why it matters
    ///
    /// The statement waits for its slowest process. A worker without work adds the cost of its start only.
    ///
    /// ## Threshold
    ///
    /// A worker returned less than {MIN_PART} of the rows of an average worker, the scan returned at least {MIN_ROWS} rows, read at
    /// least {MIN_BLOCKS} blocks where they are known, and took at least {MIN_SHARE} of the time, or the times are not known. The
    /// leader is not compared: it also has other work.
    ///
    /// ## Remedy
    ///
    /// There is often nothing to do. If the worker started late, the statement is too short for so many workers: raise
    /// `parallel_setup_cost` or lower `max_parallel_workers_per_gather` for it. If the rows that match lie in one part of the
    /// table, the work was even, although the rows were not.
    ///
    /// ## When to ignore this
    ///
    /// If the table has few blocks: they cannot be divided evenly.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=121100 width=8) (actual time=0.010..95.000 rows=121100 loops=1)",
    ///             "  Workers Planned: 3",
    ///             "  Workers Launched: 3",
    ///             "  ->  Parallel Seq Scan on public.orders  (cost=0.00..100.00 rows=30275 width=8) (actual time=0.010..90.000 rows=30275 loops=4)",
    ///             "        Worker 0:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 1:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 2:  actual time=0.010..90.000 rows=100 loops=1",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=171000 width=8) (actual time=0.010..95.000 rows=171000 loops=1)",
    ///             "  Workers Planned: 3",
    ///             "  Workers Launched: 3",
    ///             "  ->  Parallel Seq Scan on public.orders  (cost=0.00..100.00 rows=42750 width=8) (actual time=0.010..90.000 rows=42750 loops=4)",
    ///             "        Worker 0:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 1:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 2:  actual time=0.010..90.000 rows=50000 loops=1",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    ///
    /// Few blocks:
    ///
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=121100 width=8) (actual time=0.010..95.000 rows=121100 loops=1)",
    ///             "  Workers Planned: 3",
    ///             "  Workers Launched: 3",
    ///             "  ->  Parallel Seq Scan on public.orders  (cost=0.00..100.00 rows=30275 width=8) (actual time=0.010..90.000 rows=30275 loops=4)",
    ///             "        Buffers: shared hit=300",
    ///             "        Worker 0:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 1:  actual time=0.010..90.000 rows=60000 loops=1",
    ///             "        Worker 2:  actual time=0.010..90.000 rows=100 loops=1",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    rule uneven_workers {
        code: PGD1623,
        title: "Parallel workers do uneven work",
        passed: "The work of parallel workers is even",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the rows of an average worker.
            MIN_PART: Ratio = Ratio(0.25),
            /// Rows of the scan below which it is cheap.
            MIN_ROWS: i64 = 10_000,
            /// Blocks below which they cannot be divided evenly.
            MIN_BLOCKS: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A parallel scan with the rows of its workers.
struct Uneven<'a> {
    node: PlanNode<'a>,
    least: f64,
    mean: f64,
    rows: Vec<String>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Uneven<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(uneven).collect())
}

fn uneven(node: PlanNode<'_>) -> Option<Uneven<'_>> {
    let actual = node.node.workers.iter().filter_map(|worker| worker.run.actual);
    let rows: Vec<f64> = actual.map(|actual| actual.rows * actual.loops as f64).collect();
    let least = rows.iter().copied().reduce(f64::min)?;
    let mean = rows.iter().sum::<f64>() / rows.len() as f64;
    let blocks = node.own_buffers().map(|own| own.shared_hit.saturating_add(own.shared_read) as i64);
    let is_scan = node.node.is_parallel_aware && node.node.children.is_empty();
    let is_large = node.rows()? >= MIN_ROWS as f64 && blocks.is_none_or(|blocks| blocks >= MIN_BLOCKS);
    let is_found = is_scan && is_large && least < mean * MIN_PART.0 && node.takes(MIN_SHARE);
    let rows = rows.iter().map(|rows| display::count(*rows as i64)).collect();
    is_found.then_some(Uneven { node, least, mean, rows })
}

fn subject(found: &Uneven<'_>) -> About {
    about(&found.node).figures([
        Figure::new("least_rows", found.least as i64),
        Figure::new("mean_rows", found.mean as i64),
        Figure::new("rows_of_workers", found.rows.join(", ")),
    ])
}

fn describe(found: &Found<Uneven<'_>>) -> Draft {
    Draft::new(format!("Check the parallel workers of {}: their work is uneven", found.named("scan", "scans")))
        .confidence(Confidence::Low)
        .because("One worker returned far fewer rows than the average worker.")
        .advise("If it started late, lower max_parallel_workers_per_gather or raise parallel_setup_cost for the statement.")
}
