//! Indexes: catalog, names, counters.

use pgdba_snapshot::sections::pg_index::PgIndex;
use pgdba_snapshot::sections::pg_stat_user_indexes::PgStatUserIndex;

use super::relation::{RelationName, Relations, Size};
use crate::format::{Checked, NotAssessed};

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
    /// Its access method.
    pub amname: Option<String>,
    /// The size of its main file; of a partitioned index that of its partitions.
    pub size: Option<Size>,
    /// Its storage parameters.
    pub reloptions: Vec<String>,
    /// What it is built on, and its state.
    pub catalog: PgIndex,
    /// Scans since the counters were reset.
    pub idx_scan: Option<i64>,
}

impl Index {
    /// Whether something other than queries needs it: a constraint, a foreign key that refers to its columns, the replica
    /// identity, CLUSTER, a partitioned index.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        let index = &self.catalog;
        let flags =
            [index.indisprimary, index.indisexclusion, index.indisreplident, index.indisclustered, index.is_referenced];
        index.conname.is_some() || self.is_partition || flags.contains(&Some(true))
    }

    /// Whether queries cannot use it, although it is not being built.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.catalog.indisvalid == Some(false) && self.catalog.in_progress != Some(true)
    }

    /// Whether writes update it.
    #[must_use]
    pub fn is_maintained(&self) -> bool {
        self.catalog.indisready != Some(false) && self.catalog.indislive != Some(false)
    }

    /// Whether it is not needed: DROP INDEX CONCURRENTLY did not finish, or REINDEX CONCURRENTLY left it behind, and a valid
    /// index of which it is a copy exists.
    #[must_use]
    pub const fn is_leftover(&self) -> bool {
        matches!(self.catalog.indislive, Some(false)) || self.catalog.copy_of.is_some()
    }

    /// Whether it accepts no duplicate rows.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.catalog.indisunique == Some(true)
    }

    /// Equal for the identical indexes of a table; what distinguishes most comes first. None of an index that is invalid, or
    /// that has expressions or a predicate: their texts cannot be compared reliably.
    #[must_use]
    pub fn definition(&self) -> Option<impl Ord + '_> {
        let c = &self.catalog;
        let keys = c.indkey.as_ref().filter(|keys| !keys.is_empty())?;
        let has_texts = c.has_indexprs == Some(true) || c.has_indpred == Some(true);
        let is_valid = c.indisvalid == Some(true) && c.in_progress != Some(true);
        (is_valid && !has_texts).then_some((
            (c.indrelid, &c.datname, &self.relkind, &self.amname, &self.reloptions),
            (keys, c.indnkeyatts, &c.indclass, &c.attoptions, &c.indcollation, &c.indoption),
            (c.indisunique, c.indimmediate, c.indnullsnotdistinct, c.indisexclusion),
        ))
    }

    /// Whether it is a partitioned index, which has no rows of its own: its partitions have.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.relkind.as_deref() == Some("I")
    }
}

/// The indexes that queries cannot use, although nobody is building, rebuilding or dropping them. A partitioned index is
/// invalid until every partition has an attached index; it is left out.
///
/// # Errors
/// There is an invalid index, and a standby does not show whether its primary is building it.
pub(super) fn invalid(indexes: &[Index], is_standby: bool) -> Checked<Vec<Index>> {
    let invalid = indexes.iter().filter(|index| index.is_invalid() && !index.is_partitioned());
    let invalid: Vec<Index> = invalid.cloned().collect();
    if is_standby && !invalid.is_empty() {
        return Err(NotAssessed::because("a standby does not show which indexes are being built; check the primary"));
    }
    Ok(invalid)
}

/// Joins the catalog with names, sizes and counters; an index whose name or table is gone meanwhile is left out.
pub(super) fn join(relations: &Relations, indexes: Vec<PgIndex>, stats: &[PgStatUserIndex]) -> Vec<Index> {
    let scans = relations.aligned(stats, |row| (row.datname.as_deref(), row.indexrelid));
    let join = |catalog: PgIndex| {
        let datname = catalog.datname.as_deref();
        let position = relations.position(datname, catalog.indexrelid)?;
        let class = relations.classes.get(position)?;
        let table = relations.classes.get(relations.position(datname, catalog.indrelid)?)?;
        Some(Index {
            name: relations.name(class),
            table: relations.name(table),
            relkind: class.relkind.clone(),
            is_partition: class.relispartition.unwrap_or(false),
            amname: class.amname.clone(),
            size: relations.size(position),
            reloptions: class.reloptions.clone().unwrap_or_default(),
            idx_scan: scans.get(position).and_then(|row| row.as_ref()?.idx_scan),
            catalog,
        })
    };
    indexes.into_iter().filter_map(join).collect()
}
