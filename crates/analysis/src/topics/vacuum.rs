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
    let rows = tables.iter().map(|table| row(table, view.require_dead_rows_of(table).is_ok()));
    let caption = "Tables by dead rows relative to their autovacuum threshold";
    let table = Block::Table(format::Table::new(caption, &columns, rows));
    let lead = lead(&tables, view.require_dead_rows());
    Ok(Shown { lead, blocks: chart.into_iter().chain([table]).collect() })
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Block, Options, Quantity, analyze, example};

    /// The lead, and the dead rows in the table, of a table without counters.
    fn shown(is_in_recovery: bool, last_vacuum: Option<&str>) -> (String, Quantity) {
        let document = json!({
            "system": [{ "is_in_recovery": is_in_recovery, "block_size": 8192 }],
            "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                            { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 2000, "reltuples": 300_000,
                           "size_bytes": 16_384_000, "size_source": "pg_relation_size" }],
            "pg_stat_user_tables": [{ "relid": 1, "n_dead_tup": 0, "last_vacuum": last_vacuum }],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let topic = analysis.topics.into_iter().find(|topic| topic.name == "vacuum").unwrap();
        let dead_rows = |block: Block| match block {
            Block::Table(table) => Some(table.rows[0][1].value.clone()),
            _ => None,
        };
        (topic.lead.clone(), topic.blocks.into_iter().find_map(dead_rows).unwrap())
    }

    #[test]
    fn dead_rows_that_were_not_counted_are_unknown() {
        let (lead, dead) = shown(false, Some("2026-01-01T11:00:00Z"));
        assert_eq!((lead.as_str(), dead), ("No table is above its autovacuum threshold.", 0.into()));
        for (is_standby, why) in [(true, "a standby does not count dead rows"), (false, "the counters of s.t might not cover")] {
            let (lead, dead) = shown(is_standby, None);
            let expected = format!("Whether a table is above its autovacuum threshold is unknown: {why}");
            assert!(lead.starts_with(&expected), "{lead}");
            assert_eq!(dead, Quantity::Unknown);
        }
    }
}
