//! A part of the plan was never executed.

use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::{NodeType, Relationship};

rule! {
    /// ## What it sees
    ///
    /// A node that was not executed, below one that was. Only the topmost node of such a part is reported.
    ///
    /// ## Why it matters
    ///
    /// The part took no time and its estimates were not tested: other parameters might execute it. This is information, not a
    /// problem.
    ///
    /// ## Threshold
    ///
    /// Any node with 0 loops below an executed node. The alternatives of a subplan of which version 12 and 13 execute only one are
    /// left out. So are children of an Append, such as partitions: they were pruned during execution, or enough rows were found
    /// before them.
    ///
    /// ## Remedy
    ///
    /// Nothing has to be done. To see how long it takes, execute the statement with parameters for which it is needed.
    ///
    /// ## When to ignore this
    ///
    /// Always, unless the statement is slow with other parameters.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..9.000 rows=0 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..9.000 rows=0 loops=1)",
    ///             "  ->  Index Scan using items_order_idx on items i  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (order_id = o.id)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders o  (cost=0.00..100.00 rows=10 width=8) (actual time=0.010..9.000 rows=10 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    ///
    /// Alternatives of version 12 and 13:
    ///
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders o  (cost=0.00..100.00 rows=10 width=8) (actual time=0.010..9.000 rows=10 loops=1)",
    ///             "  Filter: (alternatives: SubPlan 1 or hashed SubPlan 2)",
    ///             "  SubPlan 1",
    ///             "    ->  Index Scan using items_order_idx on items i  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "          Index Cond: (order_id = o.id)",
    ///             "  SubPlan 2",
    ///             "    ->  Seq Scan on items i_1  (cost=0.00..100.00 rows=10 width=8) (actual time=0.010..1.000 rows=10 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    rule never_executed {
        code: PGD1628,
        title: "A part of the plan was never executed",
        passed: "Every part of the plan was executed",
        worst: Info,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<PlanNode<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter(is_unused).collect())
}

/// Whether it was not executed although its parent was.
fn is_unused(node: &PlanNode<'_>) -> bool {
    let is_below_executed = node.parent().is_some_and(|parent| parent.actual().is_some());
    node.node.is_never_executed() && is_below_executed && !is_alternative(node) && !is_pruned(node)
}

/// Whether it is a partition that was pruned during execution, or not reached because enough rows were found before it.
fn is_pruned(node: &PlanNode<'_>) -> bool {
    node.parent().is_some_and(|parent| matches!(parent.node.kind, NodeType::Append | NodeType::MergeAppend))
}

/// Whether it is a subplan of which the server executes this one or another.
fn is_alternative(node: &PlanNode<'_>) -> bool {
    let is_subplan = node.node.relationship == Some(Relationship::SubPlan);
    is_subplan && node.parent().is_some_and(|parent| parent.node.expressions().any(|text| text.contains("alternatives: ")))
}

fn subject(node: &PlanNode<'_>) -> About {
    About::new(node.subject(), Weight::Count(1)).labelled(&node.label()).figures([
        Figure::new("path", node.path()),
        Figure::new("condition", node.condition()),
    ])
}

fn describe(found: &Found<PlanNode<'_>>) -> Draft {
    let verb = if found.only().is_some() { "was" } else { "were" };
    Draft::new(format!("{} {verb} never executed", found.named("part of the plan", "parts of the plan")))
        .because("The rows above did not need it, so its time and its estimates were not tested.")
        .advise("To see how long it takes, execute the statement with parameters for which it is needed.")
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;

    /// What is found in a plan of these parts.
    fn summary(root: &str, parts: &str) -> Option<String> {
        let lines = format!("{root}  (cost=0.00..9.00 rows=9 width=8) (actual time=0.010..9.000 rows=9 loops=1)\n{parts}");
        let (explanation, _) = explain(pgdba_plan::read(&lines).unwrap().remove(0));
        let found = explanation.findings.into_iter().find(|finding| finding.code == "PGD1628");
        found.map(|finding| finding.summary)
    }

    #[test]
    fn the_verb_agrees_with_the_number_of_parts() {
        let title = |parts: usize| {
            let part = "  ->  Seq Scan on t  (cost=0.00..8.00 rows=1 width=8) (never executed)\n".repeat(parts);
            summary("Nested Loop", &part).unwrap()
        };
        assert_eq!(title(1), "Seq Scan on t was never executed");
        assert_eq!(title(2), "2 parts of the plan were never executed");
    }

    /// Servers prune partitions for each outer row of a nested loop, too.
    #[test]
    fn pruned_partitions_are_not_reported() {
        let parts = "  ->  Seq Scan on a  (cost=0.00..8.00 rows=9 width=8) (actual time=0.010..8.000 rows=9 loops=1)\n  ->  Seq Scan on b  \
                     (cost=0.00..8.00 rows=1 width=8) (never executed)\n";
        assert_eq!(summary("Append", parts), None);
        assert_eq!(summary("Merge Append", parts), None);
        assert_eq!(summary("Nested Loop", parts).as_deref(), Some("Seq Scan on b was never executed"));
    }
}
