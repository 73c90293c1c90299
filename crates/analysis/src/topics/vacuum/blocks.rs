//! Vacuum health as blocks.

use std::collections::BTreeSet;

use pgdba_pg::{Millis, Ratio, display};

use super::data::{DatabaseHealth, HolderHealth, RunHealth, TableHealth, VacuumHealth};
use crate::topics::Shown;
use crate::{Bar, Bars, Block, Quantity, Table};

/// Tables that a holder is shown with.
const NAMED: usize = 3;

pub(super) fn shown(health: &VacuumHealth) -> Shown {
    let databases = health.databases.iter().flatten();
    let running = health.running.iter().flatten();
    let blocks = [
        ages(&health.oldest_tables),
        table(databases_table(databases)),
        table(thresholds(&health.tables)),
        table(freeze(&health.oldest_tables)),
        table(running_table(running)),
        table(holders(&health.holders)),
        remedies(&health.tables),
        (!health.notes.is_empty()).then(|| Block::list(health.notes.iter().cloned())),
    ];
    Shown { lead: lead(health), blocks: blocks.into_iter().flatten().collect() }
}

/// A table, unless it has no rows.
fn table(table: Table) -> Option<Block> {
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn lead(health: &VacuumHealth) -> String {
    let tables = match (health.tables_past_threshold, &health.uncounted) {
        (0, Some(reason)) => format!("Whether a table is above an autovacuum threshold is unknown: {reason}."),
        (0, None) => "No table is above an autovacuum threshold.".to_owned(),
        (1, _) => "1 table is above an autovacuum threshold.".to_owned(),
        (many, _) => format!("{} tables are above an autovacuum threshold.", display::count(many)),
    };
    let oldest = health.databases.iter().flatten().next();
    let used = oldest.and_then(|oldest| Some((oldest, display::percent(Ratio(oldest.xids_used?)))));
    let used = used.map(|(oldest, used)| format!(" Database {} has used {used} of its transaction IDs.", oldest.name));
    let held = health.holders.first().map(|holder| {
        let time = holder.seconds.map(|seconds| display::duration(Millis::from_seconds(seconds)));
        let time = time.map(|time| format!(", for {time}")).unwrap_or_default();
        format!(
            " The xmin horizon is {} old, held by {} {}{time}.",
            display::counted(holder.age, "transaction", "transactions"),
            holder.kind,
            holder.name
        )
    });
    format!("{tables}{}{}", used.unwrap_or_default(), held.unwrap_or_default())
}

fn ages(tables: &[TableHealth]) -> Option<Block> {
    let ages = tables.iter().map(|table| (table, table.xid_age.into()));
    let limit = tables.iter().filter_map(|table| table.freeze_max_age).max();
    let marks = limit.map(|limit| Bar::new("autovacuum_freeze_max_age", limit)).into_iter().collect();
    Bars::against("Freeze age in transactions", ages, |table| table.label.clone(), marks).map(Block::from)
}

fn databases_table<'a>(databases: impl Iterator<Item = &'a DatabaseHealth>) -> Table {
    let columns = [
        ("database", "database"),
        ("xid_age", "freeze age"),
        ("xids_used", "transaction IDs used"),
        ("xids_left", "transaction IDs left"),
        ("time_left", "time left"),
        ("multixact_age", "multixact age"),
        ("multixacts_left", "multixacts left"),
    ];
    let row = |database: &DatabaseHealth| {
        vec![
            database.name.clone().into(),
            database.xid_age.into(),
            database.xids_used.map(Ratio).into(),
            database.xids_left.into(),
            database.seconds_left.map(Millis::from_seconds).into(),
            database.multixact_age.into(),
            database.multixacts_left.into(),
        ]
    };
    let databases: Vec<_> = databases.collect();
    Table::new("Databases by freeze age", &columns, databases.into_iter().map(row))
}

