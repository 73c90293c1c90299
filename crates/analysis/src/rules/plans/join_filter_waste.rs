//! A join compares many pairs and keeps few.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::ConditionKind;

rule! {
    /// ## What it sees
    ///
    /// A join whose Join Filter removes nearly all of the pairs of rows that it compares.
    ///
    /// ## Why it matters
    ///
    /// The condition is evaluated for each pair, and so its cost is the product of both sides.
    ///
    /// ## Threshold
    ///
    /// At least {TIMES} times as many pairs removed as kept, at least {MIN_REMOVED} over all loops, and at least {MIN_SHARE} of the
    /// time taken, or times not known. Conditions with OR are left out: they can be neither hashed nor looked up in one index.
    ///
    /// ## Remedy
    ///
    /// Write the condition so that it can be hashed or looked up in an index: an equality of plain columns of the same type. For
    /// ranges, a GiST index on a range type finds the matching rows.
    ///
    /// ## When to ignore this
    ///
    /// If the condition is an inequality by nature and both sides are small.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  Join Filter: ((o.day >= p.first) AND (o.day <= p.last))",
    ///             "  Rows Removed by Join Filter: 99900",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..5.000 rows=1000 loops=1)",
    ///             "  ->  Materialize  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..0.010 rows=100 loops=1000)",
    ///             "        ->  Seq Scan on periods p  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  Join Filter: (o.day >= p.first)",
    ///             "  Rows Removed by Join Filter: 500",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..5.000 rows=1000 loops=1)",
    ///             "  ->  Materialize  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..0.010 rows=100 loops=1000)",
    ///             "        ->  Seq Scan on periods p  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// A condition with OR:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  Join Filter: ((o.day = p.first) OR (o.day = p.last))",
    ///             "  Rows Removed by Join Filter: 99900",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..5.000 rows=1000 loops=1)",
    ///             "  ->  Materialize  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..0.010 rows=100 loops=1000)",
    ///             "        ->  Seq Scan on periods p  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule join_filter_waste {
        code: PGD1609,
        title: "A join compares many pairs of rows and keeps few",
        passed: "No join compares many pairs of rows to keep few",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Times as many pairs removed as kept.
            TIMES: f64 = 10.0,
            /// Removed pairs below which the join is cheap.
            MIN_REMOVED: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A join with the pairs that it removed and kept.
struct Comparing<'a> {
    node: PlanNode<'a>,
    removed: i64,
    kept: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Comparing<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(comparing).collect())
}

fn comparing(node: PlanNode<'_>) -> Option<Comparing<'_>> {
    let (removed, kept) = (node.node.removed.join_filter? * node.actual()?.loops as f64, node.rows()?);
    let has_or = node.node.condition(ConditionKind::JoinFilter).is_some_and(|filter| filter.contains(" OR "));
    let is_found = removed >= TIMES * kept && removed >= MIN_REMOVED as f64 && !has_or;
    (is_found && node.takes(MIN_SHARE)).then_some(Comparing { node, removed: removed as i64, kept: kept as i64 })
}

fn subject(found: &Comparing<'_>) -> About {
    about(&found.node).figures([
        Figure::new("pairs_removed", found.removed).against(MIN_REMOVED),
        Figure::new("pairs_kept", found.kept),
        Figure::new("join_filter", found.node.node.condition(ConditionKind::JoinFilter).map(str::to_owned)),
    ])
}

fn describe(found: &Found<Comparing<'_>>) -> Draft {
    let removed = display::count(found.sum(|one| Some(one.removed)));
    Draft::new(format!("Change the join condition of {}: {removed} pairs compared in vain", found.named("join", "joins")))
        .because("The join filter is evaluated for each pair of rows, and removes these.")
        .advise("Write the condition so that it can be hashed or looked up in an index, such as an equality of plain columns of the same type.")
}
