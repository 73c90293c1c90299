//! Foreign keys whose referencing rows no index finds.

use crate::engine::prelude::*;
use crate::facts::foreign_keys::ForeignKey;

rule! {
    /// ## What it sees
    ///
    /// A foreign key on whose referencing columns no index leads. Any order of the columns will do, further columns can follow, and so
    /// can a predicate that only excludes nulls. Of a partitioned table, each partition is checked.
    ///
    /// ## Why it matters
    ///
    /// PostgreSQL creates an index on the referenced columns only. Without one on the referencing columns, each DELETE of a referenced
    /// row, and each UPDATE of its key, reads the whole referencing table, while it holds the lock on the row. Joins from the
    /// referenced row to those that refer to it read the whole table as well.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_ROWS} rows without an index. It is a warning if at least {MIN_DELETES} referenced rows were deleted since the
    /// counters were reset, their checks read {MIN_WORK} rows or more, and as many sequential scans of the referencing table were
    /// counted. Updates are not counted: most leave the key as it is, and then nothing is checked.
    ///
    /// ## Remedy
    ///
    /// Create the index. On a partitioned table CREATE INDEX cannot run CONCURRENTLY and blocks writes; where that takes too long, create the
    /// index ON ONLY the partitioned table, then one on each partition CONCURRENTLY, and attach those with ALTER INDEX … ATTACH PARTITION.
    ///
    /// ## When to ignore this
    ///
    /// If rows of the referenced table are never deleted, their keys never change, and no query joins in that direction.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [], "pg_index": [],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000, "reltuples": 500000 },
    ///                 { "oid": 2, "nspname": "public", "relname": "customers", "relkind": "r" } ],
    ///   "pg_attribute": [ { "attrelid": 1, "attnum": 2, "attname": "customer_id" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "orders_customer_id_fkey", "conrelid": 1, "contype": "f", "confrelid": 2,
    ///                        "conkey": [2], "confkey": [1] } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "seq_scan": 1300 }, { "relid": 2, "n_tup_del": 1200 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000, "reltuples": 500000 },
    ///                 { "oid": 2, "nspname": "public", "relname": "customers", "relkind": "r" },
    ///                 { "oid": 3, "nspname": "public", "relname": "orders_customer_day", "relkind": "i", "amname": "btree" } ],
    ///   "pg_attribute": [ { "attrelid": 1, "attnum": 2, "attname": "customer_id" } ],
    ///   "pg_constraint": [ { "oid": 9, "conname": "orders_customer_id_fkey", "conrelid": 1, "contype": "f", "confrelid": 2,
    ///                        "conkey": [2], "confkey": [1] } ],
    ///   "pg_index": [ { "indexrelid": 3, "indrelid": 1, "indkey": [2, 5], "indnkeyatts": 2, "indisvalid": true } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "seq_scan": 1300 }, { "relid": 2, "n_tup_del": 1200 } ] }
    /// ```
    rule foreign_key_without_index {
        code: PGD605,
        title: "Foreign keys have no index on the referencing columns",
        passed: "Each foreign key of a large table has an index on the referencing columns",
        worst: Warning,
        reads: [foreign_keys],
        source: "PostgreSQL manual, Foreign Keys; the thresholds are pgdba's own",
        thresholds: {
            /// Rows below which reading the whole table is as fast as using an index.
            MIN_ROWS: i64 = 10_000,
            /// Deleted rows below which the checks are negligible.
            MIN_DELETES: i64 = 100,
            /// Rows read by the checks below which they are negligible.
            MIN_WORK: i64 = 100_000_000,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a ForeignKey>> {
    unindexed(view, MIN_ROWS)
}

/// Those whose tables without an index have at least so many rows.
pub(crate) fn unindexed<'a>(view: &View<'a>, min_rows: i64) -> Checked<Vec<&'a ForeignKey>> {
    let is_unindexed = |key: &&ForeignKey| key.unindexed().next().is_some() && key.unindexed_rows() >= min_rows;
    Ok(view.foreign_keys()?.iter().filter(is_unindexed).collect())
}

/// A warning where deletions have read so much that it shows.
pub(crate) fn severity(key: &ForeignKey) -> Severity {
    let deletes = key.deletes.unwrap_or(0);
    let are_many = deletes >= MIN_DELETES && key.seq_scans() >= deletes;
    if are_many && work(key) >= MIN_WORK { Severity::Warning } else { Severity::Notice }
}

/// The rows that the checks of deletions have read.
fn work(key: &ForeignKey) -> i64 {
    key.unindexed_rows().saturating_mul(key.deletes.unwrap_or(0))
}

fn subject(key: &&ForeignKey) -> About {
    About::constraint(&key.constraint, Weight::Bytes(key.unindexed_bytes().0))
        .severity(severity(key))
        .figures([
            Figure::new("table", key.constraint.table.to_string()),
            Figure::new("columns", key.columns.join(", ")),
            Figure::new("rows", key.unindexed_rows()).against(Quantity::Count(MIN_ROWS)),
            Figure::new("references", key.constraint.references.as_ref().map(ToString::to_string)),
            Figure::new("referenced_rows_deleted", key.deletes),
            Figure::new("seq_scans", key.seq_scans()).labelled("sequential scans"),
        ])
        .run(key.create_index())
}

fn describe(found: &Found<&ForeignKey>) -> Draft {
    let hurt = found.part(|key| severity(key) == Severity::Warning);
    let partitioned = found.part(|key| key.is_partitioned);
    Draft::new(format!("Create an index for {}", found.each("the foreign key", "foreign keys")))
        .because("Each DELETE of a referenced row, and each UPDATE of its key, reads the whole referencing table.")
        .because_for(hurt.as_ref(), "That has happened often for")
        .because("Joins from the referenced row to those that refer to it read the whole table, too.")
        .advise("Create an index on the referencing columns, unless referenced rows are never deleted and never joined.")
        .advise_if(partitioned.is_some(), "CREATE INDEX on a partitioned table blocks writes to all its partitions.")
        .impact(if partitioned.is_some() {
            "CREATE INDEX CONCURRENTLY reads the table twice and blocks neither reads nor writes; on a partitioned table, which \
             does not allow it, CREATE INDEX blocks writes. Each index slows down writes."
        } else {
            "CREATE INDEX CONCURRENTLY reads the table twice and blocks neither reads nor writes. Each index slows down writes."
        })
        .undo_text("Drop the index with DROP INDEX, with the word CONCURRENTLY if the table is not partitioned.")
}
