//! An index is invalid: maintained by writes, used by no query.

use pgdba_pg::Bytes;

use crate::engine::rule::{Parts, evidence};
use crate::facts::indexes::Index;
use crate::facts::relation::RelationName;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// An index that is not valid while nothing builds it: the left-over of a `CREATE INDEX CONCURRENTLY` or
    /// `REINDEX CONCURRENTLY` that failed or was cancelled.
    ///
    /// ## Why it matters
    ///
    /// No query uses it, but every write still maintains it. An invalid unique index may even refuse rows.
    ///
    /// ## Threshold
    ///
    /// One is enough. A partitioned index (`relkind` `I`) is left out: it is invalid until the last partition has its
    /// own index.
    ///
    /// ## Remedy
    ///
    /// Find the reason first (for a unique index mostly duplicate rows), then rebuild it, or drop it. One whose name
    /// ends in `_ccnew` or `_ccold` is left over from a REINDEX and can be dropped.
    ///
    /// ## When it is no fault
    ///
    /// While it is being built, which is why indexes in `pg_stat_progress_create_index` are left out.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Building Indexes Concurrently".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "indisunique": true } ] }
    /// ```
    /// ```json clean
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "in_progress": true } ] }
    /// ```
    rule invalid_index {
        code: "PGD601",
        title: "An index is invalid: maintained by writes, used by no query",
        area: Indexes,
        needs: [pg_class, pg_index],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    index: RelationName,
    table: RelationName,
    size: Option<Bytes>,
    is_unique: bool,
    is_leftover: bool,
    /// Whether it belongs to a partitioned index, so that the server refuses to drop it alone.
    is_partition: bool,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    Ok(facts.indexes.iter().filter(|index| is_invalid(index)).map(found).collect())
}

fn is_invalid(index: &Index) -> bool {
    index.catalogue.indisvalid == Some(false)
        && index.catalogue.in_progress != Some(true)
        && index.relkind.as_deref() != Some("I")
}

fn found(index: &Index) -> Found {
    let bare = index.name.sql().trim_end_matches('"').trim_end_matches(|c: char| c.is_ascii_digit());
    Found {
        index: index.name.clone(),
        table: index.table.clone(),
        size: index.size,
        is_unique: index.catalogue.indisunique == Some(true),
        is_partition: index.is_partition,
        is_leftover: bare.ends_with("_ccnew") || bare.ends_with("_ccold"),
    }
}

fn describe(found: &Found) -> Parts {
    let (verb, sql) = if found.is_leftover {
        ("Drop", format!("DROP INDEX CONCURRENTLY {};", found.index.sql()))
    } else if found.is_partition {
        ("Rebuild", format!("REINDEX INDEX CONCURRENTLY {};", found.index.sql()))
    } else {
        ("Rebuild or drop", format!("REINDEX INDEX CONCURRENTLY {0};\n-- or: DROP INDEX CONCURRENTLY {0};", found.index.sql()))
    };
    let refusal = if found.is_unique { " As a unique index it may still refuse rows." } else { "" };
    Parts {
        severity: Severity::Warning,
        confidence: Confidence::High,
        subject: Subject::Index(found.index.to_string()),
        summary: format!("{verb} the invalid index {}", found.index),
        rationale: format!("Building it failed or was cancelled. No query uses it, but every write maintains it.{refusal}"),
        evidence: vec![
            evidence("table", found.table.to_string()),
            evidence("size", found.size),
            evidence("unique", if found.is_unique { "yes" } else { "no" }),
        ],
        details: Vec::new(),
        remedy: Remedy {
            text: text(found).to_owned(),
            sql: Some(found.index.run_there(sql)),
            effort: Effort::Online,
            impact: Some("Reads and writes go on; the rebuild reads the table twice and waits for older transactions.".to_owned()),
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, CREATE INDEX: Building Indexes Concurrently",
    }
}

fn text(found: &Found) -> &'static str {
    match (found.is_unique && !found.is_leftover, found.is_partition && !found.is_leftover) {
        (true, true) => "Remove the duplicate rows that made it fail, then rebuild it.",
        (true, false) => "Remove the duplicate rows that made it fail, then rebuild it; drop it if nobody misses it.",
        (false, true) => "Rebuild it; as part of a partitioned index it cannot be dropped alone.",
        (false, false) => "Rebuild it, or drop it if nobody misses it.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn what_belongs_to_a_partitioned_index_is_not_dropped_alone() {
        for (is_partition, can_be_dropped) in [(true, false), (false, true)] {
            let document = json!({
                "pg_class": [
                    { "oid": 1, "nspname": "public", "relname": "t1", "relkind": "r" },
                    { "oid": 2, "nspname": "public", "relname": "t1_a", "relkind": "i", "relispartition": is_partition },
                ],
                "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indisvalid": false }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            let [finding] = <[_; 1]>::try_from(analysis.findings).unwrap();
            let sql = finding.remedy.sql.unwrap();
            assert!(sql.starts_with("REINDEX INDEX CONCURRENTLY public.t1_a;"), "{sql}");
            assert_eq!(sql.contains("DROP"), can_be_dropped, "{sql}");
            assert_eq!(finding.summary.contains("drop"), can_be_dropped, "{}", finding.summary);
        }
    }
}
