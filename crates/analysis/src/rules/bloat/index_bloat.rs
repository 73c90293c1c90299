//! Much of an index is free or dead space.

use crate::engine::bloat::{figures, wasted};
use crate::engine::prelude::*;
use crate::facts::bloat::{Bloated, require_estimates};

rule! {
    /// ## What it sees
    ///
    /// A B-tree index of which REINDEX would return a large part: the pages that it has, less those that its entries need.
    /// Those are estimated from the number of rows, the sizes of the keys, nulls, `fillfactor`, and from version 13 on
    /// deduplication. `pgdba query bloat` shows the estimate of every index.
    ///
    /// ## Why it matters
    ///
    /// VACUUM never merges index pages that are partly empty, so an index stays large after many deletes or updates. Scans read
    /// more pages, and the cache holds less of what is needed.
    ///
    /// ## Threshold
    ///
    /// The low end of the estimate's interval counts: at least {MIN_SHARE} and {MIN_WASTED} would come back. About 30 % is
    /// normal for keys that are inserted in random order. If no index is above that, but the bloat of one of at least
    /// {MIN_WASTED} cannot be estimated, the rule is not assessed. Indexes other than B-trees are not estimated.
    ///
    /// ## Remedy
    ///
    /// REINDEX INDEX CONCURRENTLY builds the index again while reads and writes continue. The index of an exclusion constraint
    /// cannot be rebuilt that way.
    ///
    /// ## When to ignore this
    ///
    /// If the index is about to grow again to the same size.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relnatts": 1,
    ///                   "relpages": 100000, "reltuples": 4000000, "size_bytes": 819200000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_pkey", "relkind": "i", "amname": "btree",
    ///                   "relpages": 50000, "reltuples": 4000000, "size_bytes": 409600000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [ { "attrelid": 16385, "attnum": 1, "attname": "id", "atttypid": 20 } ],
    ///   "pg_type": [ { "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indnatts": 1, "indnkeyatts": 1,
    ///                   "indisunique": true, "indisvalid": true } ],
    ///   "pg_stats": [ { "relid": 16385, "attnum": 1, "null_frac": 0, "avg_width": 8, "n_distinct": -1 } ],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 18000000, "n_tup_del": 14000000, "n_live_tup": 4000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relnatts": 1,
    ///                   "relpages": 100000, "reltuples": 18000000, "size_bytes": 819200000, "size_source": "pg_relation_size" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_pkey", "relkind": "i", "amname": "btree",
    ///                   "relpages": 50000, "reltuples": 18000000, "size_bytes": 409600000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [ { "attrelid": 16385, "attnum": 1, "attname": "id", "atttypid": 20 } ],
    ///   "pg_type": [ { "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indnatts": 1, "indnkeyatts": 1,
    ///                   "indisunique": true, "indisvalid": true } ],
    ///   "pg_stats": [ { "relid": 16385, "attnum": 1, "null_frac": 0, "avg_width": 8, "n_distinct": -1 } ],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 18000000, "n_live_tup": 18000000 } ] }
    /// ```
    rule index_bloat {
        code: PGD1501,
        title: "Indexes are bloated",
        passed: "No index is bloated",
        worst: Notice,
        reads: [surroundings, bloat, indexes],
        source: "PostgreSQL manual, Routine Reindexing",
        thresholds: {
            /// The least share of an index that would come back.
            MIN_SHARE: Ratio = Ratio(0.5),
            /// The least space that would come back.
            MIN_WASTED: Bytes = Bytes::megabytes(100),
        },
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Bloated>> {
    view.indexes()?;
    let indexes = &view.bloat()?.indexes;
    let found: Vec<&Bloated> = indexes.iter().filter(|index| index.wastes(MIN_SHARE, MIN_WASTED)).collect();
    if found.is_empty() {
        require_estimates(indexes, MIN_WASTED)?;
    }
    Ok(found)
}

fn subject(index: &&Bloated) -> About {
    About::index(&index.name, Weight::Bytes(index.wasted().unwrap_or_default().0))
        .figures(figures(index, MIN_SHARE))
        .figures([Figure::new("table", index.table.as_ref().map(ToString::to_string))])
        .run(rebuild(index))
}

/// The statement that rebuilds it.
pub(crate) fn rebuild(index: &Bloated) -> String {
    let concurrently = if index.is_exclusion { "" } else { "CONCURRENTLY " };
    format!("REINDEX INDEX {concurrently}{};", index.name.sql())
}

fn describe(found: &Found<&Bloated>) -> Draft {
    let space = display::bytes(wasted(found.iter().copied()));
    let most = display::bytes(Bytes(found.iter().map(|index| index.rewritten.0).max().unwrap_or(0)));
    let exclusion = found.part(|index| index.is_exclusion);
    Draft::new(format!("Rebuild {}: {space} would come back", found.named("index", "indexes")))
        .because("Scans and the cache handle empty index pages as well, and VACUUM does not return them.")
        .estimated(found)
        .advise("Rebuild one index at a time with REINDEX INDEX CONCURRENTLY, at a time of few writes.")
        .advise("If it fails, drop the invalid index whose name ends in _ccnew, then repeat it.")
        .advise_if(exclusion.is_some(), "REINDEX without CONCURRENTLY blocks writes, and reads that use the index.")
        .impact(format!(
            "Reads and writes continue. REINDEX CONCURRENTLY waits for older transactions, and needs up to {most} of free \
             disk space for each index in turn. The times assume 50 MB/s."
        ))
        .undo_text("A rebuilt index does not have to be undone.")
}
