//! Indexes: catalog, names, counters.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_snapshot::sections::pg_index::PgIndex;
use pgdba_snapshot::sections::pg_stat_user_indexes::PgStatUserIndex;

use super::relation::{RelationName, Relations, Size};
use super::sections::Reader;
use crate::format::{Checked, NotAssessed};

/// The flags of a key column that differ between an order and its opposite: DESC and NULLS FIRST.
const BACKWARD: i64 = 3;

/// An index with its name and counters.
#[derive(Debug, Clone)]
pub struct Index {
    /// Its name.
    pub name: RelationName,
    /// The table's name.
    pub table: RelationName,
    /// `i`, or `I` for a partitioned index.
    pub relkind: Option<char>,
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
    /// Scans since the counters were reset; of a partitioned index those of its partitions.
    pub idx_scan: Option<i64>,
    /// The time of the last of them (16).
    pub last_idx_scan: Option<Timestamp>,
    /// Entries that they returned; none of a partitioned index.
    pub idx_tup_read: Option<i64>,
    /// The partitioned index that it is a partition of.
    parent: Option<i64>,
}

impl Index {
    /// Its oid, in its database.
    #[must_use]
    pub fn key(&self) -> (Option<&str>, i64) {
        (self.catalog.datname.as_deref(), self.catalog.indexrelid)
    }

    /// Whether something other than queries needs it: a constraint, a foreign key that refers to its columns, the replica
    /// identity, CLUSTER, a partitioned index.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        let index = &self.catalog;
        let flags =
            [index.indisprimary, index.indisexclusion, index.indisreplident, index.indisclustered, index.is_referenced];
        index.conname.is_some() || self.is_partition || flags.contains(&Some(true))
    }

    /// Whether queries can use it, and nobody is rebuilding or dropping it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.catalog.indisvalid == Some(true) && self.catalog.in_progress != Some(true)
    }

    /// Whether it is a B-tree.
    #[must_use]
    pub fn is_btree(&self) -> bool {
        self.amname.as_deref() == Some("btree")
    }

    /// The numbers of its key columns, 0 for an expression.
    #[must_use]
    pub fn keys(&self) -> &[i64] {
        let columns = self.columns();
        let count = self.catalog.indnkeyatts.and_then(|count| usize::try_from(count).ok()).unwrap_or(columns.len());
        columns.get(..count).unwrap_or(columns)
    }

    /// Whether every scan of `other`, an index of the same table, could use this B-tree instead: the key columns of `other` lead in
    /// it, with the same operator classes and collations, in the same or in the opposite direction, and its columns are in it. It
    /// has more key columns or is unique, so that of two indexes at most one covers the other.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let is_plain = |index: &Self| {
            let catalog = &index.catalog;
            let has_options = catalog.attoptions.as_ref().is_some_and(|options| !options.is_empty());
            index.is_valid() && index.is_btree() && catalog.has_indpred != Some(true) && !has_options
        };
        let (own, keys) = (self.keys(), other.keys());
        let leads = |of: fn(&PgIndex) -> &Option<Vec<i64>>| {
            let lists = of(&self.catalog).as_ref().zip(of(&other.catalog).as_ref());
            lists.is_some_and(|(own, others)| others.get(..keys.len()).is_some_and(|others| own.starts_with(others)))
        };
        let has_all = other.columns().iter().all(|column| self.columns().contains(column));
        let is_same_or_more = own.starts_with(keys) && has_all && !keys.contains(&0) && !keys.is_empty();
        let is_more = own.len() > keys.len() || self.is_unique() && !other.is_unique();
        is_plain(self)
            && is_plain(other)
            && self.relkind == other.relkind
            && is_same_or_more
            && is_more
            && leads(|index| &index.indclass)
            && leads(|index| &index.indcollation)
            && self.has_order_of(other)
    }

    /// Whether it returns rows in the order of the keys of `other`, forward or backward.
    fn has_order_of(&self, other: &Self) -> bool {
        let Some((own, others)) = self.catalog.indoption.as_ref().zip(other.catalog.indoption.as_ref()) else {
            return false;
        };
        let pairs = || own.iter().zip(others).take(other.keys().len());
        pairs().all(|(own, other)| own == other) || pairs().all(|(own, other)| own ^ other == BACKWARD)
    }

    /// The numbers of its columns, with those of INCLUDE.
    fn columns(&self) -> &[i64] {
        self.catalog.indkey.as_deref().unwrap_or_default()
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

    /// Whether it is not needed: DROP INDEX CONCURRENTLY did not finish, or REINDEX CONCURRENTLY left it behind, and the
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
        (self.is_valid() && !has_texts).then_some((
            (c.indrelid, &c.datname, &self.relkind, &self.amname, &self.reloptions),
            (keys, c.indnkeyatts, &c.indclass, &c.attoptions, &c.indcollation, &c.indoption),
            (c.indisunique, c.indimmediate, c.indnullsnotdistinct, c.indisexclusion),
        ))
    }

    /// Whether it is a partitioned index, which has no rows of its own: its partitions have.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.relkind == Some('I')
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
///
/// # Errors
/// The catalog could not be read.
pub(super) fn join(relations: &Relations, reader: &Reader<'_>) -> Checked<Vec<Index>> {
    let stats: Vec<PgStatUserIndex> = reader.rows().map_or_else(|_| Vec::new(), |read| read.rows);
    let scans = relations.aligned(stats, |row| (row.datname.as_deref(), row.indexrelid));
    let join = |catalog: PgIndex| {
        let datname = catalog.datname.as_deref();
        let position = relations.position(datname, catalog.indexrelid)?;
        let class = relations.classes.get(position)?;
        let table = relations.position(datname, catalog.indrelid)?;
        let stat = scans.get(position).and_then(Option::as_ref);
        Some(Index {
            name: relations.name(position)?,
            table: relations.name(table)?,
            relkind: class.relkind,
            is_partition: class.relispartition.unwrap_or(false),
            amname: class.amname.clone(),
            size: relations.size(position),
            reloptions: class.reloptions.clone().unwrap_or_default(),
            idx_scan: stat.and_then(|stat| stat.idx_scan),
            last_idx_scan: stat.and_then(|stat| stat.last_idx_scan),
            idx_tup_read: stat.and_then(|stat| stat.idx_tup_read),
            parent: class.inhparent.filter(|_| class.relispartition == Some(true)),
            catalog,
        })
    };
    let mut indexes = Vec::new();
    reader.visit(|catalog| indexes.extend(join(catalog)))?;
    indexes.shrink_to_fit();
    add_up(&mut indexes);
    Ok(indexes)
}