fn thresholds(tables: &[TableHealth]) -> Table {
    let columns = [
        ("table", "table"),
        ("dead_rows", "dead rows"),
        ("autovacuum_threshold", "autovacuum threshold"),
        ("inserted_rows", "inserted rows"),
        ("insert_threshold", "insert threshold"),
        ("changed_rows", "changed rows"),
        ("analyze_threshold", "analyze threshold"),
        ("live_rows", "live rows"),
        ("last_vacuum", "last vacuum"),
        ("last_analyze", "last analyze"),
        ("autovacuum", "autovacuum"),
    ];
    let rows = |threshold: Option<f64>| Quantity::from(threshold.map(|rows| rows.round() as i64));
    let row = |table: &TableHealth| {
        vec![
            table.label.clone().into(),
            table.dead_rows.into(),
            rows(table.vacuum_threshold),
            table.inserted_rows.into(),
            rows(table.insert_threshold),
            table.changed_rows.into(),
            rows(table.analyze_threshold),
            table.live_rows.into(),
            table.last_vacuum.into(),
            table.last_analyze.into(),
            table.autovacuum.into(),
        ]
    };
    Table::new("Tables by how far they are past a threshold", &columns, tables.iter().map(row))
}

/// The tables by freeze age.
fn freeze(tables: &[TableHealth]) -> Table {
    let columns = [
        ("table", "table"),
        ("xid_age", "freeze age"),
        ("freeze_max_age", "frozen above"),
        ("multixact_age", "multixact age"),
        ("multixact_freeze_max_age", "frozen above (multixacts)"),
    ];
    let row = |table: &TableHealth| {
        vec![
            table.label.clone().into(),
            table.xid_age.into(),
            table.freeze_max_age.into(),
            table.multixact_age.into(),
            table.multixact_freeze_max_age.into(),
        ]
    };
    Table::new("Tables by freeze age", &columns, tables.iter().map(row))
}

fn running_table<'a>(running: impl Iterator<Item = &'a RunHealth>) -> Table {
    let columns = [
        ("pid", "process"),
        ("table", "table"),
        ("origin", "run by"),
        ("phase", "phase"),
        ("scanned", "scanned"),
        ("index_passes", "index passes"),
        ("started", "started"),
    ];
    let row = |run: &RunHealth| {
        vec![
            run.pid.to_string().into(),
            run.table.clone().into(),
            run.origin.into(),
            run.phase.clone().into(),
            run.scanned.map(Ratio).into(),
            run.index_passes.into(),
            run.started.into(),
        ]
    };
    let running: Vec<_> = running.collect();
    Table::new("Running VACUUM commands", &columns, running.into_iter().map(row))
}

fn holders(holders: &[HolderHealth]) -> Table {
    let columns = [
        ("holder", "holder"),
        ("role", "role"),
        ("application", "application"),
        ("state", "state"),
        ("age", "age in transactions"),
        ("held", "held for"),
        ("keeps", "keeps rows of"),
        ("tables", "tables with rows that VACUUM left"),
    ];
    let row = |holder: &HolderHealth| {
        let keeps = match (&holder.database, holder.catalogs_only) {
            (Some(database), _) => format!("database {database}"),
            (None, true) => "system catalogs".to_owned(),
            (None, false) => "all databases".to_owned(),
        };
        let keeps = if holder.is_copy { format!("{keeps} (as the holder above)") } else { keeps };
        let mut tables: Vec<String> = holder.tables.iter().take(NAMED).cloned().collect();
        if let more @ 1.. = holder.tables.len().saturating_sub(NAMED) {
            tables.push(format!("{more} more"));
        }
        let tables = (!tables.is_empty()).then(|| tables.join(", "));
        vec![
            format!("{} {}", holder.kind, holder.name).into(),
            holder.role.clone().into(),
            holder.application.clone().into(),
            holder.state.clone().into(),
            holder.age.into(),
            holder.seconds.map(Millis::from_seconds).into(),
            keeps.into(),
            tables.into(),
        ]
    };
    Table::new("What holds the xmin horizon", &columns, holders.iter().map(row))
}

/// The statements for the tables that are past a threshold, or whose threshold is too high.
fn remedies(tables: &[TableHealth]) -> Option<Block> {
    let (mut statements, mut seen) = (Vec::new(), BTreeSet::new());
    for remedy in tables.iter().filter_map(|table| table.remedy.as_deref()) {
        // A table and its TOAST table share statements. A comment names the database in which to run those below it.
        let (places, lines): (Vec<&str>, Vec<&str>) = remedy.lines().partition(|line| line.starts_with("--"));
        let new: Vec<&str> = lines.into_iter().filter(|line| seen.insert((places.clone(), *line))).collect();
        if !new.is_empty() {
            statements.extend(places.into_iter().chain(new));
        }
    }
    (!statements.is_empty()).then(|| Block::sql("Statements for these tables", statements.join("\n")))
}
