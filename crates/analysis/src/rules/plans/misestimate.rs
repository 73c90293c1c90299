//! The planner expected far more or far fewer rows.

use std::collections::BTreeSet;

use crate::engine::estimates::{Cure, analyze, cure, is_table_scan};
use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{PlanNode, times_off};
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// A node that returned far more or far fewer rows than the planner expected. Of a chain of wrong estimates only the lowest
    /// node is reported: those above it only multiply its error.
    ///
    /// ## Why it matters
    ///
    /// The planner chooses join methods, join order and memory by these estimates. A nested loop that was planned for 10 rows and
    /// runs for 100 000 is the most frequent reason for a slow query.
    ///
    /// ## Threshold
    ///
    /// The larger number is at least {NOTICE} times the smaller one, each counted as one row at least, and at least {MIN_ROWS}
    /// rows over all loops. A warning from {WARNING} times on. Each input of the node is within {GOOD} times. The node, or one
    /// above it that has the error as well, took at least {MIN_SHARE} of the time with all that worked for it, or times are not
    /// known. A node above has it if it is a nested loop or returned more than {GOOD} times too many or too few rows.
    ///
    /// Nodes that might have been stopped early are left out: below a LIMIT or a run condition, inputs of a merge join, the
    /// inner side of semi and anti joins, the outer side of a hash join whose inner side has no rows. So are bitmaps, which return
    /// no rows, nodes whose estimate nothing above them uses, nodes that were never executed, and nodes that returned nothing because their input had no rows. Up to version 17
    /// the rows of an average loop are rounded: 0 rows in several loops are not compared.
    ///
    /// ## Remedy
    ///
    /// Run ANALYZE. If that does not help, raise the statistics target of the columns in the condition, or create extended
    /// statistics (CREATE STATISTICS) where several columns of one table are in it: the planner takes them for independent.
    ///
    /// Statistics of columns say nothing about expressions, such as casts and functions: compare the column itself, or create
    /// statistics on the expression. There are none about subqueries, aggregates (HAVING), window functions, functions that
    /// return rows, recursive queries and UNION. Extended statistics are not used for the conditions of joins.
    ///
    /// ## When to ignore this
    ///
    /// If the plan would be the same with the right number.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..1693.00 rows=10 width=8) (actual time=0.010..9.000 rows=48000 loops=1)",
    ///             "  Filter: ((state = 'open'::text) AND (region = 7))", "Planning Time: 0.1 ms", "Execution Time: 11.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..1693.00 rows=40000 width=8) (actual time=0.010..9.000 rows=48000 loops=1)",
    ///             "Planning Time: 0.1 ms", "Execution Time: 11.0 ms" ] }
    /// ```
    ///
    /// A LIMIT that stopped the scan:
    ///
    /// ```json passed
    /// { "plan": [ "Limit  (cost=0.00..0.35 rows=10 width=8) (actual time=0.010..0.020 rows=10 loops=1)",
    ///             "  ->  Seq Scan on orders  (cost=0.00..1693.00 rows=48000 width=8) (actual time=0.010..0.015 rows=10 loops=1)",
    ///             "Planning Time: 0.1 ms", "Execution Time: 0.1 ms" ] }
    /// ```
    ///
    /// A hash join that read one row of its outer side, since its inner side has none:
    ///
    /// ```json passed
    /// { "plan": [ "Hash Join  (cost=20.51..4882.52 rows=5000 width=64) (actual time=0.149..0.151 rows=0 loops=1)",
    ///             "  Hash Cond: (b.id = d.id)",
    ///             "  ->  Seq Scan on big b  (cost=0.00..4112.00 rows=200000 width=56) (actual time=0.074..0.074 rows=1 loops=1)",
    ///             "  ->  Hash  (cost=20.50..20.50 rows=2 width=8) (actual time=0.072..0.073 rows=0 loops=1)",
    ///             "        ->  Seq Scan on dim d  (cost=0.00..20.50 rows=2 width=8) (actual time=0.072..0.072 rows=0 loops=1)",
    ///             "              Filter: (k = 99)", "Execution Time: 0.2 ms" ] }
    /// ```
    ///
    /// A small part of the statement:
    ///
    /// ```json passed
    /// { "plan": [ "Append  (cost=0.00..9000.00 rows=202000 width=8) (actual time=0.010..90.000 rows=200010 loops=1)",
    ///             "  ->  Seq Scan on orders  (cost=0.00..9000.00 rows=200000 width=8) (actual time=0.010..80.000 rows=200000 loops=1)",
    ///             "  ->  Seq Scan on drafts  (cost=0.00..20.50 rows=2000 width=8) (actual time=0.010..0.100 rows=10 loops=1)",
    ///             "        Filter: (region = 7)", "Execution Time: 91.0 ms" ] }
    /// ```
    rule misestimate {
        code: PGD1601,
        title: "The planner expected far more or far fewer rows",
        passed: "The planner's estimates are close to the rows that were returned",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN and Extended Statistics; the thresholds are pgdba's own",
        thresholds: {
            /// Times from which on an estimate is reported.
            NOTICE: f64 = 10.0,
            /// Times from which on it is a warning.
            WARNING: f64 = 100.0,
            /// Rows over all loops below which an error costs little.
            MIN_ROWS: i64 = 1000,
            /// Times up to which an estimate is good.
            GOOD: f64 = 3.0,
            /// Share of the time below which what depends on the estimate is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A node whose estimate is wrong.
struct Misestimate<'a> {
    node: PlanNode<'a>,
    /// Rows of an average loop, as expected and as returned.
    expected: f64,
    returned: f64,
    times: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Misestimate<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(misestimate).collect())
}

