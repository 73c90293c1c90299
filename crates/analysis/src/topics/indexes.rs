//! Size and use of indexes.

use pgdba_pg::display;

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::indexes::Index;
use crate::facts::relation::Size;
use crate::facts::{View, declared};
use crate::{Block, Checked, Quantity, Table};

/// Indexes by size.
pub static TOPIC: Topic = Topic { name: "indexes", title: "Indexes", reads: &[&declared::indexes], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let mut indexes: Vec<&Index> = view.indexes()?.iter().collect();
    largest_first(&mut indexes, |index| index.size);
    let rows = indexes.iter().map(|index| row(index));
    let columns = [
        ("index", "index"),
        ("table", "table"),
        ("size", "size"),
        ("scans", "scans"),
        ("method", "method"),
        ("needed_by", "used for"),
    ];
    Ok(Shown {
        lead: lead(&indexes),
        blocks: vec![Block::Table(Table::new("Indexes by size", &columns, rows))],
    })
}

/// How many there are, their size, and how many are not scanned, as far as that is known.
fn lead(indexes: &[&Index]) -> String {
    if indexes.is_empty() {
        return "No user indexes.".to_owned();
    }
    let total = Size::sum(indexes.iter().filter(|index| !index.is_partitioned()).filter_map(|index| index.size));
    let size = total.map(|total| format!(", {}", Quantity::from(total).display())).unwrap_or_default();
    let unused = indexes.iter().filter(|index| index.idx_scan == Some(0)).count();
    let unused = display::count(i64::try_from(unused).unwrap_or(i64::MAX));
    let is_counted = indexes.iter().any(|index| index.idx_scan.is_some());
    let unused = if is_counted { format!("; {unused} of them not scanned since the counters were reset") } else { String::new() };
    format!("{}{size}{unused}.", display::counted(number_of(indexes), "user index", "user indexes"))
}

fn row(index: &Index) -> Vec<Quantity> {
    let catalog = &index.catalog;
    let needed_by = match &catalog.conname {
        Some(constraint) => format!("constraint {constraint}"),
        None if catalog.indisvalid == Some(false) => "nothing (invalid)".to_owned(),
        None if index.is_partition => "partitioned index".to_owned(),
        None if catalog.indisreplident == Some(true) => "replica identity".to_owned(),
        None if catalog.indisclustered == Some(true) => "CLUSTER".to_owned(),
        None => "queries".to_owned(),
    };
    vec![
        index.name.to_string().into(),
        index.table.to_string().into(),
        index.size.into(),
        index.idx_scan.into(),
        index.amname.clone().into(),
        needed_by.into(),
    ]
}
