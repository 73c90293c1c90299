//! Indexes: catalogue, names, counters.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::Bytes;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_index::PgIndex;
use pgdba_snapshot::sections::pg_stat_user_indexes::PgStatUserIndex;

use super::relation::{RelationKey, RelationName};

/// An index with its name and counters.
#[derive(Debug, Clone)]
pub struct Index {
    /// Its name.
    pub name: RelationName,
    /// The table's name.
    pub table: RelationName,
    /// `i`, or `I` for a partitioned index.
    pub relkind: Option<String>,
    /// Whether it is a partition of a partitioned index, which cannot be dropped alone.
    pub is_partition: bool,
    /// The oid of the partitioned index that it is a partition of.
    pub parent: Option<i64>,
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

    /// Whether it is a partitioned index, which has no rows of its own: its partitions have.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.relkind.as_deref() == Some("I")
    }

    /// Its size; of a partitioned index that of its partitions among `all`, and none where none of them is known.
    #[must_use]
    pub fn whole_size(&self, all: &[Self]) -> Option<Bytes> {
        if !self.is_partitioned() {
            return self.size;
        }
        let mut parents = BTreeSet::from([self.catalogue.indexrelid]);
        let mut sizes = Vec::new();
        // A round for each level; an index that was seen is not looked at again, whatever the document says.
        loop {
            let is_below = |index: &&Self| {
                index.catalogue.datname == self.catalogue.datname
                    && index.parent.is_some_and(|parent| parents.contains(&parent))
                    && !parents.contains(&index.catalogue.indexrelid)
            };
            let below: Vec<&Self> = all.iter().filter(is_below).collect();
            if below.is_empty() {
                break;
            }
            sizes.extend(below.iter().filter(|index| !index.is_partitioned()).filter_map(|index| index.size));
            parents.extend(below.iter().map(|index| index.catalogue.indexrelid));
        }
        (!sizes.is_empty()).then(|| Bytes(sizes.iter().map(|size| size.0).fold(0, i64::saturating_add)))
    }
}

/// Joins the catalogue with names and counters; an index whose name or table is gone meanwhile is left out.
pub(super) fn join(
    classes: &[PgClass],
    indexes: Vec<PgIndex>,
    stats: &[PgStatUserIndex],
    block_size: i64,
    names_databases: bool,
) -> Vec<Index> {
    let classes: BTreeMap<RelationKey<'_>, &PgClass> =
        classes.iter().map(|class| ((class.datname.as_deref(), class.oid), class)).collect();
    let scans: BTreeMap<RelationKey<'_>, Option<i64>> =
        stats.iter().map(|row| ((row.datname.as_deref(), row.indexrelid), row.idx_scan)).collect();
    let join_one = |catalogue: PgIndex| {
        let datname = catalogue.datname.as_deref();
        let class = classes.get(&(datname, catalogue.indexrelid))?;
        let table = classes.get(&(datname, catalogue.indrelid))?;
        Some(Index {
            name: RelationName::of(class, names_databases),
            table: RelationName::of(table, names_databases),
            relkind: class.relkind.clone(),
            is_partition: class.relispartition.unwrap_or(false),
            parent: class.inhparent,
            amname: class.amname.clone(),
            size: class.relpages.map(|pages| Bytes::from_pages(pages, block_size)),
            reloptions: class.reloptions.clone().unwrap_or_default(),
            idx_scan: scans.get(&(datname, catalogue.indexrelid)).copied().flatten(),
            catalogue,
        })
    };
    indexes.into_iter().filter_map(join_one).collect()
}
