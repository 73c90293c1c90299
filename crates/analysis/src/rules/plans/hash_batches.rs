//! A hash table did not fit into memory.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// A Hash of a join, or a HashAggregate, that was split into several batches.
    ///
    /// ## Why it matters
    ///
    /// All batches but one are written to temporary files and read back. A hash that was planned for fewer batches than it needed
    /// also had to be split while it was filled.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_BATCHES} batch, if the node, or the join of a Hash, took at least {MIN_SHARE} of the time, or the times are
    /// not known. A warning if a join needed more batches than were planned, because then the estimate of the planner is wrong,
    /// too.
    ///
    /// Version 12 does not split a HashAggregate: it exceeds `work_mem` and the plan does not show it.
    ///
    /// ## Remedy
    ///
    /// Correct the estimate first if there are more batches than planned. Then hash less: fewer columns, an earlier filter.
    /// Otherwise raise `work_mem` for the session or role that runs the statement; a hash table can use `work_mem` times
    /// `hash_mem_multiplier` (from version 13 on; its default is 2 from version 15 on, 1 before).
    ///
    /// ## When to ignore this
    ///
    /// For a statement that runs at night and is not time-critical, or if the table is too large for memory in any case.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Hash Join  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..95.000 rows=100000 loops=1)",
    ///             "  Hash Cond: (o.customer = c.id)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..20.000 rows=100000 loops=1)",
    ///             "  ->  Hash  (cost=0.00..100.00 rows=900 width=8) (actual time=0.010..50.000 rows=100000 loops=1)",
    ///             "        Buckets: 1024 (originally 1024)  Batches: 4 (originally 1)  Memory Usage: 3073kB",
    ///             "        ->  Seq Scan on customers c  (cost=0.00..100.00 rows=900 width=8) (actual time=0.010..20.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    /// ```json found
    /// { "plan": [ "HashAggregate  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..95.000 rows=50000 loops=1)",
    ///             "  Group Key: customer",
    ///             "  Planned Partitions: 4  Batches: 5  Memory Usage: 4145kB  Disk Usage: 3000kB",
    ///             "  ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..20.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Hash Join  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..9.000 rows=1000 loops=1)",
    ///             "  Hash Cond: (o.customer = c.id)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..2.000 rows=1000 loops=1)",
    ///             "  ->  Hash  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..5.000 rows=100 loops=1)",
    ///             "        Buckets: 1024  Batches: 1  Memory Usage: 73kB",
    ///             "        ->  Seq Scan on customers c  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..2.000 rows=100 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    ///
    /// A HashAggregate of version 12, which has no batches:
    ///
    /// ```json passed
    /// { "plan": [ "HashAggregate  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..95.000 rows=50000 loops=1)",
    ///             "  Group Key: customer",
    ///             "  ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..20.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 99.0 ms" ] }
    /// ```
    rule hash_batches {
        code: PGD1604,
        title: "A hash table writes to disk",
        passed: "Every hash table fits into memory",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Resource Consumption: work_mem and hash_mem_multiplier",
        thresholds: {
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
            /// Batches of a hash table that fits into memory.
            MAX_BATCHES: i64 = 1,
        },
    }
}

/// A hash table that was split.
pub(super) struct Split<'a> {
    node: PlanNode<'a>,
    batches: i64,
    /// Batches that were planned; of a join only.
    planned: Option<i64>,
    memory: Bytes,
    disk: Option<Bytes>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Split<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(split).collect())
}

/// The hash table of the node, if it was split and takes time.
pub(super) fn split(node: PlanNode<'_>) -> Option<Split<'_>> {
    let of_join = node.node.run.hash.map(|hash| Split {
        node,
        batches: hash.batches as i64,
        planned: Some(hash.original_batches as i64),
        memory: hash.memory,
        disk: None,
    });
    let largest = node.runs().filter_map(|run| run.hash_aggregate).max_by_key(|run| run.batches);
    let of_aggregate = largest.map(|run| Split {
        node,
        batches: run.batches as i64,
        planned: None,
        memory: run.memory,
        disk: Some(run.disk),
    });
    // The batches of a join are written by the Hash, and written and read by the join above it.
    let takes = node.takes(MIN_SHARE) || (of_join.is_some() && node.parent().is_some_and(|join| join.takes(MIN_SHARE)));
    of_join.or(of_aggregate).filter(|split| split.batches > MAX_BATCHES && takes)
}

/// Whether more batches were needed than planned.
fn has_grown(split: &Split<'_>) -> bool {
    split.planned.is_some_and(|planned| split.batches > planned)
}

fn subject(split: &Split<'_>) -> About {
    about(&split.node).severity(if has_grown(split) { Severity::Warning } else { Severity::Notice }).figures([
        Figure::new("batches", split.batches).against(MAX_BATCHES),
        Figure::new("planned_batches", split.planned),
        Figure::new("peak_memory", split.memory),
        Figure::new("space_on_disk", split.disk),
        Figure::new("work_mem", split.node.explained.setting("work_mem").map(str::to_owned)),
    ])
}

fn describe(found: &Found<Split<'_>>) -> Draft {
    let batches = display::count(found.max(|split| Some(split.batches as f64)) as i64);
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Hash in memory: {} split into {up_to}{batches} batches", found.named("node", "nodes")))
        .because("All batches but one are written to temporary files and read back.")
        .because_for(found.part(has_grown).as_ref(), "More batches than planned were needed by")
        .advise_if(found.any(has_grown), "Correct the row estimate first: it decides how many batches are planned.")
        .advise("Look for columns that do not have to be hashed, and for a filter that applies earlier.")
        .advise("Otherwise raise work_mem or hash_mem_multiplier for the session or role that runs the statement.")
        .impact("Every hash of every session with that setting can use work_mem times hash_mem_multiplier.")
}
