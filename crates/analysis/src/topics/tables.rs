//! Where the space is, and how tables are read and written.

use std::collections::BTreeMap;

use pgdba_pg::{Bytes, display};
use pgdba_snapshot::sections::{pg_class, pg_stat_user_tables};

use super::{Topic, View, largest_first, number_of};
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::{Bar, Detail, Facts, Quantity};

/// Tables by size.
pub static TOPIC: Topic =
    Topic { name: "tables", title: "Tables", needs: &[&pg_class::SPEC, &pg_stat_user_tables::SPEC], show };

/// A table with all that belongs to it.
struct Sized<'a> {
    table: &'a Table,
    indexes: Bytes,
    total: Bytes,
    /// Scans of its indexes, where all are counted.
    idx_scan: Option<i64>,
}

fn show(facts: &Facts) -> View {
    let mut sized = sized(facts);
    largest_first(&mut sized, |sized| sized.total);
    let bars = sized.iter().map(|sized| Bar::new(sized.table.name.to_string(), sized.total)).collect();
    let columns = ["table", "size", "of it indexes", "rows", "sequential scans", "index scans", "rows written", "HOT updates"];
    let total = sized.iter().fold(0, |sum: i64, sized| sum.saturating_add(sized.total.0));
    View {
        lead: format!(
            "{} of users, {} with indexes and TOAST, as of the last VACUUM or ANALYZE of each.",
            display::counted(number_of(&sized), "table", "tables"),
            display::bytes(Bytes(total))
        ),
        details: Detail::shares("Size with indexes and TOAST", bars)
            .into_iter()
            .chain([Detail::table("Tables by size", &columns, sized.iter().map(row))])
            .collect(),
    }
}

fn sized(facts: &Facts) -> Vec<Sized<'_>> {
    let mut indexes = BTreeMap::<&RelationName, (i64, Option<i64>)>::new();
    for index in &facts.indexes {
        let (size, scans) = indexes.entry(&index.table).or_insert((0, Some(0)));
        *size = size.saturating_add(index.size.map_or(0, |size| size.0));
        *scans = scans.zip(index.idx_scan).map(|(sum, scans)| sum.saturating_add(scans));
    }
    let own = facts.tables.iter().filter(|table| table.is_own());
    own.map(|table| {
        let (indexes, idx_scan) = indexes.get(&table.name).copied().unwrap_or((0, None));
        let parts = [table.size, table.toast_size].into_iter().flatten();
        let total = parts.fold(indexes, |sum, part| sum.saturating_add(part.0));
        Sized { table, indexes: Bytes(indexes), total: Bytes(total), idx_scan }
    })
    .collect()
}

fn row(sized: &Sized<'_>) -> Vec<Quantity> {
    let stat = sized.table.stat.as_ref();
    let updates = stat.and_then(|stat| stat.n_tup_upd).filter(|updates| *updates > 0);
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
        hot.map(|(hot, updates)| pgdba_pg::Ratio::of(hot, updates)).into(),
    ]
}
