//! A scan of everything is repeated.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::{ConditionKind, NodeType};

rule! {
    /// ## What it sees
    ///
    /// A Seq Scan, Function Scan or CTE Scan that was executed many times: on the inner side of a nested loop, or in a subquery of
    /// an expression.
    ///
    /// ## Why it matters
    ///
    /// Each execution reads all rows again to find a few.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_LOOPS} executions by an average process, at least {MIN_ROWS} rows read over all of them, and at least
    /// {MIN_SHARE} of the time taken, or times not known. A warning from {WARNING_SHARE} of the time on, because that time was
    /// measured to be spent on the repetition.
    ///
    /// Scans below a Materialize, a Memoize or a Hash are left out: these keep the rows. Parallel processes count as loops, too, so
    /// the loops are divided by their number.
    ///
    /// ## Remedy
    ///
    /// Create an index on the column of the join or of the subquery's condition. Of a CTE or a function, join it once instead: as a
    /// hash join, or with NOT MATERIALIZED.
    ///
    /// ## When to ignore this
    ///
    /// If the table has a few rows only and stays so.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  ->  Seq Scan on customers c  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.850 rows=1 loops=100)",
    ///             "        Filter: (customer = c.id)",
    ///             "        Rows Removed by Filter: 9999",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Hash Join  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Hash Cond: (o.customer = c.id)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=10000 width=8) (actual time=0.010..5.000 rows=10000 loops=1)",
    ///             "  ->  Hash  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "        ->  Seq Scan on customers c  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.2 ms" ] }
    /// ```
    ///
    /// The rows are kept by a Materialize, whose input runs again for other parameters only:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  ->  Seq Scan on customers c  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "  ->  Materialize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.850 rows=1 loops=100)",
    ///             "        ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..0.050 rows=1000 loops=100)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// The loops are processes:
    ///
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=120000 width=8) (actual time=0.010..90.000 rows=120000 loops=1)",
    ///             "  Workers Planned: 11",
    ///             "  Workers Launched: 11",
    ///             "  ->  Parallel Seq Scan on orders o  (cost=0.00..100.00 rows=10000 width=8) (actual time=0.010..80.000 rows=10000 loops=12)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule sequential_scan_in_loop {
        code: PGD1606,
        title: "A scan of everything is repeated for each row",
        passed: "No scan of everything is repeated for each row",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Executions below which a scan is not repeated.
            MIN_LOOPS: i64 = 10,
            /// Rows read over all loops below which it is cheap.
            MIN_ROWS: i64 = 10_000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
            /// Share of the time from which on it is a warning.
            WARNING_SHARE: Ratio = Ratio(0.20),
        },
    }
}

/// A repeated scan.
struct Repeated<'a> {
    node: PlanNode<'a>,
    loops: i64,
    rows: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Repeated<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(repeated).collect())
}

fn repeated(node: PlanNode<'_>) -> Option<Repeated<'_>> {
    let is_scan = matches!(node.node.kind, NodeType::SeqScan | NodeType::FunctionScan | NodeType::CteScan);
    let (loops, rows) = (node.executions()? as i64, node.rows_read()? as i64);
    let is_large = loops >= MIN_LOOPS && rows >= MIN_ROWS;
    (is_scan && is_large && !is_kept(&node) && node.takes(MIN_SHARE)).then_some(Repeated { node, loops, rows })
}

/// Whether a node above it keeps its rows.
fn is_kept(node: &PlanNode<'_>) -> bool {
    let mut below = *node;
    while let Some(above) = below.parent() {
        if below.node.relationship.as_ref().is_some_and(|relationship| !relationship.is_input()) {
            return false;
        }
        if matches!(above.node.kind, NodeType::Materialize | NodeType::Memoize | NodeType::Hash) {
            return true;
        }
        below = above;
    }
    false
}

fn subject(found: &Repeated<'_>) -> About {
    let is_costly = found.node.share().is_some_and(|share| share >= WARNING_SHARE);
    about(&found.node).severity(if is_costly { Severity::Warning } else { Severity::Notice }).figures([
        Figure::new("executions", found.loops).against(MIN_LOOPS),
        Figure::new("rows_read", found.rows).against(MIN_ROWS),
        Figure::new("rows_read_per_execution", Quantity::Number(found.rows as f64 / found.loops.max(1) as f64)),
        Figure::new("filter", found.node.node.condition(ConditionKind::Filter).map(str::to_owned)),
    ])
}

fn describe(found: &Found<Repeated<'_>>) -> Draft {
    let loops = display::count(found.max(|one| Some(one.loops as f64)) as i64);
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let is_table = found.any(|one| one.node.node.kind == NodeType::SeqScan);
    let is_other = found.any(|one| one.node.node.kind != NodeType::SeqScan);
    Draft::new(format!("Avoid the repetition of {}: executed {up_to}{loops} times", found.named("scan", "scans")))
        .because("Each execution reads all rows again.")
        .advise_if(is_table, "Create an index on the column of the join or of the subquery's condition.")
        .advise_if(is_other, "Rewrite the statement so that the CTE or function is joined once, for example with NOT MATERIALIZED.")
        .impact("CREATE INDEX CONCURRENTLY does not block writes; every index slows them down.")
}
