//! Partitions that are detached halfway.

use crate::engine::prelude::*;
use crate::facts::partitions::Detaching;

rule! {
    /// ## What it sees
    ///
    /// Partitions whose DETACH PARTITION CONCURRENTLY was interrupted (14 and newer).
    ///
    /// ## Why it matters
    ///
    /// Queries on the partitioned table no longer see the rows of the partition, and no other partition of the table can be detached
    /// CONCURRENTLY until it is finished.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Finish it with DETACH PARTITION … FINALIZE.
    ///
    /// ## When to ignore this
    ///
    /// While the statement is running.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "log", "relkind": "p" },
    ///                 { "oid": 2, "nspname": "public", "relname": "log_1", "relkind": "r", "relispartition": true, "inhparent": 1,
    ///                   "inhdetachpending": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 1, "nspname": "public", "relname": "log", "relkind": "p" },
    ///                 { "oid": 2, "nspname": "public", "relname": "log_1", "relkind": "r", "relispartition": true, "inhparent": 1,
    ///                   "inhdetachpending": false } ] }
    /// ```
    rule detach_pending {
        code: PGD1406,
        title: "Partitions are detached only halfway",
        passed: "No partition is detached only halfway",
        worst: Warning,
        reads: [detaching],
        source: "PostgreSQL manual, ALTER TABLE: DETACH PARTITION CONCURRENTLY",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Detaching>> {
    Ok(view.detaching()?.iter().collect())
}

fn subject(detaching: &&Detaching) -> About {
    let (parent, partition) = (&detaching.parent, &detaching.partition);
    About::table(partition, Weight::Count(1))
        .figures([Figure::new("partitioned_table", parent.to_string())])
        .run(format!("ALTER TABLE {} DETACH PARTITION {} FINALIZE;", parent.sql(), partition.sql()))
}

fn describe(found: &Found<&Detaching>) -> Draft {
    Draft::new(format!("Finish detaching {}", found.named("partition", "partitions")))
        .because("Queries on the partitioned table no longer see its rows, and no other partition can be detached CONCURRENTLY.")
        .advise("If no session is still running DETACH PARTITION CONCURRENTLY, finish it.")
        .impact("FINALIZE waits for transactions that use the partition.")
}
