//! A sort did not fit into memory.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A Sort or Incremental Sort that wrote to disk, in the leader or in a parallel worker.
    ///
    /// ## Why it matters
    ///
    /// The rows are written to temporary files and read back, which is many times slower than sorting them in memory.
    ///
    /// ## Threshold
    ///
    /// Any space on disk, if the node took at least {MIN_SHARE} of the time, or the times are not known.
    ///
    /// ## Remedy
    ///
    /// First sort less: an index in that order, a LIMIT, fewer columns. Otherwise raise `work_mem` for the session or role that runs
    /// the statement. In memory, rows take about {TAPE_TO_MEMORY} times the space that they take on disk. Every node of every
    /// session can use that much, so do not set it for the whole server.
    ///
    /// ## When to ignore this
    ///
    /// For a statement that runs at night and is not time-critical.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Sort  (cost=10.00..20.00 rows=100000 width=8) (actual time=80.000..95.000 rows=100000 loops=1)",
    ///             "  Sort Key: amount", "  Sort Method: external merge  Disk: 1768kB",
    ///             "  ->  Seq Scan on orders  (cost=0.00..9.00 rows=100000 width=8) (actual time=0.010..9.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms", "Execution Time: 99.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Sort  (cost=10.00..20.00 rows=1000 width=8) (actual time=8.000..9.000 rows=1000 loops=1)",
    ///             "  Sort Key: amount", "  Sort Method: quicksort  Memory: 71kB",
    ///             "  ->  Seq Scan on orders  (cost=0.00..9.00 rows=1000 width=8) (actual time=0.010..1.000 rows=1000 loops=1)",
    ///             "Planning Time: 0.1 ms", "Execution Time: 9.5 ms" ] }
    /// ```
    rule disk_sort {
        code: PGD1602,
        title: "A sort writes to disk",
        passed: "Every sort fits into memory",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Resource Consumption: work_mem",
        thresholds: {
            /// Share of the time below which a sort is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
            /// How many times the space on disk the same rows take in memory.
            TAPE_TO_MEMORY: i64 = 3,
        },
    }
}

/// A sort, and the largest space on disk of one process.
struct DiskSort<'a> {
    node: PlanNode<'a>,
    disk: Bytes,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<DiskSort<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    let sort = |node: PlanNode<'a>| Some(DiskSort { disk: disk(&node)?, node }).filter(|sort| sort.node.takes(MIN_SHARE));
    Ok(explained.nodes().filter_map(sort).collect())
}

/// The largest space on disk that one of the processes needed.
pub(super) fn disk(node: &PlanNode<'_>) -> Option<Bytes> {
    let of_run = |run: &pgdba_plan::Run| {
        let sort = run.sort.as_ref().filter(|sort| sort.is_on_disk).map(|sort| sort.space);
        let groups = run.incremental_sort.iter().flat_map(|sort| [&sort.full_sort, &sort.presorted]);
        let largest = groups.flatten().filter_map(|group| Some(group.disk?.1)).max();
        sort.max(largest)
    };
    node.runs().filter_map(of_run).max()
}

fn subject(sort: &DiskSort<'_>) -> About {
    about(&sort.node).figures([
        Figure::new("space_on_disk", sort.disk),
        Figure::new("sort_key", sort.node.node.keys.sort.join(", ")),
        Figure::new("work_mem", sort.node.explained.setting("work_mem").map(str::to_owned)),
    ])
}

fn describe(found: &Found<DiskSort<'_>>) -> Draft {
    let disk = Bytes(found.max(|sort| Some(sort.disk.0 as f64)) as i64);
    let needed = Bytes(disk.0.saturating_mul(TAPE_TO_MEMORY));
    Draft::new(format!("Sort in memory: {} wrote {} to disk", found.named("node", "nodes"), display::bytes(disk)))
        .because("Rows that do not fit into work_mem are written to temporary files and read back.")
        .advise("Look first for an index in that order, a LIMIT, or columns that the sort does not have to carry.")
        .advise(format!(
            "Otherwise set work_mem to about {} for the session or role that runs the statement.",
            display::bytes(needed)
        ))
        .impact("Every sort and hash of every session with that setting can use so much memory.")
}
