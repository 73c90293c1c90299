//! Where the space is, and how tables are read and written.

use std::collections::BTreeMap;

use pgdba_pg::{Ratio, display};

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::indexes::Index;
use crate::facts::relation::{RelationName, Size};
use crate::facts::tables::Table;
use crate::facts::{View, declared};
use crate::{Bar, Block, Chart, Checked, Quantity, format};

/// Tables by size.
pub static TOPIC: Topic =
    Topic { name: "tables", title: "Tables", reads: &[&declared::tables, &declared::indexes], show };

/// A table with all that belongs to it.
struct Sized<'a> {
    table: &'a Table,
    indexes: Option<Size>,
    total: Option<Size>,
    /// Scans of its indexes, where all are counted.
    idx_scan: Option<i64>,
}

fn show(view: &View<'_>) -> Checked<Shown> {
    let mut sized = sized(view.tables()?, view.indexes()?);
    largest_first(&mut sized, |sized| sized.total);
    // A partition is part of its parent's bar, and a parent is no part of the sum of what has files.
    let whole = sized.iter().filter(|sized| !sized.table.is_partition);
    let bars = whole.filter_map(|sized| Some(Bar::new(sized.table.name.to_string(), sized.total?))).collect();
    let total = Size::sum(sized.iter().filter(|sized| !sized.table.is_partitioned()).filter_map(|sized| sized.total));
    let columns = [
        ("table", "table"),
        ("size", "size"),
        ("index_size", "indexes"),
        ("rows", "rows"),
        ("seq_scans", "sequential scans"),
        ("index_scans", "index scans"),
        ("rows_written", "rows written"),
        ("hot_updates", "HOT updates"),
    ];
    let chart = Chart::shares("Size including indexes and TOAST", bars).map(Block::Chart);
    let table = Block::Table(format::Table::new("Tables by size", &columns, sized.iter().map(row)));
    Ok(Shown {
        lead: format!(
            "{}, {} including indexes and TOAST.",
            display::counted(number_of(&sized), "user table", "user tables"),
            Quantity::from(total).display()
        ),
        blocks: chart.into_iter().chain([table]).collect(),
    })
}

fn sized<'a>(tables: &'a [Table], indexes: &[Index]) -> Vec<Sized<'a>> {
    let mut of_table = BTreeMap::<(i64, &RelationName), Vec<&Index>>::new();
    for index in indexes {
        of_table.entry((index.catalogue.indrelid, &index.table)).or_default().push(index);
    }
    let own = tables.iter().filter(|table| table.is_own());
    own.map(|table| {
        let of_table = of_table.get(&(table.oid, &table.name));
        let indexes = of_table.and_then(|indexes| Size::sum(indexes.iter().filter_map(|index| index.size)));
        let idx_scan = of_table.and_then(|indexes| indexes.iter().map(|index| index.idx_scan).sum());
        let total = Size::sum([table.size, table.toast_size, indexes].into_iter().flatten());
        Sized { table, indexes, total, idx_scan }
    })
    .collect()
}

fn row(sized: &Sized<'_>) -> Vec<Quantity> {
    let stat = sized.table.stat.as_ref();
    let updates = stat.and_then(|stat| stat.n_tup_upd);
    let hot = stat.and_then(|stat| stat.n_tup_hot_upd).zip(updates);
    let written = stat.and_then(|stat| {
        Some(stat.n_tup_ins?.saturating_add(stat.n_tup_upd?).saturating_add(stat.n_tup_del?))
    });
    vec![
        sized.table.name.to_string().into(),
        sized.total.into(),
        sized.indexes.into(),
        sized.table.reltuples.map(|rows| rows as i64).into(),
        stat.and_then(|stat| stat.seq_scan).into(),
        sized.idx_scan.into(),
        written.into(),
        hot.and_then(|(hot, updates)| Ratio::of(hot, updates)).into(),
    ]
}
