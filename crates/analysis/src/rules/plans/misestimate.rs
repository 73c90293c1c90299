//! The planner expected far more or far fewer rows.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{PlanNode, times_off};

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
    /// rows over all loops. A warning from {WARNING} times on. Each input of the node is within {GOOD} times.
    ///
    /// Nodes that might have been stopped early are left out: below a LIMIT, inputs of a merge join, the inner side of semi
    /// and anti joins. So are bitmaps, which return no rows, and nodes that were never executed. Up to version 17 the rows of
    /// an average loop are rounded: 0 rows in several loops are not compared.
    ///
    /// ## Remedy
    ///
    /// Run ANALYZE. If that does not help, raise the statistics target of the columns in the condition, or create extended
    /// statistics (CREATE STATISTICS) where several columns of one table are in it: the planner takes them for independent.
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
    (times >= NOTICE && is_large && is_lowest).then_some(Misestimate { node, expected, returned, times })
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
    let analyze: Vec<String> = found.iter().filter_map(|one| one.node.relation()).collect();
    let mut statements: Vec<String> = analyze.iter().map(|relation| format!("ANALYZE {relation};")).collect();
    statements.sort();
    statements.dedup();
    let draft = Draft::new(format!("Correct the row estimate of {}: {up_to}{most} times off", found.named("node", "nodes")))
        .because("The planner chooses join methods, join order and memory by its row estimates.")
        .advise("Run ANALYZE on the tables below these nodes, and look at the plan again.")
        .advise(
            "If the estimate stays wrong, raise the statistics target of the columns in the condition, or create extended \
             statistics (CREATE STATISTICS) for columns that depend on each other.",
        )
        .impact("ANALYZE reads a sample of the table and does not block reads or writes.")
        .undo_text("Statistics do not have to be undone.");
    if statements.is_empty() { draft } else { draft.run(statements.join("\n")) }
}
