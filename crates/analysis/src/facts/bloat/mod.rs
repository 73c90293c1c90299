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
mod width;

use pgdba_pg::Bytes;

use super::Facts;
use super::indexes::Index;
use super::relation::{RelationName, Size};
use crate::format::{Checked, NotAssessed};
use catalog::Catalog;
pub use estimate::Estimate;
use index::IndexModel;
pub use table::MIN_PAGES;
use table::TableModel;

/// A relation with the estimate of its bloat.
#[derive(Debug, Clone)]
pub struct Bloated {
    /// Its name.
    pub name: RelationName,
    /// Of an index, the table.
    pub table: Option<RelationName>,
    /// Its kind, as in `pg_class.relkind`.
    pub relkind: Option<String>,
    /// The size of its main file.
    pub size: Option<Size>,
    /// The estimate, or why there is none.
    pub estimate: Checked<Estimate>,
    /// Whether it is an index that REINDEX CONCURRENTLY cannot rebuild: that of an exclusion constraint.
    pub is_exclusion: bool,
}

impl Bloated {
    /// The bytes that would come back, where they are estimated.
    #[must_use]
    pub fn wasted(&self) -> Option<Bytes> {
        self.estimate.as_ref().ok().map(|estimate| estimate.wasted)
    }
}

/// The bloat of all tables and indexes.
#[derive(Debug)]
pub struct Bloat {
    /// Tables and materialized views, in the order of the snapshot.
    pub tables: Vec<Bloated>,
    /// Indexes, in the order of the snapshot.
    pub indexes: Vec<Bloated>,
}

impl Bloat {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let catalog = Catalog::of(facts)?;
        let positions = 0..catalog.relations.classes.len();
        let models: Vec<Option<TableModel>> =
            positions.clone().map(|position| is_table(&catalog, position).then(|| TableModel::of(&catalog, position))?).collect();
        let tables = positions.zip(&models).filter_map(|(position, model)| table(&catalog, position, model.as_ref()?));
        let tables = tables.collect();
        let indexes = facts.indexes().map_or(&[][..], Vec::as_slice).iter().filter(|index| !index.is_partitioned());
        Ok(Self { tables, indexes: indexes.filter_map(|index| bloated_index(&catalog, &models, index)).collect() })
    }
}

/// Whether the relation at this position has rows in a file of its own. A TOAST table has no statistics.
fn is_table(catalog: &Catalog<'_>, position: usize) -> bool {
    catalog.class(position).is_some_and(|class| matches!(class.relkind.as_deref(), Some("r" | "m")))
}

fn table(catalog: &Catalog<'_>, position: usize, model: &TableModel) -> Option<Bloated> {
    let class = catalog.class(position)?;
    let is_heap = class.amname.as_deref().is_none_or(|method| method == "heap");
    let need = if is_heap { model.need(catalog) } else { Err(NotAssessed::because("it is not stored as a heap")) };
    Some(Bloated {
        name: catalog.relations.name(class),
        table: None,
        relkind: class.relkind.clone(),
        size: catalog.relations.size(position),
        estimate: need.map(|need| need.estimate(catalog.block_size)),
        is_exclusion: false,
    })
}

fn bloated_index(catalog: &Catalog<'_>, models: &[Option<TableModel>], index: &Index) -> Option<Bloated> {
    let datname = index.catalog.datname.as_deref();
    let position = catalog.relations.position(datname, index.catalog.indexrelid)?;
    let table_position = catalog.relations.position(datname, index.catalog.indrelid)?;
    let table = models.get(table_position)?.as_ref()?;
    let need = IndexModel::of(catalog, position, index, table, table_position).and_then(|model| model.need());
    Some(Bloated {
        name: index.name.clone(),
        table: Some(index.table.clone()),
        relkind: index.relkind.clone(),
        size: index.size,
        estimate: need.map(|need| need.estimate(catalog.block_size)),
        is_exclusion: index.catalog.indisexclusion == Some(true),
    })
}
