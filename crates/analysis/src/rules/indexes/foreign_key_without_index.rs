//! Foreign keys whose referencing rows no index finds.

use crate::engine::prelude::*;
use crate::facts::foreign_keys::ForeignKey;

rule! {
    /// ## What it sees
    ///
    /// A foreign key on whose referencing columns no index leads. Any order of the columns will do, further columns can follow, and so
    /// can a predicate that only excludes nulls. In a GIN index the columns can be anywhere. An index with another collation than the
    /// column's does not help. Where an index leads with some of the columns only, the rows are found by a part of the key. Of a
    /// partitioned table, each partition is checked.
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
    /// counted. It is an info where an index leads with a part of the key, unless that finds less than {MIN_MATCHES} rows for each value
    /// by the planner's statistics: then it is not reported. Updates are not counted: most leave the key as it is, and then nothing is checked.
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
            /// Rows that an index finds by a part of the key below which it is good enough.
            MIN_MATCHES: i64 = 1_000,
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
    let is_slow = |key: &ForeignKey| !key.is_partial() || key.partial_matches().is_none_or(|rows| rows >= MIN_MATCHES);
    let has_rows = |key: &ForeignKey| key.unindexed().next().is_some() && key.unindexed_rows() >= min_rows;
    let is_unindexed = |key: &&ForeignKey| has_rows(key) && is_slow(key);
    Ok(view.foreign_keys()?.iter().filter(is_unindexed).collect())
}

/// A warning where deletions have read so much that it shows.
pub(crate) fn severity(key: &ForeignKey) -> Severity {
    if key.is_partial() {
        return Severity::Info;
    }
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
    let (wholly, partial) = (found.any(|key| !key.is_partial()), found.part(|key| key.is_partial()));
    let partitioned = found.part(|key| key.is_partitioned);
    Draft::new(format!("Create an index for {}", found.each("the foreign key", "foreign keys")))
        .because_if(wholly, "Each DELETE of a referenced row, and each UPDATE of its key, reads the whole referencing table.")
        .because_for(hurt.as_ref(), "That has happened often for")
        .because_if(wholly, "Joins from the referenced row to those that refer to it read the whole table, too.")
        .because_for(
            partial.as_ref(),
            "No whole table is read, but an index finds the rows by a part of the key only, together with others, for",
        )
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Finding, Severity};
    use crate::{Options, analyze, example};

    /// What is found of a foreign key on columns 2 and 3 of a table of 100 000 rows, with this index and this many distinct values
    /// in column 2.
    fn found(index: &Value, n_distinct: Option<f64>) -> Option<Finding> {
        let mut row = json!({ "indexrelid": 20, "indrelid": 1, "indnkeyatts": 1, "indisvalid": true });
        row.as_object_mut().unwrap().extend(index.as_object().unwrap().clone());
        let amname = row["amname"].take();
        let mut document = json!({
            "pg_settings": [],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "lines", "relkind": "r", "reltuples": 100_000, "relpages": 1000 },
                         { "oid": 2, "nspname": "s", "relname": "orders", "relkind": "r" },
                         { "oid": 20, "nspname": "s", "relname": "i", "relkind": "i", "amname": amname }],
            "pg_attribute": [{ "attrelid": 1, "attnum": 2, "attname": "shop" }, { "attrelid": 1, "attnum": 3, "attname": "no" }],
            "pg_constraint": [{ "oid": 9, "conname": "f", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [2, 3] }],
            "pg_stat_user_tables": [{ "relid": 1, "seq_scan": 90_000 }, { "relid": 2, "n_tup_del": 90_000 }],
            "pg_index": [row],
        });
        if n_distinct.is_some() {
            document["pg_stats"] = json!([{ "relid": 1, "attnum": 2, "inherited": false, "n_distinct": n_distinct }]);
        }
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD605")
    }

    #[test]
    fn an_index_on_a_part_of_the_key_finds_the_rows_and_no_table_is_read_wholly() {
        let wholly = "reads the whole referencing table";
        let none = found(&json!({ "indkey": [4, 2, 3], "amname": "btree" }), Some(-0.5)).unwrap();
        assert_eq!((none.severity, none.rationale.contains(wholly)), (Severity::Warning, true));
        for index in [json!({ "indkey": [2], "amname": "btree" }), json!({ "indkey": [2], "amname": "hash" }),
                      json!({ "indkey": [2, 4], "indnkeyatts": 2, "amname": "btree" })] {
            for unselective in [Some(20.0), None] {
                let finding = found(&index, unselective).unwrap();
                assert_eq!((finding.severity, finding.rationale.contains(wholly)), (Severity::Info, false), "{}", finding.rationale);
            }
            for selective in [5000.0, -0.5] {
                assert!(found(&index, Some(selective)).is_none(), "{index} {selective}");
            }
        }
    }
}
