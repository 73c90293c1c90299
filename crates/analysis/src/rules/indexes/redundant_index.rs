//! Indexes whose columns lead in another index.

use std::collections::{BTreeMap, BTreeSet};

use super::duplicate_index;
use crate::engine::drop_index;
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A B-tree index whose key columns are the leading key columns of another B-tree index of the same table, with the same operator
    /// classes and collations and in the same or the opposite order, or all key columns of a unique index. Every query that uses it
    /// can use the other one instead. Identical indexes are the subject of PGD602; this rule assesses them when one of them is left.
    ///
    /// ## Why it matters
    ///
    /// Every insert and most updates maintain both, and both take space on disk and in the cache.
    ///
    /// ## Threshold
    ///
    /// {MIN_SIZE}. Left out are unique indexes and those behind a constraint, the replica identity, partial indexes, indexes with
    /// expressions, and those with an INCLUDE column that the other index lacks. An index that was not scanned does not make one
    /// redundant that was. If the other one is more than {MUCH_LARGER} times as large, it is an info: scans of the larger one read more pages.
    ///
    /// ## Remedy
    ///
    /// Save the definition of the shorter index, then drop it. The longer one is larger, mainly because a B-tree stores equal keys only
    /// once (from version 13 on), so compare the duration of the most important queries.
    ///
    /// ## When to ignore this
    ///
    /// If the shorter index is much smaller and its queries are frequent, or if it stays in the cache and the longer one would not.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_customer_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 40000000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "orders_customer_day_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 60000000, "size_source": "pg_relation_size" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [2], "indclass": [1978], "indcollation": [0], "indoption": [0], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [2, 3], "indclass": [1978, 3122], "indcollation": [0, 0], "indoption": [0, 0],
    ///       "indisvalid": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_day_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 40000000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "orders_customer_day_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 60000000, "size_source": "pg_relation_size" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [3], "indclass": [3122], "indcollation": [0], "indoption": [0], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [2, 3], "indclass": [1978, 3122], "indcollation": [0, 0], "indoption": [0, 0],
    ///       "indisvalid": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_customer_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 40000000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "orders_customer_idx1", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 40000000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16392, "nspname": "public", "relname": "orders_customer_day_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 60000000, "size_source": "pg_relation_size" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [2], "indclass": [1978], "indcollation": [0], "indoption": [0], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [2], "indclass": [1978], "indcollation": [0], "indoption": [0], "indisvalid": true },
    ///     { "indexrelid": 16392, "indrelid": 16385, "indkey": [2, 3], "indclass": [1978, 3122], "indcollation": [0, 0], "indoption": [0, 0],
    ///       "indisvalid": true } ] }
    /// ```
    rule redundant_index {
        code: PGD604,
        title: "Indexes are redundant beside longer ones",
        passed: "No large index is redundant beside a longer one",
        worst: Notice,
        reads: [indexes],
        source: "PostgreSQL manual, Multicolumn Indexes; the thresholds are pgdba's own",
        thresholds: {
            /// The size below which an index costs little.
            MIN_SIZE: Bytes = Bytes::megabytes(10),
            /// So many times as large as the redundant index, the other one makes scans noticeably dearer.
            MUCH_LARGER: i64 = 4,
        },
    }
}

/// An index, and the one that covers it.
pub(crate) struct Redundant<'a> {
    pub(crate) index: &'a Index,
    pub(crate) keep: &'a Index,
}

impl Redundant<'_> {
    /// How many times as large the other one is.
    fn times(&self) -> Option<f64> {
        let [own, other] = [self.index, self.keep].map(|index| index.size.map(|size| size.bytes.0));
        Some(other? as f64 / own.filter(|size| *size > 0)? as f64)
    }

    pub(crate) fn severity(&self) -> Severity {
        if self.times().is_none_or(|times| times > MUCH_LARGER as f64) { Severity::Info } else { Severity::Notice }
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<Redundant<'a>>> {
    // The statements of both rules must be able to run one after the other, and PGD602 must have one left to keep.
    let (dropped, kept): (BTreeSet<_>, BTreeSet<_>) =
        duplicate_index::check(view)?.iter().map(|found| (found.index.key(), found.keep.key())).unzip();
    let mut tables = BTreeMap::<_, Vec<&Index>>::new();
    for index in view.indexes()?.iter().filter(|index| !dropped.contains(&index.key())) {
        tables.entry((&index.catalog.datname, index.catalog.indrelid, index.keys().first())).or_default().push(index);
    }
    Ok(tables.into_values().flat_map(among).filter(|found| !kept.contains(&found.index.key())).collect())
}

