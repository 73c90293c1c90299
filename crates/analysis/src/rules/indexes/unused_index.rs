//! Indexes that are not scanned.

use std::collections::BTreeSet;

use super::{duplicate_index, redundant_index};
use crate::engine::drop_index;
use crate::engine::index_use::IndexUse;
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Indexes that have not been scanned for a long time, while their tables are read, and that nothing else needs: not unique, not
    /// behind a constraint, not the replica identity, not the one that the table was clustered on, not the only index that finds
    /// the rows of a foreign key. Indexes that PGD602 or PGD604 advises to drop or to keep are left out, so that each is dropped once. Of a partitioned index, the scans of all partitions count.
    ///
    /// Each node counts only its own scans. `--node` adds the snapshots of standbys: an index that is scanned on one of them is
    /// used.
    ///
    /// ## Why it matters
    ///
    /// Every insert and most updates maintain it, VACUUM reads all of it, and it takes space on disk and in the cache.
    ///
    /// ## Threshold
    ///
    /// {MIN_SIZE}, and no scan since the counters were reset at least {MIN_AGE} ago, or from version 16 on none for {MIN_IDLE}. It is an
    /// info while the counters are younger than {MONTHLY}, since monthly jobs might not have run yet, and while standbys are connected
    /// of which no snapshot was given.
    ///
    /// The server does not always keep the time of a reset. What pgdba knows is since when the counters have counted at least: the
    /// oldest VACUUM or ANALYZE that they remember, which excludes the time before a crash, a restore or a failover.
    ///
    /// ## Remedy
    ///
    /// Check when the index was created and which statement it was meant for, and on every standby whether it is scanned there. Save its
    /// definition, then drop it. ANALYZE keeps statistics about the expressions of an index; from version 14 on, CREATE STATISTICS does
    /// so without one.
    ///
    /// ## When to ignore this
    ///
    /// If the index was created recently: the server does not keep when. If it serves a job that runs once a year.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false, "current_database": "shop" } ], "pg_settings": [], "pg_constraint": [],
    ///   "pg_attribute": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_wal_position": [ { "is_in_recovery": false } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_note_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 90000000, "size_source": "pg_relation_size" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indkey": [4], "indisvalid": true } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 12, "last_autoanalyze": "2025-10-01T00:00:00Z" } ],
    ///   "pg_stat_user_indexes": [ { "indexrelid": 16390, "idx_scan": 0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false, "current_database": "shop" } ], "pg_settings": [], "pg_constraint": [],
    ///   "pg_attribute": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_wal_position": [ { "is_in_recovery": false } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_idx", "relkind": "i", "amname": "btree",
    ///                   "size_bytes": 90000000, "size_source": "pg_relation_size" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indkey": [4], "indisvalid": true, "indisunique": true } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "seq_scan": 12, "last_autoanalyze": "2025-10-01T00:00:00Z" } ],
    ///   "pg_stat_user_indexes": [ { "indexrelid": 16390, "idx_scan": 0 } ] }
    /// ```
    rule unused_index {
        code: PGD603,
        title: "Indexes are not used",
        passed: "All large indexes are used or needed",
        worst: Notice,
        reads: [indexes, tables, foreign_keys, system, wal, counters, databases, senders, slots],
        source: "PostgreSQL manual, Examining Index Usage; the thresholds are pgdba's own",
        thresholds: {
            /// The size below which an index costs little.
            MIN_SIZE: Bytes = Bytes::megabytes(10),
            /// The age of counters below which they do not show that an index is not used.
            MIN_AGE: Millis = Millis(7.0 * 86_400_000.0),
            /// The age of counters from which they cover jobs that run once a month.
            MONTHLY: Millis = Millis(35.0 * 86_400_000.0),
            /// How long ago the last scan of an index is that is not used any more.
            MIN_IDLE: Millis = Millis(180.0 * 86_400_000.0),
        },
    }
}

/// An index that is not used.
pub(crate) struct Unused<'a> {
    pub(crate) index: &'a Index,
    /// How long it has not been scanned on any node.
    pub(crate) idle: Millis,
    /// Its scans before.
    pub(crate) scans: Option<i64>,
    /// Rows written to its table since the counters were reset.
    pub(crate) writes: Option<i64>,
    /// Standbys on which it might be scanned.
    pub(crate) unknown_standbys: usize,
}