fn misestimate(node: PlanNode<'_>) -> Option<Misestimate<'_>> {
    let (expected, returned) = node.compared_rows()?;
    let times = times_off(expected, returned);
    let loops = node.actual()?.loops as f64;
    let is_large = expected.max(returned) * loops >= MIN_ROWS as f64;
    let is_lowest = node.children().all(|child| child.compared_rows().is_none_or(|(a, b)| times_off(a, b) <= GOOD));
    let is_found = times >= NOTICE && is_large && is_lowest && is_used(&node) && matters(node);
    is_found.then_some(Misestimate { node, expected, returned, times })
}

/// Whether the planner chose something by it: how the rows of a table are read, or a node above that is more than a step on the way.
fn is_used(node: &PlanNode<'_>) -> bool {
    use NodeType::{Gather, Limit, LockRows, ModifyTable, ProjectSet, Result, SubqueryScan};
    let chooses = |above: PlanNode<'_>| {
        !matches!(above.node.kind, Gather | Limit | LockRows | ModifyTable | ProjectSet | Result | SubqueryScan)
    };
    is_table_scan(node) || std::iter::successors(node.parent(), PlanNode::parent).any(chooses)
}

/// Whether it, or a node above it that has the error as well, takes a part of the time.
fn matters(node: PlanNode<'_>) -> bool {
    // A nested loop executes its inner side for each outer row, however many rows it returns.
    let is_affected = |node: &PlanNode<'_>| {
        node.node.kind == NodeType::NestedLoop || node.compared_rows().is_none_or(|(a, b)| times_off(a, b) > GOOD)
    };
    let mut affected = std::iter::successors(Some(node), PlanNode::parent).take_while(is_affected);
    affected.any(|node| node.subtree_takes(MIN_SHARE))
}

fn subject(found: &Misestimate<'_>) -> About {
    about(&found.node)
        .severity(if found.times >= WARNING { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("expected_rows", found.expected.round() as i64),
            Figure::new("returned_rows", found.returned.round() as i64),
            Figure::new("times_off", Quantity::Number(found.times)).against(Quantity::Number(NOTICE)),
            Figure::new("condition", found.node.condition()),
        ])
}

