//! Autovacuum thresholds of tables, freeze ages, running VACUUM commands, and what holds the xmin horizon.

mod blocks;
mod data;

pub use data::{DatabaseHealth, HolderHealth, RunHealth, TableHealth, VacuumHealth};

use super::{Reply, Shown, Topic};
use crate::Checked;
use crate::facts::{View, declared};

/// Tables that the report shows at most.
const REPORTED: usize = 100;

/// Vacuum health.
pub static TOPIC: Topic = Topic {
    name: "vacuum",
    title: "Vacuum",
    reads: &[
        &declared::tables,
        &declared::settings,
        &declared::surroundings,
        &declared::counters,
        &declared::freeze,
        &declared::transaction_ids,
        &declared::vacuum_runs,
        &declared::horizon,
    ],
    show,
};

fn show(view: &View<'_>) -> Checked<Shown> {
    health(view, REPORTED).map(|reply| reply.shown)
}

/// The vacuum health of the server, with the `limit` tables that are furthest past a threshold.
///
/// # Errors
/// The tables are missing.
pub fn health(view: &View<'_>, limit: usize) -> Checked<Reply<VacuumHealth>> {
    let data = VacuumHealth::of(view, limit)?;
    Ok(Reply { shown: blocks::shown(&data), data })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::Beside;
    use crate::{Facts, example};

    fn document() -> Value {
        json!({
            "version": 17,
            "pg_settings": [
                { "name": "autovacuum", "setting": "on" }, { "name": "autovacuum_freeze_max_age", "setting": "200000000" },
                { "name": "autovacuum_vacuum_threshold", "setting": "50" },
                { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
            ],
            "pg_class": [
                { "oid": 1, "nspname": "s", "relname": "small", "relkind": "r", "relpages": 9, "reltuples": 1000,
                  "reltoastrelid": 4, "relfrozenxid_age": 9000 },
                { "oid": 2, "nspname": "s", "relname": "huge", "relkind": "r", "relpages": 900_000, "reltuples": 50_000_000 },
                { "oid": 3, "nspname": "s", "relname": "off", "relkind": "r", "relpages": 9, "reltuples": 1000,
                  "reloptions": ["autovacuum_enabled=off"] },
                { "oid": 4, "nspname": "pg_toast", "relname": "pg_toast_1", "relkind": "t", "relpages": 9, "reltuples": 1000 },
            ],
            "pg_stat_user_tables": [{ "relid": 1, "n_dead_tup": 2500 }, { "relid": 4, "n_dead_tup": 500 }],
            "pg_database": [{ "oid": 5, "datname": "shop", "datfrozenxid_age": 1_072_241_823 }],
            "pg_stat_progress_vacuum": [{ "pid": 9, "datid": 5, "relid": 1, "phase": "scanning heap",
                                          "heap_blks_total": 200, "heap_blks_scanned": 50 }],
            "pg_stat_activity": [
                { "pid": 9, "backend_type": "autovacuum worker", "xact_start": "2026-01-01T11:00:00Z",
                  "query": "autovacuum: VACUUM s.small (to prevent wraparound)" },
                { "pid": 7, "backend_type": "client backend", "state": "idle in transaction", "datname": "shop",
                  "backend_xid_age": 12_345, "xact_start": "2026-01-01T10:00:00Z",
                  "backend_start": "2026-01-01T09:00:00Z" },
            ],
        })
    }

    /// The answer about a document, as its sentence and its data.
    fn answer(document: &Value, limit: usize) -> (String, Value) {
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let reply = health(&View::new(&facts, Beside::default(), TOPIC.reads), limit).unwrap();
        (reply.shown.lead, serde_json::to_value(reply.data).unwrap())
    }

    #[test]
    fn the_answer_has_thresholds_ages_runs_and_holders() {
        let (lead, data) = answer(&document(), 20);
        assert_eq!(
            lead,
            "2 tables are above an autovacuum threshold. Database shop has used 50 % of its transaction IDs. \
             The xmin horizon is 12\u{202f}345 transactions old, held by session 7, for 2 h."
        );
        assert_eq!(data["tables"][0]["name"], "small");
        assert_eq!([&data["tables"][0]["vacuum_threshold"], &data["tables"][0]["vacuum_multiple"]], [250.0, 10.0]);
        assert_eq!(data["tables"][1]["toast_of"], "s.small");
        assert_eq!(data["oldest_tables"][0]["xid_age"], 9000);
        assert_eq!(data["running"][0]["origin"], "autovacuum, to prevent wraparound");
        assert_eq!((&data["running"][0]["table"], &data["running"][0]["scanned"]), (&json!("s.small"), &json!(0.25)));
        let holder = &data["holders"][0];
        assert_eq!(holder["seconds"], 7200.0);
        let release = holder["release"].as_str().unwrap();
        assert!(release.contains("pg_terminate_backend") && release.contains("2026-01-01T09:00:00Z"), "{release}");
        let note = "Time left until wraparound: the rate is unknown: it needs a delta (--delta) or an earlier snapshot";
        assert!(data["notes"].as_array().unwrap().contains(&json!(note)), "{}", data["notes"]);
    }

    #[test]
    fn the_remedy_of_a_table_fits_what_is_wrong_with_it() {
        let (_, data) = answer(&document(), 20);
        let tables = data["tables"].as_array().unwrap();
        let remedy = |name: &str| tables.iter().find(|table| table["name"] == name).unwrap()["remedy"].clone();
        assert_eq!(remedy("small"), "VACUUM (VERBOSE, ANALYZE) s.small;");
        assert_eq!(remedy("pg_toast_1"), "VACUUM (VERBOSE, ANALYZE) s.small;");
        assert_eq!(remedy("huge"), "ALTER TABLE s.huge SET (autovacuum_vacuum_scale_factor = 0.02);");
        assert_eq!(remedy("off"), "ALTER TABLE s.off RESET (autovacuum_enabled);");
        assert_eq!(answer(&document(), 1).1["tables"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_statement_that_a_table_and_its_toast_table_share_is_shown_once() {
        let mut document = document();
        let classes = document["pg_class"].as_array_mut().unwrap();
        classes.push(json!({ "oid": 5, "nspname": "pg_toast", "relname": "pg_toast_3", "relkind": "t", "relpages": 9, "reltuples": 1000 }));
        classes[2]["reltoastrelid"] = 5.into();
        document["pg_stat_user_tables"].as_array_mut().unwrap().push(json!({ "relid": 3, "n_dead_tup": 900 }));
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let reply = health(&View::new(&facts, Beside::default(), TOPIC.reads), 20).unwrap();
        let shown = serde_json::to_string(&reply.shown.blocks).unwrap();
        assert!(shown.contains("VACUUM (VERBOSE, ANALYZE) s.off;"), "{shown}");
        assert_eq!(shown.matches("ALTER TABLE s.off RESET (autovacuum_enabled);").count(), 1, "{shown}");
    }

    #[test]
    fn what_is_unknown_is_said() {
        let mut document = document();
        for section in ["pg_database", "pg_stat_progress_vacuum", "pg_stat_activity"] {
            document.as_object_mut().unwrap().remove(section);
        }
        let (_, data) = answer(&document, 20);
        assert_eq!((&data["databases"], &data["running"]), (&Value::Null, &Value::Null));
        assert_eq!(data["notes"].as_array().unwrap().len(), 4, "{}", data["notes"]);
    }

    #[test]
    fn the_time_left_follows_from_the_rate() {
        let mut document = document();
        let sample = |next: i64| json!([[false, next]]);
        document["pg_wal_position"] = json!({
            "available": true, "columns": ["is_in_recovery", "next_xid"], "rows": sample(1_000_000),
            "collected_at": "2026-01-01T12:00:00Z",
            "earlier": { "collected_at": "2026-01-01T11:59:50Z", "rows": sample(990_000) },
        });
        let (_, data) = answer(&document, 20);
        assert_eq!(data["xids_per_second"], 1000.0);
        let seconds = data["databases"][0]["seconds_left"].as_f64().unwrap();
        assert!((seconds - 1_072_241.824).abs() < 0.01, "{seconds}");
    }

    /// The lead, and the dead rows, of a table without counters.
    fn uncounted(is_in_recovery: bool, last_vacuum: Option<&str>) -> (String, Value) {
        let (lead, data) = answer(
            &json!({
                "system": [{ "is_in_recovery": is_in_recovery, "block_size": 8192 }],
                "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                                { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
                "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 2000, "reltuples": 300_000,
                               "size_bytes": 16_384_000, "size_source": "pg_relation_size" }],
                "pg_stat_user_tables": [{ "relid": 1, "n_dead_tup": 0, "last_vacuum": last_vacuum }],
            }),
            20,
        );
        (lead, data["tables"][0]["dead_rows"].clone())
    }

    #[test]
    fn dead_rows_that_were_not_counted_are_unknown() {
        let (lead, dead) = uncounted(false, Some("2026-01-01T11:00:00Z"));
        assert_eq!((lead.as_str(), dead), ("No table is above an autovacuum threshold.", 0.into()));
        for (is_standby, why) in [(true, "a standby does not count dead rows"), (false, "the counters of s.t might not cover")] {
            let (lead, dead) = uncounted(is_standby, None);
            let expected = format!("Whether a table is above an autovacuum threshold is unknown: {why}");
            assert!(lead.starts_with(&expected), "{lead}");
            assert_eq!(dead, Value::Null);
        }
    }
}
