//! A node reads and writes temporary files.

use super::disk_sort::disk;
use super::hash_batches::split;
use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// A node that itself read or wrote many blocks of temporary files: a CTE, a Materialize, a window function or a function that
    /// returns many rows. Sorts and hash tables have rules of their own.
    ///
    /// ## Why it matters
    ///
    /// What does not fit into `work_mem` is written to disk and read back.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_BLOCKS} blocks read and written by the node itself, and at least {MIN_SHARE} of the time taken, or times not
    /// known. The plan must have been made with BUFFERS.
    ///
    /// ## Remedy
    ///
    /// Let the node keep less: fewer rows, fewer columns, a CTE that is not materialized. Otherwise raise `work_mem` for the
    /// session or role that runs the statement.
    ///
    /// ## When to ignore this
    ///
    /// For a statement that runs at night and is not time-critical.
    ///
    /// ## Examples
    ///
    /// A CTE spills, too; version 18 shows its storage:
    ///
    /// ```json found
    /// { "plan": [ "CTE Scan on recent  (cost=0.00..100.00 rows=90000 width=8) (actual time=0.010..90.000 rows=90000 loops=1)",
    ///             "  Buffers: shared hit=500, temp written=2000",
    ///             "  Storage: Disk  Maximum Storage: 16000kB",
    ///             "  CTE recent",
    ///             "    ->  Seq Scan on orders  (cost=0.00..100.00 rows=90000 width=8) (actual time=0.010..20.000 rows=90000 loops=1)",
    ///             "          Buffers: shared hit=500",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "CTE Scan on recent  (cost=0.00..100.00 rows=90000 width=8) (actual time=0.010..90.000 rows=90000 loops=1)",
    ///             "  Buffers: shared hit=500, temp written=10",
    ///             "  CTE recent",
    ///             "    ->  Seq Scan on orders  (cost=0.00..100.00 rows=90000 width=8) (actual time=0.010..20.000 rows=90000 loops=1)",
    ///             "          Buffers: shared hit=500",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule temporary_io {
        code: PGD1610,
        title: "A node reads and writes temporary files",
        passed: "No node reads or writes many blocks of temporary files",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Resource Consumption: work_mem; the thresholds are pgdba's own",
        thresholds: {
            /// Blocks below which their cost is negligible.
            MIN_BLOCKS: i64 = 1000,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A node with the blocks of temporary files that it read and wrote.
struct Spilling<'a> {
    node: PlanNode<'a>,
    read: i64,
    written: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Spilling<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(spilling).collect())
}

fn spilling(node: PlanNode<'_>) -> Option<Spilling<'_>> {
    let buffers = node.own_buffers()?;
    let (read, written) = (buffers.temp_read as i64, buffers.temp_written as i64);
    let is_found = read.saturating_add(written) >= MIN_BLOCKS && node.takes(MIN_SHARE);
    (is_found && !is_explained(node)).then_some(Spilling { node, read, written })
}

/// Whether the rules about sorts and hash tables tell why.
fn is_explained(node: PlanNode<'_>) -> bool {
    let is_split = |node| split(node).is_some();
    let mut hashes = node.children().filter(|child| child.node.kind == NodeType::Hash);
    disk(&node).is_some() || is_split(node) || hashes.any(is_split)
}

fn subject(found: &Spilling<'_>) -> About {
    let time = found.node.own_io().map(|io| Millis(io.temp.read.0 + io.temp.write.0)).filter(|time| time.0 > 0.0);
    about(&found.node).figures([
        Figure::new("temporary_blocks_read", found.read),
        Figure::new("temporary_blocks_written", found.written),
        Figure::new("temporary_io_time", time),
        Figure::new("work_mem", found.node.explained.setting("work_mem").map(str::to_owned)),
    ])
}

fn describe(found: &Found<Spilling<'_>>) -> Draft {
    let blocks = display::count(found.sum(|one| Some(one.read.saturating_add(one.written))));
    Draft::new(format!("Avoid temporary files in {}: {blocks} blocks read and written", found.named("node", "nodes")))
        .because("What does not fit into work_mem is written to disk and read back.")
        .advise("Look first for rows and columns that the node does not have to keep.")
        .advise("Otherwise raise work_mem for the session or role that runs the statement.")
        .impact("Every sort and hash of every session with that setting can use so much memory.")
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;

    fn codes(lines: &str) -> Vec<String> {
        let (explanation, _) = explain(pgdba_plan::read(lines).unwrap().remove(0));
        let codes = explanation.findings.into_iter().map(|finding| finding.code);
        codes.filter(|code| ["PGD1602", "PGD1604", "PGD1610"].contains(&code.as_str())).collect()
    }

    #[test]
    fn what_rules_about_sorts_and_hashes_report_is_not_reported_again() {
        let sort = "\
Sort  (cost=13038.41..13163.41 rows=50000 width=147) (actual time=47.702..53.808 rows=50000.00 loops=1)
  Sort Key: note DESC
  Sort Method: external merge  Disk: 7912kB
  Buffers: shared hit=1114, temp read=2959 written=3005
  ->  Seq Scan on b  (cost=0.00..1611.00 rows=50000 width=147) (actual time=0.006..2.570 rows=50000.00 loops=1)
        Buffers: shared hit=1111
Execution Time: 56.229 ms";
        assert_eq!(codes(sort), ["PGD1602"]);
        let join = "\
Hash Join  (cost=2432.00..5318.50 rows=50000 width=0) (actual time=10.819..31.842 rows=50000.00 loops=1)
  Hash Cond: (x.note = y.note)
  Buffers: shared hit=2222, temp read=2940 written=2940
  ->  Seq Scan on b x  (cost=0.00..1611.00 rows=50000 width=6) (actual time=0.008..4.950 rows=50000.00 loops=1)
        Buffers: shared hit=1111
  ->  Hash  (cost=1611.00..1611.00 rows=50000 width=6) (actual time=10.725..10.726 rows=50000.00 loops=1)
        Buckets: 16384  Batches: 8  Memory Usage: 363kB
        Buffers: shared hit=1111, temp written=1400
        ->  Seq Scan on b y  (cost=0.00..1611.00 rows=50000 width=6) (actual time=0.002..5.121 rows=50000.00 loops=1)
              Buffers: shared hit=1111
Execution Time: 33.777 ms";
        assert_eq!(codes(join), ["PGD1604"]);
        let kept = "\
CTE Scan on recent  (cost=0.00..100.00 rows=90000 width=8) (actual time=0.010..90.000 rows=90000 loops=1)
  Buffers: shared hit=500, temp read=4959 written=5005
  CTE recent
    ->  Sort  (cost=13038.41..13163.41 rows=90000 width=147) (actual time=47.702..53.808 rows=90000 loops=1)
          Sort Key: b.note DESC
          Sort Method: external merge  Disk: 7912kB
          Buffers: shared hit=1114, temp read=2959 written=3005
          ->  Seq Scan on b  (cost=0.00..1611.00 rows=90000 width=147) (actual time=0.006..2.570 rows=90000 loops=1)
                Buffers: shared hit=1111";
        assert_eq!(codes(kept), ["PGD1602", "PGD1610"], "what the CTE spills is its own");
    }
}
