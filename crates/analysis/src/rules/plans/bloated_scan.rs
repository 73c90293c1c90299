//! A sequential scan reads far more blocks than its rows need.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// A Seq Scan that read many times the blocks that rows of the estimated width need.
    ///
    /// ## Why it matters
    ///
    /// A table with much free space or many dead rows is read in full all the same.
    ///
    /// ## Threshold
    ///
    /// At least {TIMES} times the blocks that the rows need at their estimated width with a row header of {ROW_HEADER}, at least
    /// {MIN_BLOCKS} blocks, and at least {MIN_SHARE} of the time taken, or times not known. The plan must have been made with
    /// BUFFERS. Blocks are taken to be {BLOCK}, the default.
    ///
    /// The width contains only the columns that the statement needs, so this is a hint and not an estimate of bloat.
    ///
    /// ## Remedy
    ///
    /// Check the table for bloat with the rules of the area bloat, or with pgstattuple. VACUUM makes the space of dead rows
    /// reusable; VACUUM FULL or pg_repack returns it.
    ///
    /// ## When to ignore this
    ///
    /// If the statement needs a few narrow columns of wide rows.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=10000 width=200) (actual time=0.010..90.000 rows=10000 loops=1)",
    ///             "  Buffers: shared hit=50000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=10000 width=200) (actual time=0.010..90.000 rows=10000 loops=1)",
    ///             "  Buffers: shared hit=300",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule bloated_scan {
        code: PGD1627,
        title: "A scan reads far more blocks than its rows need",
        passed: "No scan reads far more blocks than its rows need",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Database Page Layout; the thresholds are pgdba's own",
        thresholds: {
            /// Times the blocks needed from which on a scan is reported.
            TIMES: f64 = 20.0,
            /// Header of a row with its line pointer.
            ROW_HEADER: Bytes = Bytes(28),
            /// Size of a block.
            BLOCK: Bytes = Bytes(8192),
            /// Blocks below which their cost is negligible.
            MIN_BLOCKS: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A scan with its blocks over all loops, as read and as needed.
struct Sparse<'a> {
    node: PlanNode<'a>,
    read: i64,
    needed: f64,
    rows: i64,
    width: Bytes,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Sparse<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(sparse).collect())
}

fn sparse(node: PlanNode<'_>) -> Option<Sparse<'_>> {
    let buffers = node.own_buffers()?;
    let read = buffers.shared_hit.saturating_add(buffers.shared_read) as i64;
    let (rows, width) = (node.rows_read()?, Bytes(node.node.estimate?.width as i64));
    let needed = rows * (width.0.saturating_add(ROW_HEADER.0)) as f64 / BLOCK.0 as f64;
    let is_found = node.node.kind == NodeType::SeqScan && read >= MIN_BLOCKS && read as f64 >= TIMES * needed.max(1.0);
    let is_whole = !node.may_be_cut_short();
    (is_found && is_whole && node.takes(MIN_SHARE)).then_some(Sparse { node, read, needed, rows: rows as i64, width })
}

fn subject(found: &Sparse<'_>) -> About {
    about(&found.node).figures([
        Figure::new("blocks_read", found.read).against(MIN_BLOCKS),
        Figure::new("blocks_needed", Quantity::Number(found.needed)),
        Figure::new("rows", found.rows),
        Figure::new("estimated_width", found.width),
    ])
}

fn describe(found: &Found<Sparse<'_>>) -> Draft {
    let blocks = display::count(found.sum(|one| Some(one.read)));
    Draft::new(format!("Check the table of {} for bloat: {blocks} blocks read", found.named("scan", "scans")))
        .confidence(Confidence::Low)
        .because("The rows would need far fewer blocks at their estimated width.")
        .advise("Check the table with the rules of the area bloat, or with pgstattuple, before you rewrite it.")
}
