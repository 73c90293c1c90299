//! Size and use of tables.

use std::collections::BTreeMap;

use pgdba_pg::{Ratio, display};

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::growth::Sampled;
use crate::facts::indexes::Index;
use crate::facts::relation::{RelationName, Size};
use crate::facts::tables::Table;
use crate::facts::{View, declared};
use crate::{Bars, Block, Checked, Quantity, format};

/// Tables by size.
pub static TOPIC: Topic =
    Topic { name: "tables", title: "Tables", reads: &[&declared::tables, &declared::indexes], show };

/// A table with its indexes and TOAST table.
struct Sized<'a> {
    table: &'a Table,
    indexes: Option<Size>,
    total: Option<Size>,
    /// Scans of its indexes, if all are counted.
    idx_scan: Option<i64>,
}

fn show(view: &View<'_>) -> Checked<Shown> {
    let tables = view.tables()?;
    let mut sized = sized(&tables.all, view.indexes()?);
    largest_first(&mut sized, |sized| sized.total);
    // A partition is part of its parent's bar; the sum does not include parents, which have no files.
    let whole = sized.iter().filter(|sized| !sized.table.is_partition);
    let sizes = whole.map(|sized| (&sized.table.name, sized.total.into()));
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
    let chart = Bars::shares("Size including indexes and TOAST", sizes, RelationName::to_string).map(Block::from);
    let table = Block::Table(format::Table::new("Tables by size", &columns, sized.iter().map(row)));
    Ok(Shown {
        lead: lead(number_of(&sized), total),
        blocks: chart
            .into_iter()
            .chain([table])
            .chain(tables.sampled.iter().flat_map(|sampled| in_window(sampled, &tables.all)))
            .collect(),
    })
}

/// How many there are and their size, if it is known.
fn lead(count: i64, total: Option<Size>) -> String {
    let size = total.map(|total| format!(", {} including indexes and TOAST", Quantity::from(total).display()));
    match count {
        0 => "No user tables.".to_owned(),
        _ => format!("{}{}.", display::counted(count, "user table", "user tables"), size.unwrap_or_default()),
    }
}

/// The tables that were read or written in the window of a delta.
fn in_window(sampled: &Sampled, tables: &[Table]) -> [Block; 2] {
    let work = |table: &Table| {
        let row = table.growth.row()?;
        let parts = [row.seq_tup_read, row.bitmap_tup_fetch, row.n_tup_ins, row.n_tup_upd, row.n_tup_del];
        Some(parts.into_iter().flatten().fold(0, i64::saturating_add))
    };
    let is_unknown = |table: &Table| matches!(table.growth.0, Some(Err(_)));
    let shown = |table: &&Table| table.is_own() && (is_unknown(table) || work(table) > Some(0));
    let mut busy: Vec<&Table> = tables.iter().filter(shown).collect();
    largest_first(&mut busy, |table| work(table));
    let columns = [
        ("table", "table"),
        ("seq_scans", "sequential scans"),
        ("inserted", "rows inserted"),
        ("updated", "rows updated"),
        ("deleted", "rows deleted"),
    ];
    let rows = busy.iter().map(|table| {
        vec![
            table.name.to_string().into(),
            table.growth.per_second(|row| row.seq_scan),
            table.growth.per_second(|row| row.n_tup_ins),
            table.growth.per_second(|row| row.n_tup_upd),
            table.growth.per_second(|row| row.n_tup_del),
        ]
    });
    let table = format::Table::new(format!("Rates over the {} of the delta", sampled.words()), &columns, rows);
    [Block::Table(table), Block::List { items: sampled.notes("table", "tables") }]
}

fn sized<'a>(tables: &'a [Table], indexes: &[Index]) -> Vec<Sized<'a>> {
    let mut of_table = BTreeMap::<(i64, &RelationName), Vec<&Index>>::new();
    for index in indexes {
        of_table.entry((index.catalog.indrelid, &index.table)).or_default().push(index);
    }
    let own = tables.iter().filter(|table| table.is_own());
    own.map(|table| {
        let of_table = of_table.get(&(table.oid, &table.name));
        let indexes = of_table.and_then(|indexes| Size::sum(indexes.iter().filter_map(|index| index.size)));
        let idx_scan = of_table.and_then(|indexes| sum(indexes.iter().map(|index| index.idx_scan)));
        let total = Size::sum([table.size, table.toast_size, indexes].into_iter().flatten());
        Sized { table, indexes, total, idx_scan }
    })
    .collect()
}

/// The sum of figures of which none is unknown.
fn sum(mut figures: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    figures.try_fold(0, |sum: i64, figure| Some(sum.saturating_add(figure?)))
}

fn row(sized: &Sized<'_>) -> Vec<Quantity> {
    let stat = sized.table.stat.as_deref();
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
