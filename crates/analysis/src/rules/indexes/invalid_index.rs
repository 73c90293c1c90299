//! An index is invalid: writes maintain it, but queries cannot use it.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// An index that is invalid and not being built: the remains of a `CREATE INDEX CONCURRENTLY` or
    /// `REINDEX CONCURRENTLY` that failed or was canceled.
    ///
    /// ## Why it matters
    ///
    /// Queries cannot use it, but every write still maintains it. An invalid unique index can even reject rows.
    ///
    /// ## Threshold
    ///
    /// One invalid index is reported. Partitioned indexes (`relkind` `I`) are left out: they are invalid until every partition
    /// has an attached index.
    ///
    /// ## Remedy
    ///
    /// Find the cause first (for a unique index, usually duplicate rows), then rebuild the index or drop it. An index whose name
    /// ends in `_ccnew` or `_ccold` is left over from a REINDEX and can be dropped.
    ///
    /// ## When to ignore this
    ///
    /// While the index is being built. Indexes in `pg_stat_progress_create_index` are therefore left out.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "indisunique": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "in_progress": true } ] }
    /// ```
    rule invalid_index {
        code: PGD601,
        title: "Indexes are invalid",
        passed: "All indexes are valid",
        worst: Warning,
        reads: [indexes],
        source: "PostgreSQL manual, CREATE INDEX: Building Indexes Concurrently",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Index>> {
    Ok(view.indexes()?.iter().filter(|index| index.is_invalid() && !index.is_partitioned()).collect())
}

fn subject(index: &Index) -> About {
    let name = index.name.sql();
    let (drop, rebuild) = (format!("DROP INDEX CONCURRENTLY {name};"), format!("REINDEX INDEX CONCURRENTLY {name};"));
    About::index(&index.name, index.size)
        .figures([
            Figure::new("table", index.table.to_string()),
            Figure::new("size", index.size),
            Figure::new("unique", if index.is_unique() { "yes" } else { "no" }),
        ])
        .run(match (index.is_leftover(), index.is_partition) {
            (true, _) => drop,
            (false, true) => rebuild,
            (false, false) => format!("{rebuild}\n-- or: {drop}"),
        })
}

fn describe(found: &Found<&Index>) -> Draft {
    let has_leftover = found.any(|index| index.is_leftover());
    let has_partition = found.any(|index| index.is_partition && !index.is_leftover());
    let has_other = found.any(|index| !index.is_partition && !index.is_leftover());
    let verb = match (has_leftover, has_partition, has_other) {
        (true, false, false) => "Drop",
        (false, true, false) => "Rebuild",
        _ => "Rebuild or drop",
    };
    let has_duplicates = found.any(|index| index.is_unique() && !index.is_leftover());
    Draft::new(format!("{verb} {}", found.each("the invalid index", "invalid indexes")))
        .because("Building failed or was canceled. Queries cannot use an invalid index, but writes still maintain it.")
        .because_if(found.any(|index| index.is_unique()), "A unique index can still reject rows.")
        .advise_if(has_duplicates, "Remove the duplicate rows that caused the failure.")
        .advise_if(has_other, "Rebuild it, or drop it if it is not needed.")
        .advise_if(has_partition, "Rebuild indexes of partitions: they cannot be dropped without the partitioned one.")
        .advise_if(has_leftover, "Drop what REINDEX CONCURRENTLY left behind; the index itself still exists.")
        .impact("Reads and writes continue; a rebuild scans the table twice and waits for older transactions.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn the_index_of_a_partition_is_not_dropped_alone() {
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
            let sql = finding.statements().unwrap();
            assert!(sql.starts_with("REINDEX INDEX CONCURRENTLY public.t1_a;"), "{sql}");
            assert_eq!(sql.contains("DROP"), can_be_dropped, "{sql}");
            assert_eq!(finding.summary.contains("drop"), can_be_dropped, "{}", finding.summary);
        }
    }
}
