//! A node reads most of its blocks from disk.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A node that found less than half of its blocks in shared buffers.
    ///
    /// ## Why it matters
    ///
    /// The time of the statement then depends on the disk, and a second execution might be many times faster.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_BLOCKS} blocks read by the node itself, at least {MIN_READ} of all its blocks, and at least {MIN_SHARE} of the
    /// time taken, or times not known. The plan must have been made with BUFFERS.
    ///
    /// If `track_io_timing` shows less than {DISK_TIME} per block, the blocks came from the cache of the operating system, and the
    /// node is left out.
    ///
    /// ## Remedy
    ///
    /// Run the statement twice and compare: if the second time is what users see, this is not a problem. Otherwise read fewer
    /// blocks, by an index or less bloat; more shared buffers; a higher `effective_io_concurrency` for fast storage.
    ///
    /// ## When to ignore this
    ///
    /// For statements that run once a day over a whole table.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..900.000 rows=100000 loops=1)",
    ///             "  Buffers: shared hit=10 read=5000",
    ///             "  I/O Timings: shared read=800.000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 910.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..900.000 rows=100000 loops=1)",
    ///             "  Buffers: shared hit=5000 read=100",
    ///             "  I/O Timings: shared read=9.000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 910.0 ms" ] }
    /// ```
    ///
    /// The cache of the operating system:
    ///
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..900.000 rows=100000 loops=1)",
    ///             "  Buffers: shared hit=10 read=5000",
    ///             "  I/O Timings: shared read=20.000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 910.0 ms" ] }
    /// ```
    rule cold_cache {
        code: PGD1617,
        title: "A node reads most of its blocks from disk",
        passed: "Most blocks are cache hits",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Blocks read below which their cost is negligible.
            MIN_BLOCKS: i64 = 1000,
            /// Share of the blocks that are read.
            MIN_READ: Ratio = Ratio(0.50),
            /// Time per block below which it does not come from a disk.
            DISK_TIME: Millis = Millis(0.05),
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A node with its shared blocks.
struct Reading<'a> {
    node: PlanNode<'a>,
    read: i64,
    hit: i64,
    time: Option<Millis>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Reading<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(reading).collect())
}

fn reading(node: PlanNode<'_>) -> Option<Reading<'_>> {
    let buffers = node.own_buffers()?;
    let (read, hit) = (buffers.shared_read as i64, buffers.shared_hit as i64);
    let time = node.own_io().map(|io| io.shared.read).filter(|time| time.0 > 0.0);
    let is_large = read >= MIN_BLOCKS && Ratio::of(read, hit.saturating_add(read))? >= MIN_READ;
    let is_disk = time.is_none_or(|time| time.0 / read as f64 >= DISK_TIME.0);
    (is_large && is_disk && node.takes(MIN_SHARE)).then_some(Reading { node, read, hit, time })
}

fn subject(found: &Reading<'_>) -> About {
    about(&found.node).figures([
        Figure::new("blocks_read", found.read).against(MIN_BLOCKS),
        Figure::new("blocks_hit", found.hit),
        Figure::new("read_time", found.time),
        Figure::new("read_time_per_block", found.time.map(|time| Millis(time.0 / found.read.max(1) as f64))),
        Figure::new("blocks_per_second", found.time.map(|time| Quantity::PerSecond(found.read as f64 / time.seconds()))),
    ])
}

fn describe(found: &Found<Reading<'_>>) -> Draft {
    let blocks = display::count(found.sum(|one| Some(one.read)));
    let is_measured = found.all(|one| one.time.is_some());
    Draft::new(format!("Compare a second execution of {}: {blocks} blocks read", found.named("node", "nodes")))
        .confidence(if is_measured { Confidence::Medium } else { Confidence::Low })
        .because("Most blocks were not in shared buffers.")
        .because_if(!is_measured, "Without track_io_timing pgdba cannot tell whether they came from a disk.")
        .advise("Run the statement again: if the second time is what users see, this is not a problem.")
        .advise("Otherwise read fewer blocks, by an index or less bloat, or raise effective_io_concurrency for fast storage.")
}
