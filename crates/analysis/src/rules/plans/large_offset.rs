//! A large OFFSET reads rows and discards them.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::{NodeType, Relationship};

rule! {
    /// ## What it sees
    ///
    /// A Limit that read many more rows than it returned, because of an OFFSET.
    ///
    /// ## Why it matters
    ///
    /// The rows before the offset are computed and then discarded. Each further page of a list costs more than the one before.
    ///
    /// ## Threshold
    ///
    /// The direct child of the Limit returned at least {TIMES} times its rows, and at least {MIN_ROWS} more; the node with all
    /// below it took at least {MIN_SHARE} of the time, or the times are not known. Only the direct child counts: an aggregate or a
    /// sort further down reads many rows without an offset.
    ///
    /// ## Remedy
    ///
    /// Use keyset pagination: remember the last row of a page and ask for the rows after it, as in `WHERE (created, id) > ($1, $2)
    /// ORDER BY created, id LIMIT 50`, with an index in that order.
    ///
    /// ## When to ignore this
    ///
    /// If pages so far into the list are requested rarely.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Limit  (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..90.000 rows=50 loops=1)",
    ///             "  ->  Index Scan using orders_created_idx on orders  (cost=0.00..100.00 rows=100050 width=8) (actual time=0.010..89.000 rows=100050 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Limit  (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..0.100 rows=50 loops=1)",
    ///             "  ->  Index Scan using orders_created_idx on orders  (cost=0.00..100.00 rows=50 width=8) (actual time=0.010..0.090 rows=50 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 0.2 ms" ] }
    /// ```
    ///
    /// An aggregate below reads many rows:
    ///
    /// ```json passed
    /// { "plan": [ "Limit  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..90.000 rows=1 loops=1)",
    ///             "  ->  Aggregate  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..90.000 rows=1 loops=1)",
    ///             "        ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..50.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule large_offset {
        code: PGD1616,
        title: "A large OFFSET reads rows and discards them",
        passed: "No LIMIT discards many rows before it returns some",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Times as many rows read as returned.
            TIMES: f64 = 10.0,
            /// Rows discarded below which their cost is negligible.
            MIN_ROWS: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A Limit with the rows that it read and returned.
struct Discarding<'a> {
    node: PlanNode<'a>,
    read: i64,
    returned: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Discarding<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(discarding).collect())
}

fn discarding(node: PlanNode<'_>) -> Option<Discarding<'_>> {
    let child = node.children().find(|child| child.node.relationship == Some(Relationship::Outer))?;
    let (read, returned) = (child.rows()?, node.rows()?);
    let is_found = node.node.kind == NodeType::Limit && read >= TIMES * returned && read - returned >= MIN_ROWS as f64;
    (is_found && node.subtree_takes(MIN_SHARE)).then_some(Discarding { node, read: read as i64, returned: returned as i64 })
}

fn subject(found: &Discarding<'_>) -> About {
    about(&found.node).figures([
        Figure::new("rows_read", found.read),
        Figure::new("rows_returned", found.returned),
        Figure::new("time_with_inputs", found.node.inclusive_time()),
    ])
}

fn describe(found: &Found<Discarding<'_>>) -> Draft {
    let discarded = display::count(found.sum(|one| Some(one.read - one.returned)));
    Draft::new(format!("Replace the OFFSET of {}: {discarded} rows read and discarded", found.named("node", "nodes")))
        .because("The rows before the offset are computed and then discarded.")
        .advise("Use keyset pagination: ask for the rows after the last one of the page before, with an index in that order.")
}
