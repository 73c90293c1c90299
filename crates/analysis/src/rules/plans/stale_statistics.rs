//! The planner does not know the size of a table.

use crate::engine::estimates::analyze;
use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{PlanNode, times_off};
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// A scan without a condition that returned far more or far fewer rows than expected. Without a condition the estimate is the
    /// planner's number of rows of the table.
    ///
    /// ## Why it matters
    ///
    /// All estimates of joins and conditions on the table are multiplied by that error.
    ///
    /// ## Threshold
    ///
    /// At least {TIMES} times more or fewer, but less than {MISESTIMATE} times, from which on PGD1601 reports it, the larger number being at least {MIN_ROWS}, and at least {MIN_SHARE} of the time
    /// taken, or times not known. A scan that might have been stopped early is left out, and a parallel scan whose workers were not
    /// all started: its estimate is for one of the planned processes.
    ///
    /// ## Remedy
    ///
    /// Run ANALYZE, and let autovacuum do that earlier: `autovacuum_analyze_scale_factor` of the table.
    ///
    /// ## When to ignore this
    ///
    /// After a large rollback, or if many dead rows are waiting for VACUUM: the planner estimates from the size of the file, which
    /// the dead rows enlarge, too. VACUUM then corrects it. The plan does not show dead rows.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=30000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=98000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// A file that a rollback made half as large again is below the threshold:
    ///
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=150000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// The workers were not started, so that one process returns all rows:
    ///
    /// ```json passed
    /// { "plan": [ "Gather  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..90.000 rows=100000 loops=1)",
    ///             "  Workers Planned: 2",
    ///             "  Workers Launched: 0",
    ///             "  ->  Parallel Seq Scan on orders  (cost=0.00..100.00 rows=41667 width=8) (actual time=0.010..80.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule stale_statistics {
        code: PGD1618,
        title: "The planner's number of rows of a table is wrong",
        passed: "The planner knows the number of rows of each table",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Times from which on the number is reported.
            TIMES: f64 = 2.0,
            /// Times from which on it is a misestimate as of any other node.
            MISESTIMATE: f64 = 10.0,
            /// Rows over all loops below which an error costs little.
            MIN_ROWS: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A scan with the rows of an average loop, as expected and as returned.
struct Stale<'a> {
    node: PlanNode<'a>,
    expected: f64,
    returned: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Stale<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(stale).collect())
}

fn stale(node: PlanNode<'_>) -> Option<Stale<'_>> {
    let is_scan = matches!(node.node.kind, NodeType::SeqScan | NodeType::IndexScan | NodeType::IndexOnlyScan);
    let (expected, returned) = node.compared_rows()?;
    let is_off = (TIMES..MISESTIMATE).contains(&times_off(expected, returned));
    let is_large = expected.max(returned) * node.actual()?.loops as f64 >= MIN_ROWS as f64;
    let is_staffed = node.gather().and_then(|gather| gather.node.gathering).is_none_or(|gathering| gathering.launched == Some(gathering.planned));
    let is_found = is_scan && node.node.conditions.is_empty() && is_off && is_large && is_staffed;
    (is_found && node.takes(MIN_SHARE)).then_some(Stale { node, expected, returned })
}

fn subject(found: &Stale<'_>) -> About {
    about(&found.node).figures([
        Figure::new("expected_rows", found.expected.round() as i64),
        Figure::new("returned_rows", found.returned.round() as i64),
        Figure::new("times_off", Quantity::Number(times_off(found.expected, found.returned))).against(Quantity::Number(TIMES)),
    ])
}

fn describe(found: &Found<Stale<'_>>) -> Draft {
    let times = Quantity::Number(found.max(|one| Some(times_off(one.expected, one.returned)))).display();
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Analyze the table of {}: its number of rows is {up_to}{times} times off", found.named("scan", "scans")))
        .confidence(Confidence::Medium)
        .because("Without a condition, the estimate is the planner's number of rows of the table.")
        .advise("Run ANALYZE; if many dead rows are waiting, for example after a rollback, run VACUUM first.")
        .run(analyze(found.iter().map(|one| one.node)))
        .impact("ANALYZE reads a sample of the table and does not block reads or writes.")
        .undo_text("Statistics do not have to be undone.")
}
