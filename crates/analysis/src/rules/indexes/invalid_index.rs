//! An index is invalid: writes maintain it, but queries cannot use it.

use crate::engine::drop_index;
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// An index that is invalid and not being built: the remains of a `CREATE INDEX CONCURRENTLY`, `REINDEX CONCURRENTLY` or
    /// `DROP INDEX CONCURRENTLY` that failed or was canceled.
    ///
    /// ## Why it matters
    ///
    /// Queries cannot use it, but most writes still maintain it (`indisready`): then an invalid unique index can even reject
    /// rows. If the command failed early or the index was being dropped, it only takes space.
    ///
    /// ## Threshold
    ///
    /// One invalid index is reported. Partitioned indexes (`relkind` `I`) are left out: they are invalid until every partition
    /// has an attached index.
    ///
    /// ## Remedy
    ///
    /// Find the cause first (duplicate rows, a lock or statement timeout, a canceled session), then rebuild the index or drop it.
    /// An index whose name ends in `_ccnew` or `_ccold` is left over from a REINDEX if the index that it is a copy of exists,
    /// valid or not; it can be dropped, like one whose drop did not finish (`indislive` is false). An invalid index of a TOAST table
    /// is such a leftover.
    ///
    /// ## When to ignore this
    ///
    /// While a `CONCURRENTLY` command works on the table; its locks tell, so such indexes are left out. A standby does not show
    /// the locks of its primary: there, an invalid index is not assessed.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "indisunique": true } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "in_progress": true } ] }
    /// ```
    rule invalid_index {
        code: PGD601,
        title: "Indexes are invalid",
        passed: "All indexes are valid or being built",
        worst: Warning,
        reads: [invalid_indexes],
        source: "PostgreSQL manual, CREATE INDEX: Building Indexes Concurrently",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Index>> {
    Ok(view.invalid_indexes()?.iter().collect())
}

fn subject(index: &Index) -> About {
    About::index(&index.name, index.size)
        .figures([
            Figure::new("table", index.table.to_string()),
            Figure::new("size", index.size),
            Figure::new("unique", if index.is_unique() { "yes" } else { "no" }),
            Figure::new("maintained", if index.is_maintained() { "yes" } else { "no" }).labelled("maintained by writes"),
        ])
        .run(drop_index::rebuild_or_drop(index))
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
    let has_unique = found.any(|index| index.is_unique() && !index.is_leftover());
    let can_reject = found.any(|index| index.is_unique() && index.is_maintained());
    let maintained = found.part(|index| index.is_maintained());
    let them = if found.only().is_some() { "it" } else { "them" };
    Draft::new(format!("{verb} {}", found.each("the invalid index", "invalid indexes")))
        .because(format!("A command that was to build, rebuild or drop {them} failed or was canceled."))
        .because(format!("Queries cannot use {them}."))
        .because_for(maintained.as_ref(), "Writes still maintain")
        .because_if(can_reject, "A unique index that writes maintain can still reject rows.")
        .advise_if(has_unique, "If duplicate rows caused the failure of a unique index, remove them first.")
        .advise_if(has_other, format!("Rebuild {them}, or drop {them} if not needed."))
        .advise_if(has_partition, "Rebuild indexes of partitions: they cannot be dropped without the partitioned one.")
        .advise_if(has_leftover, "Drop what an unfinished REINDEX or DROP INDEX CONCURRENTLY left behind.")
        .impact(match verb {
            "Drop" => "Reads and writes continue; DROP INDEX CONCURRENTLY waits for older transactions.",
            "Rebuild" => "Reads and writes continue; REINDEX CONCURRENTLY waits for older transactions and scans the table twice.",
            _ => "Reads and writes continue; REINDEX and DROP INDEX CONCURRENTLY wait for older transactions, and a rebuild \
                  scans the table twice.",
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn the_index_of_a_partition_is_not_dropped_alone() {
        for (is_partition, can_be_dropped) in [(true, false), (false, true)] {
            let document = json!({
                "system": [{ "is_in_recovery": false }],
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

    #[test]
    fn a_copy_is_left_over_only_beside_its_original() {
        let found = |copy_of: Option<i64>| {
            let document = json!({
                "system": [{ "is_in_recovery": false }],
                "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" },
                             { "oid": 2, "nspname": "public", "relname": "t_a_ccnew", "relkind": "i" }],
                "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indisvalid": false, "copy_of": copy_of }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            analysis.findings.into_iter().next().unwrap()
        };
        let copy = found(Some(3));
        assert_eq!(copy.statements().as_deref(), Some("DROP INDEX CONCURRENTLY public.t_a_ccnew;"));
        assert!(!copy.remedy.impact.unwrap().contains("rebuild"));
        let named_so = found(None);
        assert!(named_so.statements().unwrap().starts_with("REINDEX INDEX CONCURRENTLY"));
    }

    #[test]
    fn what_an_index_costs_depends_on_how_far_the_command_came() {
        let found = |flags: serde_json::Value| {
            let mut index = json!({ "indexrelid": 2, "indrelid": 1, "indisvalid": false, "indisunique": true });
            index.as_object_mut().unwrap().extend(flags.as_object().unwrap().clone());
            let document = json!({
                "system": [{ "is_in_recovery": false }],
                "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" },
                             { "oid": 2, "nspname": "public", "relname": "t_a", "relkind": "i" }],
                "pg_index": [index],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            analysis.findings.into_iter().next().unwrap()
        };
        let ready = found(json!({ "indisready": true, "indislive": true }));
        assert!(ready.rationale.contains("Writes still maintain it.") && ready.rationale.contains("can still reject"));
        assert!(ready.remedy.text.starts_with("If duplicate rows caused"), "{}", ready.remedy.text);
        let early = found(json!({ "indisready": false, "indislive": true }));
        assert!(!early.rationale.contains("Writes") && !early.rationale.contains("reject"), "{}", early.rationale);
        let dropped = found(json!({ "indisready": false, "indislive": false }));
        assert_eq!(dropped.summary, "Drop the invalid index public.t_a");
        assert_eq!(dropped.statements().as_deref(), Some("DROP INDEX CONCURRENTLY public.t_a;"));
        assert!(!dropped.remedy.text.contains("duplicate"), "{}", dropped.remedy.text);
    }
}
