//! A nested loop runs far more often than planned.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{PlanNode, times_off};
use pgdba_plan::{NodeType, Relationship};

rule! {
    /// ## What it sees
    ///
    /// A Nested Loop whose outer side returned many times the rows that the planner expected, so that the inner side was executed
    /// as often.
    ///
    /// ## Why it matters
    ///
    /// The planner chose the nested loop for a few rows. For many rows a hash join or a merge join reads each table once.
    ///
    /// ## Threshold
    ///
    /// The inner side was executed at least {MIN_LOOPS} times, the loop and its inner side took at least {MIN_SHARE} of the time,
    /// and the outer side returned at least {TIMES} times the expected rows. It is a warning, because the wrong estimate and its
    /// cost were both measured.
    ///
    /// A Memoize as the inner side that found at least {GOOD_HITS} of its lookups in its cache is left out. So are outer sides
    /// whose rows cannot be compared, such as those that a LIMIT stopped.
    ///
    /// ## Remedy
    ///
    /// Correct the estimate of the outer side: ANALYZE, a higher statistics target, extended statistics. The planner then chooses a
    /// hash join by itself. If the nested loop remains and its inner side does not use an index, create one on the join columns of
    /// the inner table.
    ///
    /// ## When to ignore this
    ///
    /// If the estimate was wrong for these parameters only, and the statement usually returns a few rows.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "        Filter: (state = 'open'::text)",
    ///             "  ->  Index Scan using items_order_idx on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Index Cond: (order_id = o.id)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// The number of rows was expected:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=4800 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "        Filter: (state = 'open'::text)",
    ///             "  ->  Index Scan using items_order_idx on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Index Cond: (order_id = o.id)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// Nearly all lookups are cached:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "        Filter: (state = 'open'::text)",
    ///             "  ->  Memoize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Cache Key: o.item",
    ///             "        Hits: 4900  Misses: 100  Evictions: 0  Overflows: 0  Memory Usage: 12kB",
    ///             "        ->  Index Scan using items_pkey on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.500 rows=1 loops=100)",
    ///             "              Index Cond: (id = o.item)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule nested_loop_blowup {
        code: PGD1605,
        title: "A nested loop runs far more often than planned",
        passed: "No nested loop runs far more often than planned",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Executions of the inner side below which a nested loop is cheap.
            MIN_LOOPS: i64 = 1000,
            /// Share of the time below which it is negligible.
            MIN_SHARE: Ratio = Ratio(0.30),
            /// Times the expected rows from which on the outer side is reported.
            TIMES: f64 = 10.0,
            /// Share of lookups that a good Memoize finds in its cache.
            GOOD_HITS: Ratio = Ratio(0.50),
        },
    }
}

/// A nested loop with the rows of its outer side, as expected and as returned.
struct Loop<'a> {
    node: PlanNode<'a>,
    loops: i64,
    expected: f64,
    returned: f64,
    /// Whether the inner side uses an index.
    is_indexed: bool,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Loop<'a>>> {
    let explained = view.plan()?;
    explained.require_times()?;
    Ok(explained.nodes().filter_map(blowup).collect())
}

fn blowup(node: PlanNode<'_>) -> Option<Loop<'_>> {
    if node.node.kind != NodeType::NestedLoop {
        return None;
    }
    let side = |side| node.children().find(|child| child.node.relationship.as_ref() == Some(&side));
    let (outer, inner) = (side(Relationship::Outer)?, side(Relationship::Inner)?);
    let (expected, returned) = outer.compared_rows()?;
    let loops = inner.actual()?.loops as i64;
    let share = node.share()?.0 + inner.inclusive_share()?.0;
    let is_blowup = loops >= MIN_LOOPS && share >= MIN_SHARE.0 && returned > expected;
    let is_off = times_off(expected, returned) >= TIMES;
    let mut below = std::iter::successors(Some(inner), |node| node.children().next());
    let is_indexed = below.any(|node| node.node.target.index.is_some());
    (is_blowup && is_off && !is_cached(&inner)).then_some(Loop { node, loops, expected, returned, is_indexed })
}

/// Whether it is a Memoize that rarely executes its child.
fn is_cached(inner: &PlanNode<'_>) -> bool {
    let hits = inner.sum(|run| Some(run.memoize?.hits)).unwrap_or(0) as f64;
    let misses = inner.sum(|run| Some(run.memoize?.misses)).unwrap_or(0) as f64;
    hits > 0.0 && hits / (hits + misses) >= GOOD_HITS.0
}

fn subject(found: &Loop<'_>) -> About {
    about(&found.node).figures([
        Figure::new("inner_loops", found.loops).against(MIN_LOOPS),
        Figure::new("expected_outer_rows", Quantity::Number(found.expected)),
        Figure::new("returned_outer_rows", Quantity::Number(found.returned)),
        Figure::new("time_with_inputs", found.node.inclusive_time()),
    ])
}

fn describe(found: &Found<Loop<'_>>) -> Draft {
    let loops = display::count(found.max(|one| Some(one.loops as f64)) as i64);
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Avoid the repetition of {}: {up_to}{loops} loops", found.named("nested loop", "nested loops")))
        .because("The outer side returned many times the expected rows, and the inner side was executed for each of them.")
        .advise("Correct the row estimate of the outer side: ANALYZE, a higher statistics target, extended statistics.")
        .advise_if(
            found.any(|one| !one.is_indexed),
            "If the nested loop remains, create an index on the join columns of the inner table.",
        )
        .impact("ANALYZE reads a sample of the table and does not block reads or writes.")
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;

    /// Whether an index is advised for a loop with this inner side.
    fn is_index_advised(inner: &str) -> bool {
        let lines = format!(
            "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)\n  ->  Seq Scan on orders o  \
             (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..5.000 rows=5000 loops=1)\n{inner}"
        );
        let (explanation, _) = explain(pgdba_plan::read(&lines).unwrap().remove(0));
        let found = explanation.findings.iter().find(|finding| finding.code == "PGD1605").unwrap();
        serde_json::to_string(found).unwrap().contains("create an index")
    }

    #[test]
    fn an_index_is_advised_only_for_an_inner_side_without_one() {
        let figures = "(cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)";
        assert!(is_index_advised(&format!("  ->  Seq Scan on items i  {figures}")));
        assert!(!is_index_advised(&format!("  ->  Index Scan using items_order_idx on items i  {figures}")));
        let heap = format!("  ->  Bitmap Heap Scan on items i  {figures}");
        assert!(!is_index_advised(&format!("{heap}\n        ->  Bitmap Index Scan on items_order_idx  {figures}")));
        let memoize = format!("  ->  Memoize  {figures}\n        Hits: 0  Misses: 5000  Evictions: 0  Overflows: 0  Memory Usage: 12kB");
        assert!(!is_index_advised(&format!("{memoize}\n        ->  Index Scan using items_pkey on items i  {figures}")));
    }
}
