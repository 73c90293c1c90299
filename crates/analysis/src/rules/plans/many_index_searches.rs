//! An index is searched many times.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::ConditionKind;

rule! {
    /// ## What it sees
    ///
    /// A scan that searched its index many times in one execution: for each value of a list, or for each value of a leading column
    /// without a condition (skip scan).
    ///
    /// ## Why it matters
    ///
    /// Each search descends the index from its root. An index that begins with the column of the condition needs one.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SEARCHES} searches per execution, and at least {MIN_SHARE} of the time taken, or times not known. Version 18
    /// and later report searches.
    ///
    /// ## Remedy
    ///
    /// Create an index whose first columns are those of the condition. Shorten long IN lists, or join with the list as a table.
    ///
    /// ## When to ignore this
    ///
    /// If the statement needs each of these values.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Index Scan using orders_region_customer_idx on orders  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  Index Cond: (customer = 7)",
    ///             "  Index Searches: 5000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Index Scan using orders_region_customer_idx on orders  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  Index Cond: (customer = 7)",
    ///             "  Index Searches: 3",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule many_index_searches {
        code: PGD1621,
        title: "A scan searches its index many times",
        passed: "No scan searches its index many times",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Searches per execution from which on a scan is reported.
            MIN_SEARCHES: i64 = 100,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A scan with its searches.
struct Searching<'a> {
    node: PlanNode<'a>,
    searches: i64,
    loops: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Searching<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(searching).collect())
}

fn searching(node: PlanNode<'_>) -> Option<Searching<'_>> {
    let (searches, loops) = (node.node.run.index_searches? as i64, node.actual()?.loops as i64);
    let is_found = searches >= MIN_SEARCHES.saturating_mul(loops) && node.takes(MIN_SHARE);
    is_found.then_some(Searching { node, searches, loops })
}

fn subject(found: &Searching<'_>) -> About {
    about(&found.node).figures([
        Figure::new("index_searches", found.searches),
        Figure::new("loops", found.loops),
        Figure::new("index_condition", found.node.node.condition(ConditionKind::IndexCond).map(str::to_owned)),
    ])
}

fn describe(found: &Found<Searching<'_>>) -> Draft {
    let searches = display::count(found.sum(|one| Some(one.searches)));
    Draft::new(format!("Reduce the index searches of {}: {searches}", found.named("scan", "scans")))
        .because("Each search descends the index from its root.")
        .advise("Create an index whose first columns are those of the condition, or shorten the IN list.")
        .impact("CREATE INDEX CONCURRENTLY does not block writes; every index slows them down.")
}