/// Gives each partitioned index the scans of its partitions, unless those of one of them are unknown.
fn add_up(indexes: &mut [Index]) {
    let key = |index: &Index, oid: i64| (index.catalog.datname.clone(), oid);
    let mut below = BTreeMap::<_, Vec<usize>>::new();
    for (position, index) in indexes.iter().enumerate() {
        if let Some(parent) = index.parent {
            below.entry(key(index, parent)).or_default().push(position);
        }
    }
    let partitioned: Vec<usize> =
        indexes.iter().enumerate().filter(|(_, index)| index.is_partitioned()).map(|(position, _)| position).collect();
    for position in partitioned {
        let (mut scans, mut last, mut open, mut steps) = (Some(0), None, vec![position], 0);
        while let Some(index) = open.pop().and_then(|position| indexes.get(position)) {
            // Whatever the document says, none is its own ancestor.
            steps += 1;
            if steps > indexes.len() {
                break;
            }
            if index.is_partitioned() {
                open.extend(below.get(&key(index, index.catalog.indexrelid)).into_iter().flatten());
            } else {
                scans = scans.zip(index.idx_scan).map(|(sum, scans): (i64, i64)| sum.saturating_add(scans));
                last = last.max(index.last_idx_scan);
            }
        }
        if let Some(index) = indexes.get_mut(position) {
            (index.idx_scan, index.last_idx_scan) = (scans, last);
        }
    }
}
