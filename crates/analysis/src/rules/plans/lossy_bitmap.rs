//! A bitmap did not fit into memory.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A Bitmap Heap Scan whose bitmap became too large and was reduced to whole pages, which are called lossy.
    ///
    /// ## Why it matters
    ///
    /// Every row of a lossy page is checked again, instead of those only that the index named.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_LOSSY} of the pages are lossy, and the node took at least {MIN_SHARE} of the time, or the times are not
    /// known. Up to version 17 only the pages of the leader are counted.
    ///
    /// Scans without any exact page are left out: a BRIN index names pages only, which is not a fault, and the plan does not show
    /// the type of the index.
    ///
    /// ## Remedy
    ///
    /// Raise `work_mem` for the session or role that runs the statement. A condition that selects fewer rows, or an index with more
    /// columns of the condition, makes the bitmap smaller.
    ///
    /// ## When to ignore this
    ///
    /// If few rows are removed by the recheck.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Bitmap Heap Scan on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Recheck Cond: (customer = 7)",
    ///             "  Rows Removed by Index Recheck: 120000",
    ///             "  Heap Blocks: exact=4000 lossy=9000",
    ///             "  ->  Bitmap Index Scan on orders_customer_idx  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..9.000 rows=50000 loops=1)",
    ///             "        Index Cond: (customer = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Bitmap Heap Scan on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Recheck Cond: (customer = 7)",
    ///             "  Rows Removed by Index Recheck: 120000",
    ///             "  Heap Blocks: exact=13000 lossy=100",
    ///             "  ->  Bitmap Index Scan on orders_customer_idx  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..9.000 rows=50000 loops=1)",
    ///             "        Index Cond: (customer = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// A BRIN index:
    ///
    /// ```json passed
    /// { "plan": [ "Bitmap Heap Scan on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Recheck Cond: (customer = 7)",
    ///             "  Rows Removed by Index Recheck: 120000",
    ///             "  Heap Blocks: lossy=9000",
    ///             "  ->  Bitmap Index Scan on orders_customer_idx  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..9.000 rows=50000 loops=1)",
    ///             "        Index Cond: (customer = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule lossy_bitmap {
        code: PGD1608,
        title: "A bitmap does not fit into memory",
        passed: "Bitmaps fit into memory",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Resource Consumption: work_mem; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the pages that can be lossy.
            MAX_LOSSY: Ratio = Ratio(0.10),
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A scan with its pages.
struct Lossy<'a> {
    node: PlanNode<'a>,
    exact: i64,
    lossy: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Lossy<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(lossy).collect())
}

fn lossy(node: PlanNode<'_>) -> Option<Lossy<'_>> {
    let exact = node.sum(|run| Some(run.heap_blocks?.exact))? as i64;
    let lossy = node.sum(|run| Some(run.heap_blocks?.lossy))? as i64;
    let is_found = exact > 0 && Ratio::of(lossy, exact.saturating_add(lossy))? > MAX_LOSSY;
    (is_found && node.takes(MIN_SHARE)).then_some(Lossy { node, exact, lossy })
}

/// The rows that the recheck removed, over all loops.
fn rechecked(node: &PlanNode<'_>) -> Option<i64> {
    Some((node.node.removed.index_recheck? * node.actual()?.loops as f64) as i64)
}

fn subject(found: &Lossy<'_>) -> About {
    about(&found.node).figures([
        Figure::new("lossy_pages", found.lossy),
        Figure::new("exact_pages", found.exact),
        Figure::new("rows_removed_by_recheck", rechecked(&found.node)),
        Figure::new("work_mem", found.node.explained.setting("work_mem").map(str::to_owned)),
    ])
}

fn describe(found: &Found<Lossy<'_>>) -> Draft {
    let pages = display::count(found.sum(|one| Some(one.lossy)));
    Draft::new(format!("Raise work_mem for the bitmap of {}: {pages} lossy pages", found.named("scan", "scans")))
        .because("The bitmap did not fit into work_mem, so every row of these pages was checked again.")
        .advise("Raise work_mem for the session or role that runs the statement.")
        .advise("A condition that selects fewer rows, or an index with more of its columns, makes the bitmap smaller.")
        .impact("Every sort and hash of every session with that setting can use so much memory.")
}
