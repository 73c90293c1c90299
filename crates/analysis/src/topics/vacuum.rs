//! Dead rows relative to each table's autovacuum threshold, and freeze age.

use pgdba_pg::display;

use super::{Shown, Topic, largest_first};
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::facts::{Fact, View, declared};
use crate::{Bar, Bars, Block, Checked, Quantity, format};

/// Tables by dead rows and freeze age.
pub static TOPIC: Topic =
    Topic { name: "vacuum", title: "Vacuum", reads: READS, show };

const READS: &[&Fact] = &[&declared::tables, &declared::settings, &declared::surroundings, &declared::counters];

fn show(view: &View<'_>) -> Checked<Shown> {
    let limit = view.settings()?.integer("autovacuum_freeze_max_age");
    let all = &view.tables()?.all;
    let ages = all.iter().map(|table| (&table.name, table.freeze_age.into()));
    let marks = limit.map(|limit| Bar::new("autovacuum_freeze_max_age", limit)).into_iter().collect();
    let mut tables: Vec<&Table> = all.iter().filter(|table| table.is_own()).collect();
    largest_first(&mut tables, |table| table.dead_multiple());
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
    let table = format::Table::new("Tables by dead rows relative to their autovacuum threshold", &columns, tables.iter().map(|table| row(table, view.require_dead_rows_of(table).is_ok())));
    Ok(Shown { lead: lead(&tables, view.require_dead_rows()), blocks: chart.into_iter().chain([Block::Table(table)]).collect() })
}

fn lead(tables: &[&Table], known: Checked<()>) -> String {
    let due = tables.iter().filter(|table| table.dead_multiple() > Some(1.0)).count();
    let due = i64::try_from(due).unwrap_or(i64::MAX);
    match (due, known) {
        (0, Err(reason)) => format!("Whether a table is above its autovacuum threshold is unknown: {}.", reason.0),
        (0, Ok(())) => "No table is above its autovacuum threshold.".to_owned(),
        (1, _) => "1 table is above its autovacuum threshold.".to_owned(),
        (due, _) => format!("{} tables are above their autovacuum thresholds.", display::count(due)),
    }
}

fn row(table: &Table, are_dead_rows_known: bool) -> Vec<Quantity> {
    let stat = table.stat.as_ref();
    vec![
        table.name.to_string().into(),
        // Those that were counted are shown, but none counted is not none.
        table.dead_rows().filter(|dead| *dead > 0 || are_dead_rows_known).into(),
        table.vacuum_threshold.map(|rows| rows as i64).into(),
        stat.and_then(|stat| stat.n_live_tup).into(),
        table.freeze_age.into(),
        table.last_vacuum().into(),
        table.last_analyze().into(),
    ]
}
