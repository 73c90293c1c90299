//! Indexes: catalogue, names, counters.

use std::collections::BTreeMap;

use pgdba_pg::Bytes;
use pgdba_pg::quote::quote_qualified;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_index::PgIndex;
use pgdba_snapshot::sections::pg_stat_user_indexes::PgStatUserIndex;

/// An index with its name and counters.
#[derive(Debug, Clone)]
pub struct Index {
    /// Schema and name, quoted where needed.
    pub name: String,
    /// The table's schema and name, quoted where needed.
    pub table: String,
    /// `i`, or `I` for a partitioned index.
    pub relkind: Option<String>,
    /// Whether it is a partition of a partitioned index, which cannot be dropped alone.
    pub is_partition: bool,
    /// Its access method.
    pub amname: Option<String>,
    /// Its size as of the last VACUUM or ANALYZE.
    pub size: Option<Bytes>,
    /// Its storage parameters.
    pub reloptions: Vec<String>,
    /// What it is built on, and its state.
    pub catalogue: PgIndex,
    /// Scans since the counters were reset.
    pub idx_scan: Option<i64>,
}

impl Index {
    /// Whether something other than queries needs it: a constraint, the replica identity, CLUSTER.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        let index = &self.catalogue;
        let flags = [index.indisprimary, index.indisexclusion, index.indisreplident, index.indisclustered];
        index.conname.is_some() || self.is_partition || flags.contains(&Some(true))
    }
}

/// Joins the catalogue with names and counters; an index whose name or table is gone meanwhile is left out.
pub(super) fn join(
    classes: &[PgClass],
    indexes: Vec<PgIndex>,
    stats: Vec<PgStatUserIndex>,
    block_size: i64,
) -> Vec<Index> {
    let classes: BTreeMap<i64, &PgClass> = classes.iter().map(|class| (class.oid, class)).collect();
    let scans: BTreeMap<i64, Option<i64>> = stats.into_iter().map(|row| (row.indexrelid, row.idx_scan)).collect();
    let join_one = |catalogue: PgIndex| {
        let class = classes.get(&catalogue.indexrelid)?;
        let table = classes.get(&catalogue.indrelid)?;
        Some(Index {
            name: quote_qualified(&class.nspname, &class.relname),
            table: quote_qualified(&table.nspname, &table.relname),
            relkind: class.relkind.clone(),
            is_partition: class.relispartition.unwrap_or(false),
            amname: class.amname.clone(),
            size: class.relpages.map(|pages| Bytes::from_pages(pages, block_size)),
            reloptions: class.reloptions.clone().unwrap_or_default(),
            idx_scan: scans.get(&catalogue.indexrelid).copied().flatten(),
            catalogue,
        })
    };
    indexes.into_iter().filter_map(join_one).collect()
}
