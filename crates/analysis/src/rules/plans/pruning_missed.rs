//! A statement reads partitions in vain.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::NodeType;

rule! {
    /// ## What it sees
    ///
    /// An Append that executed many children, nearly all of which returned no rows, and from which the server excluded none.
    ///
    /// ## Why it matters
    ///
    /// Each partition costs planning time, a lock and at least one read of an index. With a condition on the partition key the
    /// server leaves out the others.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_MEMBERS} children were executed, more than {MAX_EMPTY} of them returned no rows, and no subplans were removed;
    /// the node with all below it took at least {MIN_SHARE} of the time, or the times are not known. Children that were never
    /// executed do not count: they were pruned at run time.
    ///
    /// ## Remedy
    ///
    /// Add a condition on the partition key, with a value of the same type as the column and without a cast or function around the
    /// column.
    ///
    /// ## When to ignore this
    ///
    /// If the statement has to search all partitions, or the Append is a UNION ALL and not a partitioned table.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Append  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..90.000 rows=1 loops=1)",
    ///             "  ->  Index Scan using m0_pkey on measurements_0  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m1_pkey on measurements_1  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m2_pkey on measurements_2  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m3_pkey on measurements_3  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m4_pkey on measurements_4  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m5_pkey on measurements_5  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m6_pkey on measurements_6  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m7_pkey on measurements_7  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m8_pkey on measurements_8  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m9_pkey on measurements_9  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m10_pkey on measurements_10  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m11_pkey on measurements_11  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Append  (cost=0.00..100.00 rows=10 width=8) (actual time=0.010..90.000 rows=10 loops=1)",
    ///             "  ->  Index Scan using m0_pkey on measurements_0  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m1_pkey on measurements_1  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m2_pkey on measurements_2  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m3_pkey on measurements_3  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m4_pkey on measurements_4  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m5_pkey on measurements_5  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m6_pkey on measurements_6  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m7_pkey on measurements_7  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m8_pkey on measurements_8  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m9_pkey on measurements_9  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m10_pkey on measurements_10  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m11_pkey on measurements_11  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// Pruned at run time:
    ///
    /// ```json passed
    /// { "plan": [ "Append  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..90.000 rows=1 loops=1)",
    ///             "  ->  Index Scan using m0_pkey on measurements_0  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m1_pkey on measurements_1  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m2_pkey on measurements_2  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m3_pkey on measurements_3  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m4_pkey on measurements_4  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m5_pkey on measurements_5  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m6_pkey on measurements_6  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m7_pkey on measurements_7  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m8_pkey on measurements_8  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m9_pkey on measurements_9  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m10_pkey on measurements_10  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m11_pkey on measurements_11  (cost=0.00..8.00 rows=1 width=8) (never executed)",
    ///             "        Index Cond: (id = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// Pruned when the execution began:
    ///
    /// ```json passed
    /// { "plan": [ "Append  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..90.000 rows=1 loops=1)",
    ///             "  Subplans Removed: 12",
    ///             "  ->  Index Scan using m0_pkey on measurements_0  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..5.000 rows=1 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m1_pkey on measurements_1  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m2_pkey on measurements_2  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m3_pkey on measurements_3  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m4_pkey on measurements_4  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m5_pkey on measurements_5  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m6_pkey on measurements_6  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m7_pkey on measurements_7  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m8_pkey on measurements_8  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m9_pkey on measurements_9  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m10_pkey on measurements_10  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "  ->  Index Scan using m11_pkey on measurements_11  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "        Index Cond: (id = 7)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule pruning_missed {
        code: PGD1619,
        title: "Most partitions are read in vain",
        passed: "Partitions without matching rows are pruned",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Partition Pruning; the thresholds are pgdba's own",
        thresholds: {
            /// Executed children below which their cost is negligible.
            MIN_MEMBERS: i64 = 10,
            /// Share of the children that can be without rows.
            MAX_EMPTY: Ratio = Ratio(0.90),
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// An Append with its executed children.
struct Unpruned<'a> {
    node: PlanNode<'a>,
    members: i64,
    empty: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unpruned<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(unpruned).collect())
}

fn unpruned(node: PlanNode<'_>) -> Option<Unpruned<'_>> {
    if !matches!(node.node.kind, NodeType::Append | NodeType::MergeAppend) || node.node.subplans_removed > 0 {
        return None;
    }
    let executed = || node.children().filter_map(|child| child.actual());
    // Up to version 17, less than half a row in an average loop is shown as 0.
    let is_exact = |loops| loops == 1 || node.explained.has_decimal_rows;
    let members = executed().count() as i64;
    let empty = executed().filter(|actual| actual.rows == 0.0 && is_exact(actual.loops)).count() as i64;
    let is_found = members >= MIN_MEMBERS && Ratio::of(empty, members)? > MAX_EMPTY;
    (is_found && node.subtree_takes(MIN_SHARE)).then_some(Unpruned { node, members, empty })
}

fn subject(found: &Unpruned<'_>) -> About {
    about(&found.node).figures([
        Figure::new("members", found.members).against(MIN_MEMBERS),
        Figure::new("members_without_rows", found.empty),
        Figure::new("time_with_inputs", found.node.inclusive_time()),
    ])
}

fn describe(found: &Found<Unpruned<'_>>) -> Draft {
    let members = found.sum(|one| Some(one.members));
    let empty = found.sum(|one| Some(one.empty));
    Draft::new(format!("Prune the partitions of {}: {empty} of {members} returned no rows", found.named("node", "nodes")))
        .confidence(Confidence::Medium)
        .because("The server excluded no partition, neither during planning nor during execution.")
        .advise("Add a condition on the partition key, with a value of the same type as the column and without a cast.")
}