fn describe(found: &Found<Misestimate<'_>>) -> Draft {
    let most = display::count(found.max(|one| Some(one.times)) as i64);
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let cures: BTreeSet<Cure> = found.iter().map(|one| cure(&one.node)).collect();
    let draft = Draft::new(format!("Correct the row estimate of {}: {up_to}{most} times off", found.named("node", "nodes")))
        .because("The planner chooses join methods, join order and memory by its row estimates.");
    let draft = cures.iter().fold(draft, |draft, cure| draft.advise(cure.advice()));
    let statements = analyze(found.iter().map(|one| one.node).filter(|node| cure(node).is_analyze()));
    if statements.is_empty() {
        return draft;
    }
    draft
        .run(statements)
        .impact("ANALYZE reads a sample of the table and does not block reads or writes.")
        .undo_text("Statistics do not have to be undone.")
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;
    use crate::format::Finding;

    fn found(lines: &[&str]) -> Option<Finding> {
        let (explanation, _) = explain(pgdba_plan::read(&lines.join("\n")).unwrap().remove(0));
        explanation.findings.into_iter().find(|finding| finding.code == "PGD1601")
    }

    /// The labels of the nodes that are found.
    fn labels(lines: &[&str]) -> Vec<String> {
        found(lines).map(|finding| finding.subjects.into_iter().map(|affected| affected.label).collect()).unwrap_or_default()
    }

    /// Servers stop the outer side after its first row, unless the join returns rows without a match.
    #[test]
    fn the_outer_side_of_a_hash_join_without_inner_rows_is_not_compared() {
        let join = |head: &str, inner: &str| {
            labels(&[
                &format!("{head}  (cost=27.16..4892.49 rows=5000 width=64) (actual time=0.120..0.121 rows=0 loops=1)"),
                "  Hash Cond: (b.id = d.id)",
                "  ->  Seq Scan on big b  (cost=0.00..4112.00 rows=200000 width=56) (actual time=0.005..0.005 rows=1 loops=1)",
                &format!("  ->  Hash  (cost=23.00..23.00 rows=2 width=8) (actual time=0.113..0.113 rows={inner} loops=1)"),
                &format!("        ->  Seq Scan on dim d  (cost=0.00..23.00 rows=2 width=8) (actual time=0.1..0.1 rows={inner} loops=1)"),
            ])
        };
        assert_eq!(join("Hash Join", "0"), Vec::<String>::new());
        assert_eq!(join("Hash Right Join", "0"), Vec::<String>::new());
        assert_eq!(join("Hash Left Join", "0"), ["Seq Scan on big b"]);
        assert_eq!(join("Hash Join", "1"), ["Seq Scan on big b"]);
    }

    #[test]
    fn what_a_run_condition_stopped_is_not_compared_and_not_analyzed() {
        let window = found(&[
            "Sort  (cost=27958.64..27968.64 rows=200000 width=12) (actual time=30.888..30.892 rows=5.00 loops=1)",
            "  Sort Key: (row_number() OVER w1)",
            "  ->  WindowAgg  (cost=24458.66..27958.64 rows=200000 width=12) (actual time=30.788..30.792 rows=5.00 loops=1)",
            "        Run Condition: (row_number() OVER w1 <= 5)",
            "        ->  Sort  (cost=24458.64..24958.64 rows=200000 width=4) (actual time=30.774..30.776 rows=6.00 loops=1)",
            "              Sort Key: big.id",
            "              ->  Seq Scan on big  (cost=0.00..4112.00 rows=200000 width=4) (actual time=0.007..14.396 rows=200000.00 loops=1)",
        ])
        .unwrap();
        assert_eq!(window.subjects.len(), 1, "{window:?}");
        assert_eq!(window.subjects[0].label, "WindowAgg");
        assert!(!serde_json::to_string(&window).unwrap().contains("Run ANALYZE"), "{window:?}");
    }

    /// A HAVING on an aggregate is taken for a third of the groups; above it, nothing is left to choose.
    #[test]
    fn an_estimate_that_nothing_above_uses_is_not_reported() {
        let having = |above: &str| {
            let (first, others) = if above.is_empty() { ("", "") } else { ("  ->  ", "      ") };
            let lines = format!(
                "{above}{first}HashAggregate  (cost=1986.00..2611.00 rows=1667 width=12) (actual time=13.330..24.739 rows=50000 loops=1)\n\
                 {others}  Filter: (count(*) > 0)\n\
                 {others}  ->  Seq Scan on b  (cost=0.00..1611.00 rows=50000 width=4) (actual time=0.006..3.751 rows=50000 loops=1)"
            );
            found(&[&lines])
        };
        let node = |kind: &str| format!("{kind}  (cost=2612.00..2613.00 rows=1667 width=12) (actual time=25.0..26.0 rows=50000 loops=1)\n");
        assert!(having("").is_none());
        assert!(having(&node("Subquery Scan on s")).is_none());
        let sorted = having(&node("Sort")).unwrap();
        assert_eq!(sorted.subjects[0].label, "HashAggregate");
        let text = serde_json::to_string(&sorted).unwrap();
        assert!(text.contains("temporary table") && !text.contains("ANALYZE b;"), "{text}");
    }

    #[test]
    fn extended_statistics_are_not_advised_for_joins() {
        let join = found(&[
            "Sort  (cost=4892.00..4893.00 rows=5000 width=64) (actual time=90.000..95.000 rows=90000 loops=1)",
            "  ->  Hash Join  (cost=27.16..4892.49 rows=5000 width=64) (actual time=0.120..80.000 rows=90000 loops=1)",
            "        Hash Cond: (b.id = d.id)",
            "        ->  Seq Scan on b  (cost=0.00..4112.00 rows=90000 width=56) (actual time=0.005..9.000 rows=90000 loops=1)",
            "        ->  Hash  (cost=23.00..23.00 rows=2000 width=8) (actual time=0.113..0.113 rows=2000 loops=1)",
            "              ->  Seq Scan on d  (cost=0.00..23.00 rows=2000 width=8) (actual time=0.1..0.1 rows=2000 loops=1)",
        ]);
        let text = serde_json::to_string(&join.unwrap()).unwrap();
        assert!(text.contains("does not use extended statistics") && !text.contains("CREATE STATISTICS"), "{text}");
    }

    /// A filter of a join looks for the match; whether it is the only one is printed with VERBOSE only.
    #[test]
    fn the_inner_side_of_a_loop_that_might_end_at_its_match_is_not_compared() {
        let nested = |filter: &str| {
            labels(&[
                "Nested Loop  (cost=0.00..9000.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
                filter,
                "  ->  Seq Scan on a  (cost=0.00..9.00 rows=100 width=8) (actual time=0.010..1.000 rows=100 loops=1)",
                "  ->  Materialize  (cost=0.00..90.00 rows=5000 width=8) (actual time=0.010..0.800 rows=50 loops=100)",
                "        ->  Seq Scan on b  (cost=0.00..90.00 rows=5000 width=8) (actual time=0.010..9.000 rows=90 loops=1)",
            ])
        };
        assert_eq!(nested("  Join Filter: (a.x = b.x)"), Vec::<String>::new());
        assert_eq!(nested("  Buffers: shared hit=3"), ["Seq Scan on b"]);
    }

    #[test]
    fn analyze_is_advised_only_where_statistics_tell_the_rows() {
        let remedy = |scan: &str, filter: &str| {
            let figures = "(cost=0.00..1693.00 rows=10 width=8) (actual time=0.010..9.000 rows=48000 loops=1)";
            let scan = format!("Sort  {figures}\n  ->  {scan}  {figures}\n      {filter}");
            serde_json::to_string(&found(&[&scan]).unwrap()).unwrap()
        };
        for (scan, filter, is_analyzed, other) in [
            ("Seq Scan on big", "  Filter: (c = 7)", true, "extended statistics"),
            ("Seq Scan on big", "  Filter: ((lower(t) = 'a'::text) AND (c = 7))", true, "extended statistics"),
            ("Seq Scan on big", "  Filter: (note ~~ '%abc%'::text)", true, ""),
            ("Seq Scan on big", "  Filter: ((t)::text = 'a'::text)", true, "if it is of type varchar"),
            ("Seq Scan on big", "", true, ""),
            ("Seq Scan on big", "  Filter: (lower(t) = 'a'::text)", false, "statistics on the expression"),
            ("Seq Scan on big", "  Filter: (NOT (hashed SubPlan 1))", false, "temporary table"),
            ("Function Scan on generate_series g", "  Filter: (g > 5)", false, "temporary table"),
            ("WorkTable Scan on r", "  Filter: (n < 5)", false, "temporary table"),
            ("CTE Scan on r", "", false, "temporary table"),
        ] {
            let remedy = remedy(scan, filter);
            assert_eq!(remedy.contains("ANALYZE big;"), is_analyzed, "{scan} {filter}: {remedy}");
            assert!(remedy.contains(other), "{scan} {filter}: {remedy}");
        }
    }

    #[test]
    fn an_error_matters_if_what_depends_on_it_takes_time() {
        let joined = |join: &str, returned: &str, time: &str| {
            labels(&[
                &format!("{join}  (cost=0.00..9000.00 rows=2000 width=8) (actual time=0.010..{time} rows={returned} loops=1)"),
                "  ->  Seq Scan on a  (cost=0.00..9.00 rows=20 width=8) (actual time=0.010..1.000 rows=2000 loops=1)",
                "        Filter: (c = 7)",
                "  ->  Materialize  (cost=0.00..9.00 rows=1 width=8) (actual time=0.010..0.003 rows=1 loops=2000)",
                "        ->  Seq Scan on b  (cost=0.00..9.00 rows=1 width=8) (actual time=0.010..0.040 rows=1 loops=1)",
            ])
        };
        assert_eq!(joined("Append", "200000", "90.000"), ["Seq Scan on a"], "the node above has the error");
        assert_eq!(joined("Append", "2000", "90.000"), Vec::<String>::new());
        assert_eq!(joined("Append", "2000", "9.000"), ["Seq Scan on a"], "it takes a ninth of the time");
        assert_eq!(joined("Nested Loop", "2000", "90.000"), ["Seq Scan on a"], "the inner side is executed as often");
    }
}
