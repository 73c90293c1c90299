//! Dead rows against each table's own threshold, and the age of what is not frozen.

use pgdba_pg::display;
use pgdba_snapshot::sections::{pg_class, pg_stat_user_tables};

use super::{Topic, View, largest_first};
use crate::facts::tables::Table;
use crate::{Bar, Detail, Facts, Quantity};

/// Tables by what vacuum has to do.
pub static TOPIC: Topic =
    Topic { name: "vacuum", title: "Vacuum", needs: &[&pg_class::SPEC, &pg_stat_user_tables::SPEC], show };

fn show(facts: &Facts) -> View {
    let limit = facts.settings.integer("autovacuum_freeze_max_age");
    let ages = facts.tables.iter().filter_map(|table| Some(Bar::new(table.name.to_string(), table.freeze_age?))).collect();
    let marks = limit.map(|limit| Bar::new("autovacuum_freeze_max_age", limit)).into_iter().collect();
    let mut tables: Vec<&Table> = facts.tables.iter().filter(|table| table.is_own()).collect();
    largest_first(&mut tables, |table| share_of_threshold(table));
    let columns = ["table", "dead rows", "vacuumed from", "live rows", "freeze age", "last vacuum", "last analyze"];
    View {
        lead: lead(&tables),
        details: [
            Detail::against("Freeze age in transactions", ages, marks),
            Some(Detail::table("Tables by dead rows against their own threshold", &columns, tables.iter().map(row))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn lead(tables: &[&Table]) -> String {
    let due = tables.iter().filter(|table| share_of_threshold(table) > Some(1.0)).count();
    let due = i64::try_from(due).unwrap_or(i64::MAX);
    match due {
        0 => "No table has more dead rows than autovacuum waits for.".to_owned(),
        1 => "1 table has more dead rows than autovacuum waits for.".to_owned(),
        _ => format!("{} tables have more dead rows than autovacuum waits for.", display::count(due)),
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
