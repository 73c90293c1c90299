//! Several indexes are identical.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::engine::drop_index;
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Two or more valid indexes of a table that are identical: access method, columns and their order, INCLUDE columns,
    /// operator classes, collations, sort order, uniqueness, treatment of nulls and storage parameters.
    ///
    /// ## Why it matters
    ///
    /// A duplicate never helps a query that the other index does not help. It takes space on disk and in memory, and
    /// every insert and most updates have to maintain it.
    ///
    /// ## Threshold
    ///
    /// Identical definitions. Indexes with expressions or a predicate are left out, since their texts cannot be compared
    /// reliably.
    ///
    /// ## Remedy
    ///
    /// Drop the indexes that no constraint needs. One is always kept: the one behind a constraint, else the one with the most
    /// scans, else the oldest. Partitions of an index are not dropped separately: they are dropped with the partitioned index.
    /// A partitioned index cannot be dropped CONCURRENTLY, so this briefly locks the table and all its partitions.
    ///
    /// ## When to ignore this
    ///
    /// While an index is being replaced: build the new one, then drop the old one.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "t_a_idx", "relkind": "i", "amname": "btree" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "t_a_idx1", "relkind": "i", "amname": "btree" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "t_a_idx", "relkind": "i", "amname": "btree" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "t_a_idx1", "relkind": "i", "amname": "gin" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true } ] }
    /// ```
    rule duplicate_index {
        code: PGD602,
        title: "Tables have duplicate indexes",
        passed: "No index is a duplicate of another",
        worst: Warning,
        reads: [indexes],
        source: "PostgreSQL manual, pg_index",
    }
}

/// An index, and the identical one to keep.
pub(crate) struct Duplicate<'a> {
    pub(crate) index: &'a Index,
    pub(crate) keep: &'a Index,
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<Duplicate<'a>>> {
    let mut identical = BTreeMap::<_, Vec<&Index>>::new();
    for (definition, index) in view.indexes()?.iter().filter_map(|index| Some((index.definition()?, index))) {
        identical.entry(definition).or_default().push(index);
    }
    Ok(identical.into_values().flat_map(surplus).collect())
}

/// The identical indexes that can be dropped: none that something else needs, and never all of them.
fn surplus(mut identical: Vec<&Index>) -> Vec<Duplicate<'_>> {
    identical.sort_by_key(|index| (!index.is_needed(), Reverse(index.idx_scan), index.catalog.indexrelid));
    let Some((keep, rest)) = identical.split_first() else { return Vec::new() };
    rest.iter().filter(|index| !index.is_needed()).map(|index| Duplicate { index, keep }).collect()
}

fn subject(Duplicate { index, keep }: &Duplicate<'_>) -> About {
    About::index(&index.name, index.size)
        .figures([
            Figure::new("duplicate_of", keep.name.to_string()),
            Figure::new("table", index.table.to_string()),
            Figure::new("size", index.size),
            Figure::new("scans", index.idx_scan),
        ])
        .run(drop_index::statements(index))
}

fn describe(found: &Found<Duplicate<'_>>) -> Draft {
    let of = found.only().map(|found| format!(", a duplicate of {}", found.keep.name)).unwrap_or_default();
    Draft::new(format!("Drop {}{of}", found.named("duplicate index", "duplicate indexes")))
        .because("Every query can use the remaining index instead, and every write maintains all of them.")
        .evidence([Figure::new("space_freed", Size::sum(found.iter().filter_map(|found| found.index.size)))])
        .drop_indexes(found.iter().map(|found| found.index))
        .advise("Queries will use the remaining index.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Finding;
    use crate::{Options, analyze, example};

    /// Two identical indexes of a table; if partitioned, each with a partition that is identical too.
    fn found(relkind: &str) -> Vec<Finding> {
        let class = |oid: i64, name: &str, relkind: &str, pages: i64, parent: Option<i64>| {
            json!({ "oid": oid, "nspname": "public", "relname": name, "relkind": relkind, "relpages": pages,
                    "amname": "btree", "inhparent": parent, "relispartition": parent.is_some() })
        };
        let index = |oid: i64, table: i64| {
            json!({ "indexrelid": oid, "indrelid": table, "indkey": [1], "indclass": [1978], "indisvalid": true })
        };
        let mut classes = vec![class(1, "t", "r", 1, None)];
        let mut indexes: Vec<Value> = Vec::new();
        for (oid, name) in [(10, "t_a"), (11, "it's")] {
            classes.push(class(oid, name, relkind, if relkind == "I" { 0 } else { 5 }, None));
            indexes.push(index(oid, 1));
        }
        if relkind == "I" {
            classes.push(class(2, "t1", "r", 1, Some(1)));
            // A partition of a partition is counted; the partitioned index between them has no size.
            for (oid, name, kind, pages, parent) in
                [(20, "t1_a", "i", 2, 10), (21, "t1_b", "I", 0, 11), (22, "t1_c", "i", 3, 21)]
            {
                classes.push(class(oid, name, kind, pages, Some(parent)));
                indexes.push(index(oid, 2));
            }
        }
        let document = json!({ "system": [{ "block_size": 8192 }], "pg_class": classes, "pg_index": indexes });
        analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings
    }

    #[test]
    fn a_partitioned_index_is_not_dropped_concurrently_and_its_partitions_are_not_named() {
        let [finding] = <[_; 1]>::try_from(found("I")).unwrap();
        let remedy = &finding.remedy;
        let sql = "SELECT pg_get_indexdef('public.\"it''s\"'::regclass);\nDROP INDEX public.\"it's\";";
        assert_eq!(finding.statements().as_deref(), Some(sql));
        assert!(remedy.impact.as_ref().unwrap().contains("all its partitions against reads and writes"));
        assert!(remedy.undo_text.as_ref().unwrap().contains("without the word ONLY"));
        let freed = finding.evidence.iter().find(|figure| figure.key == "space_freed").unwrap();
        assert_eq!(freed.value, crate::Quantity::EstimatedBytes(3 * 8192));
    }

    #[test]
    fn the_definition_is_queried_before_the_drop_and_the_undo_is_not_a_statement() {
        let [finding] = <[_; 1]>::try_from(found("i")).unwrap();
        let remedy = &finding.remedy;
        let sql = "SELECT pg_get_indexdef('public.\"it''s\"'::regclass);\nDROP INDEX CONCURRENTLY public.\"it's\";";
        assert_eq!((finding.statements().as_deref(), &remedy.undo), (Some(sql), &None));
        assert!(remedy.undo_text.as_ref().unwrap().starts_with("Run the CREATE INDEX"));
    }
}
