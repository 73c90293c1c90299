//! How much of a table or index VACUUM FULL or REINDEX would return, estimated from the catalogs and the statistics of
//! the planner, without reading the relation.
//!
//! A share is that of the pages that would really come back. It is 1 - needed / pages: the needed pages are derived from the
//! number of live rows (`rows.rs`) and their width (`width.rs`), for tables in `heap.rs`, for indexes in `btree.rs` with the
//! duplicates that an index stores only once (`groups.rs`, `pieces.rs`).

mod btree;
mod catalog;
mod column;
mod estimate;
mod groups;
mod heap;
mod index;
mod pieces;
mod predicate;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod toast;
mod width;

use pgdba_pg::{Bytes, Ratio};

use super::Facts;
use super::indexes::Index;
use super::relation::{RelationName, Size};
use crate::format::{Checked, NotAssessed};
use catalog::Catalog;
pub use estimate::Estimate;
use index::IndexModel;
pub use table::MIN_PAGES;
use table::TableModel;
pub use toast::{Toast, ToastBloat};

/// A relation with the estimate of its bloat.
#[derive(Debug, Clone)]
pub struct Bloated {
    /// Its name.
    pub name: RelationName,
    /// Of an index, the table.
    pub table: Option<RelationName>,
    /// Its kind, as in `pg_class.relkind`.
    pub relkind: Option<char>,
    /// The size of its main file.
    pub size: Option<Size>,
    /// The estimate, or why there is none.
    pub estimate: Checked<Estimate>,
    /// Whether it is an index that REINDEX CONCURRENTLY cannot rebuild: that of an exclusion constraint.
    pub is_exclusion: bool,
    /// Whether its kind can be estimated: it is a heap or a B-tree index.
    pub is_supported: bool,
    /// The bytes that a rewrite of it writes: of a table with its indexes and its TOAST table, as far as they are known.
    pub rewritten: Bytes,
}

impl Bloated {
    /// The bytes that would come back, where they are estimated.
    #[must_use]
    pub fn wasted(&self) -> Option<Bytes> {
        self.estimate.as_ref().ok().map(|estimate| estimate.wasted)
    }

    /// Whether at least this share and so many bytes would come back, by the low end of the interval.
    #[must_use]
    pub fn wastes(&self, share: Ratio, bytes: Bytes) -> bool {
        self.estimate.as_ref().is_ok_and(|estimate| estimate.low >= share && estimate.wasted_low >= bytes)
    }

    /// The bytes that it needs; all that it has, where that is not estimated.
    fn needed(&self) -> i64 {
        let size = self.size.map_or(0, |size| size.bytes.0);
        size.saturating_sub(self.wasted().unwrap_or_default().0)
    }
}

/// The bloat of all tables and indexes.
#[derive(Debug)]
pub struct Bloat {
    /// Tables and materialized views, in the order of the snapshot.
    pub tables: Vec<Bloated>,
    /// Indexes, in the order of the snapshot.
    pub indexes: Vec<Bloated>,
    /// The TOAST tables of tables, in the order of the snapshot.
    pub toast: Vec<Toast>,
}

/// Whether the relations of at least this size have an estimate.
///
/// # Errors
/// Some have none.
pub fn require_estimates(relations: &[Bloated], size: Bytes) -> Checked<()> {
    let is_large = |relation: &&Bloated| relation.is_supported && relation.size.is_some_and(|own| own.bytes >= size);
    let unknown =
        relations.iter().filter(is_large).filter_map(|relation| Some((relation, relation.estimate.as_ref().err()?)));
    let mut unknown = unknown.peekable();
    let Some((relation, reason)) = unknown.peek().copied() else { return Ok(()) };
    let others = match unknown.count() {
        0 | 1 => String::new(),
        more => format!(", and {} more", more - 1),
    };
    Err(NotAssessed::because(format!("the bloat of {}{others} cannot be estimated: {}", relation.name, reason.reason)))
}

impl Bloat {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let catalog = Catalog::of(facts)?;
        let positions = 0..catalog.relations.classes.len();
        let model = |position| is_table(&catalog, position).then(|| TableModel::of(&catalog, position))?;
        let models: Vec<Option<TableModel>> = positions.clone().map(model).collect();
        let found = facts.indexes().map_or(&[][..], Vec::as_slice).iter().filter(|index| !index.is_partitioned());
        let found = found.filter_map(|index| bloated_index(&catalog, &models, index));
        let (mut indexes, mut of_tables) = (Vec::new(), vec![0_i64; models.len()]);
        for (position, index) in found {
            if let Some(bytes) = of_tables.get_mut(position) {
                *bytes = bytes.saturating_add(index.needed());
            }
            indexes.push(index);
        }
        indexes.shrink_to_fit();
        let tables = positions.zip(models.iter().zip(of_tables));
        let (tables, toast): (Vec<Bloated>, Vec<Option<Toast>>) = tables
            .filter_map(|(position, (model, of_indexes))| {
                bloated_table(&catalog, position, model.as_ref()?, of_indexes)
            })
            .unzip();
        Ok(Self { tables, indexes, toast: toast.into_iter().flatten().collect() })
    }
}

/// Whether the relation at this position has rows in a file of its own. A TOAST table has no statistics.
fn is_table(catalog: &Catalog<'_>, position: usize) -> bool {
    catalog.class(position).is_some_and(|class| matches!(class.relkind, Some('r' | 'm')))
}

/// The table at this position, whose indexes need so many bytes, and its TOAST table.
fn bloated_table(
    catalog: &Catalog<'_>,
    position: usize,
    model: &TableModel,
    of_indexes: i64,
) -> Option<(Bloated, Option<Toast>)> {
    let class = catalog.class(position)?;
    let is_heap = class.amname.as_deref().is_none_or(|method| method == "heap");
    let need = if is_heap { model.need(catalog) } else { Err(NotAssessed::because("not stored as a heap")) };
    let toast = toast::of(catalog, position);
    let mut table = Bloated {
        name: catalog.relations.name(position)?,
        table: None,
        relkind: class.relkind,
        size: catalog.relations.size(position),
        estimate: need.map(|need| need.estimate(catalog.block_size)),
        is_exclusion: false,
        is_supported: is_heap,
        rewritten: Bytes(0),
    };
    let of_toast = toast.as_ref().and_then(|toast| toast.size).map_or(0, |size| size.bytes.0);
    table.rewritten = Bytes(table.needed().saturating_add(of_indexes).saturating_add(of_toast));
    Some((table, toast))
}

/// An index, and the position of its table.
fn bloated_index(catalog: &Catalog<'_>, models: &[Option<TableModel>], index: &Index) -> Option<(usize, Bloated)> {
    let datname = index.catalog.datname.as_deref();
    let position = catalog.relations.position(datname, index.catalog.indexrelid)?;
    let table_position = catalog.relations.position(datname, index.catalog.indrelid)?;
    let table = models.get(table_position)?.as_ref()?;
    let need = IndexModel::of(catalog, position, index, (table, table_position)).and_then(|model| model.need());
    let mut bloated = Bloated {
        name: index.name.clone(),
        table: Some(index.table.clone()),
        relkind: index.relkind,
        size: index.size,
        estimate: need.map(|need| need.estimate(catalog.block_size)),
        is_exclusion: index.catalog.indisexclusion == Some(true),
        is_supported: index.amname.as_deref() == Some("btree"),
        rewritten: Bytes(0),
    };
    bloated.rewritten = Bytes(bloated.needed());
    Some((table_position, bloated))
}
