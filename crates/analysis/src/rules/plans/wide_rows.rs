//! Wide rows are sorted, hashed or kept.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// A Sort, Hash or Materialize of many rows that are wide.
    ///
    /// ## Why it matters
    ///
    /// These nodes keep whole rows in memory. Wide rows fill `work_mem` and spill to disk early.
    ///
    /// ## Threshold
    ///
    /// A width of at least {MIN_WIDTH}, at least {MIN_ROWS} rows over all loops, and at least {MIN_SHARE} of the time taken, or
    /// times not known. The width is the planner's estimate, from the statistics of the columns.
    ///
    /// ## Remedy
    ///
    /// Select fewer columns. Sort or join by the key alone first, and fetch the wide columns for the remaining rows afterwards.
    ///
    /// ## When to ignore this
    ///
    /// If the estimated width is wrong: large values are stored outside of the row (TOAST), and only a reference to them is kept.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Sort  (cost=0.00..100.00 rows=50000 width=2400) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Sort Key: created",
    ///             "  ->  Seq Scan on documents  (cost=0.00..100.00 rows=50000 width=2400) (actual time=0.010..20.000 rows=50000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Sort  (cost=0.00..100.00 rows=50000 width=40) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Sort Key: created",
    ///             "  ->  Seq Scan on documents  (cost=0.00..100.00 rows=50000 width=40) (actual time=0.010..20.000 rows=50000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule wide_rows {
        code: PGD1622,
        title: "Wide rows are sorted, hashed or kept",
        passed: "No wide rows are sorted, hashed or kept",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Width from which on a row is wide.
            MIN_WIDTH: Bytes = Bytes(2000),
            /// Rows over all loops below which their space is small.
            MIN_ROWS: i64 = 10_000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A node that keeps rows.
struct Wide<'a> {
    node: PlanNode<'a>,
    width: Bytes,
    rows: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Wide<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(wide).collect())
}

fn wide(node: PlanNode<'_>) -> Option<Wide<'_>> {
    let is_keeper = matches!(node.node.kind, NodeType::Sort | NodeType::IncrementalSort | NodeType::Hash | NodeType::Materialize);
    let (width, rows) = (Bytes(node.node.estimate?.width as i64), node.rows()? as i64);
    let is_found = is_keeper && width >= MIN_WIDTH && rows >= MIN_ROWS;
    (is_found && node.takes(MIN_SHARE)).then_some(Wide { node, width, rows })
}

fn subject(found: &Wide<'_>) -> About {
    about(&found.node).figures([
        Figure::new("estimated_width", found.width).against(MIN_WIDTH),
        Figure::new("rows", found.rows).against(MIN_ROWS),
    ])
}

fn describe(found: &Found<Wide<'_>>) -> Draft {
    let width = display::bytes(Bytes(found.max(|one| Some(one.width.0 as f64)) as i64));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Keep narrower rows in {}: {up_to}{width} per row", found.named("node", "nodes")))
        .confidence(Confidence::Medium)
        .because("The node keeps whole rows in memory, and by the planner's estimate they are wide.")
        .advise("Select fewer columns, or sort and join by the key first and fetch the wide columns afterwards.")
}
