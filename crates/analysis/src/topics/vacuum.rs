//! Dead rows relative to each table's autovacuum threshold, and freeze age.

use pgdba_pg::display;

use super::{Shown, Topic, largest_first};
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::facts::{View, declared};
use crate::{Bar, Bars, Block, Checked, Quantity, format};

/// Tables by dead rows and freeze age.
pub static TOPIC: Topic =
    Topic { name: "vacuum", title: "Vacuum", reads: &[&declared::tables, &declared::settings], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let limit = view.settings()?.integer("autovacuum_freeze_max_age");
    let all = &view.tables()?.all;
    let ages = all.iter().map(|table| (&table.name, table.freeze_age.into()));
    let marks = limit.map(|limit| Bar::new("autovacuum_freeze_max_age", limit)).into_iter().collect();
    let mut tables: Vec<&Table> = all.iter().filter(|table| table.is_own()).collect();
    largest_first(&mut tables, |table| share_of_threshold(table));
    let columns = [
        ("table", "table"),
        ("dead_rows", "dead rows"),
        ("autovacuum_threshold", "autovacuum threshold"),
        ("live_rows", "live rows"),
        ("freeze_age", "freeze age"),
        ("last_vacuum", "last vacuum"),
        ("last_analyze", "last analyze"),
    ];
    let chart = Bars::against("Freeze age in transactions", ages, RelationName::to_string, marks).map(Block::from);
    let table = format::Table::new("Tables by dead rows relative to their autovacuum threshold", &columns, tables.iter().map(row));
    Ok(Shown { lead: lead(&tables), blocks: chart.into_iter().chain([Block::Table(table)]).collect() })
}

fn lead(tables: &[&Table]) -> String {
    let due = tables.iter().filter(|table| share_of_threshold(table) > Some(1.0)).count();
    let due = i64::try_from(due).unwrap_or(i64::MAX);
    match due {
        0 => "No table is above its autovacuum threshold.".to_owned(),
        1 => "1 table is above its autovacuum threshold.".to_owned(),
        _ => format!("{} tables are above their autovacuum thresholds.", display::count(due)),
    }
}

fn share_of_threshold(table: &Table) -> Option<f64> {
    let dead = table.stat.as_ref()?.n_dead_tup? as f64;
    let threshold = table.vacuum_threshold.filter(|threshold| *threshold > 0.0)?;
    Some(dead / threshold)
}

fn row(table: &&Table) -> Vec<Quantity> {
    let stat = table.stat.as_ref();
    vec![
        table.name.to_string().into(),
        stat.and_then(|stat| stat.n_dead_tup).into(),
        table.vacuum_threshold.map(|rows| rows as i64).into(),
        stat.and_then(|stat| stat.n_live_tup).into(),
        table.freeze_age.into(),
        table.last_vacuum().into(),
        table.last_analyze().into(),
    ]
}