impl Unused<'_> {
    pub(crate) fn severity(&self) -> Severity {
        if self.unknown_standbys == 0 && self.idle >= MONTHLY { Severity::Notice } else { Severity::Info }
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<Unused<'a>>> {
    let uses = IndexUse::of(view)?;
    let (mut found, mut withheld) = (Vec::new(), None);
    let duplicates = duplicate_index::check(view)?.into_iter().map(|found| [found.index, found.keep]);
    let redundant = redundant_index::check(view)?.into_iter().map(|found| [found.index, found.keep]);
    let decided: BTreeSet<_> = duplicates.chain(redundant).flatten().map(Index::key).collect();
    for index in view.indexes()?.iter().filter(|index| !decided.contains(&index.key()) && is_dispensable(index, &uses)) {
        let is_unscanned = uses.is_unscanned(index);
        match uses.idle(index) {
            Ok(idle) if idle >= if is_unscanned { MIN_AGE } else { MIN_IDLE } => found.push(Unused {
                index,
                idle,
                scans: uses.scans(index),
                writes: uses.table(index).and_then(Table::changed_rows),
                unknown_standbys: uses.unknown_standbys(index),
            }),
            Ok(idle) if is_unscanned => withheld = Some(IndexUse::young(index, idle)),
            Ok(_) => {}
            Err(unknown) => withheld = Some(unknown),
        }
    }
    withheld.filter(|_| found.is_empty()).map_or(Ok(found), Err)
}

/// Whether nothing but queries can need it, and dropping it returns space.
fn is_dispensable(index: &Index, uses: &IndexUse<'_>) -> bool {
    let is_large = index.size.is_some_and(|size| size.bytes >= MIN_SIZE);
    let is_needed = index.is_unique() || index.is_needed() || uses.serves_foreign_key(index);
    is_large && index.is_valid() && !is_needed && uses.is_table_read(index)
}

fn subject(unused: &Unused<'_>) -> About {
    let index = unused.index;
    About::index(&index.name, index.size)
        .severity(unused.severity())
        .figures([
            Figure::new("table", index.table.to_string()),
            Figure::new("size", index.size).against(Quantity::Bytes(MIN_SIZE.0)),
            Figure::new("scans", unused.scans),
            Figure::new("not_scanned_for", Quantity::Millis(unused.idle.0)),
            Figure::new("rows_written", unused.writes),
        ])
        .run(drop_index::statements(index))
}

fn describe(found: &Found<Unused<'_>>) -> Draft {
    let idle = display::duration(Millis(found.iter().map(|unused| unused.idle.0).fold(f64::INFINITY, f64::min)));
    let on_standbys = found.any(|unused| unused.unknown_standbys > 0);
    Draft::new(format!("Drop {}, not scanned for {idle}", found.named("unused index", "unused indexes")))
        .confidence(if on_standbys { Confidence::Low } else { Confidence::Medium })
        .because("Writes maintain it and VACUUM reads it, but no query is known to have used it.")
        .because_if(on_standbys, "Standbys are connected, which count their own scans.")
        .evidence([Figure::new("space_freed", Size::sum(found.iter().filter_map(|unused| unused.index.size)))])
        .advise_if(on_standbys, "Check first on every standby that its idx_scan in pg_stat_user_indexes is 0.")
        .advise("Check that it was not created recently, and that no yearly job needs it.")
        .drop_indexes(found.iter().map(|unused| unused.index))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::example::{self, btree, relation};
    use crate::{Options, analyze};

    #[test]
    fn an_index_is_dropped_once_and_the_one_that_makes_it_redundant_is_kept() {
        let scans = |oid: i64| json!({ "indexrelid": oid, "idx_scan": 0 });
        let document = json!({
            "system": [{ "is_in_recovery": false, "current_database": "shop" }], "pg_settings": [], "pg_constraint": [],
            "pg_attribute": [], "pg_stat_replication": [], "pg_replication_slots": [],
            "pg_wal_position": [{ "is_in_recovery": false }], "pg_stat_database": [{ "datid": 5, "datname": "shop" }],
            "pg_class": [relation(1, "r"), relation(10, "i"), relation(11, "i"), relation(12, "i"), relation(13, "i"), relation(14, "i")],
            // The first is redundant beside the second, the third and the fourth are identical.
            "pg_index": [btree(10, &[2]), btree(11, &[2, 3]), btree(12, &[4]), btree(13, &[4]), btree(14, &[5])],
            "pg_stat_user_tables": [{ "relid": 1, "seq_scan": 12, "last_autoanalyze": "2025-10-01T00:00:00Z" }],
            "pg_stat_user_indexes": [scans(10), scans(11), scans(12), scans(13), scans(14)],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        let named = |code: &str| {
            let of_rule = findings.iter().filter(|finding| finding.code == code).flat_map(|finding| &finding.subjects);
            of_rule.map(|affected| affected.label.as_str()).collect::<Vec<_>>()
        };
        assert_eq!([named("PGD602"), named("PGD603"), named("PGD604")], [["s.r13"], ["s.r14"], ["s.r10"]]);
    }
}