/// Those among the indexes of a table with the same first column, which one that covers another has too.
fn among<'a>(indexes: Vec<&'a Index>) -> Vec<Redundant<'a>> {
    let covering = |index: &Index| -> Vec<&'a Index> {
        let covers = |other: &&&Index| stays_beside(other, index) && other.covers(index);
        indexes.iter().filter(covers).copied().collect()
    };
    let longest = indexes.iter().map(|index| index.keys().len()).max();
    let has_unique = indexes.iter().any(|index| index.is_unique());
    let has_more = |index: &Index| has_unique || Some(index.keys().len()) < longest;
    let is_large = |index: &Index| index.size.is_some_and(|size| size.bytes >= MIN_SIZE);
    let is_candidate = |index: &&Index| can_go(index) && is_large(index) && has_more(index);
    // The one to keep is not redundant itself.
    let lasts = |index: &&Index| !can_go(index) || covering(index).is_empty();
    let redundant = |index: &'a Index| {
        let lasting = covering(index).into_iter().filter(lasts);
        lasting.min_by_key(|other| (other.size, other.catalog.indexrelid)).map(|keep| Redundant { index, keep })
    };
    indexes.iter().copied().filter(is_candidate).filter_map(redundant).collect()
}

fn can_go(index: &Index) -> bool {
    !index.is_unique() && !index.is_needed()
}

/// Whether an index stays if another one is dropped because of it: one that is not scanned while the other is might go itself.
fn stays_beside(index: &Index, other: &Index) -> bool {
    !can_go(index) || index.idx_scan != Some(0) || other.idx_scan == Some(0)
}

fn subject(redundant: &Redundant<'_>) -> About {
    let (index, keep) = (redundant.index, redundant.keep);
    About::index(&index.name, index.size)
        .severity(redundant.severity())
        .figures([
            Figure::new("covered_by", keep.name.to_string()),
            Figure::new("table", index.table.to_string()),
            Figure::new("size", index.size).against(Quantity::Bytes(MIN_SIZE.0)),
            Figure::new("size_of_the_other", keep.size),
            Figure::new("scans", index.idx_scan),
            Figure::new("scans_of_the_other", keep.idx_scan),
        ])
        .run(drop_index::statements(index))
}

fn describe(found: &Found<Redundant<'_>>) -> Draft {
    let by = found.only().map(|found| format!(", whose columns lead in {}", found.keep.name)).unwrap_or_default();
    Draft::new(format!("Drop {}{by}", found.named("redundant index", "redundant indexes")))
        .because("Every query that uses it can use the longer index instead, and every write maintains both.")
        .evidence([Figure::new("space_freed", Size::sum(found.iter().filter_map(|found| found.index.size)))])
        .drop_indexes(found.iter().map(|found| found.index))
        .advise("Compare the duration of the most important queries before and after.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::example::{self, btree, relation};
    use crate::{Options, analyze};

    #[test]
    fn the_longer_index_is_the_one_that_is_left_of_duplicates() {
        let document = json!({
            "pg_class": [relation(1, "r"), relation(10, "i"), relation(11, "i"), relation(12, "i")],
            "pg_index": [btree(10, &[2]), btree(11, &[2, 3]), btree(12, &[2, 3])],
            "pg_stat_user_indexes": [{ "indexrelid": 11, "idx_scan": 5 }, { "indexrelid": 12, "idx_scan": 7 }],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        let summary = |code: &str| findings.iter().find(|finding| finding.code == code).map(|finding| finding.summary.as_str());
        assert_eq!(summary("PGD602"), Some("Drop s.r11, a duplicate of s.r12"));
        assert_eq!(summary("PGD604"), Some("Drop s.r10, whose columns lead in s.r12"));
    }
}
