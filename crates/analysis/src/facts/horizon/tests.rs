//! Who holds the horizon, and whose rows.

use serde_json::{Value, json};

use super::*;
use crate::{Facts, example};

fn process(pid: i64, own: &Value) -> Value {
    let mut row = json!({ "pid": pid, "datname": "shop", "usename": "app", "state": "active",
                          "backend_type": "client backend", "xact_start": "2026-01-01T11:00:00Z" });
    row.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    row
}

/// The holders in a document, as kind, name and whether each is a copy.
fn holders(document: &Value) -> Vec<(HolderKind, String, bool)> {
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let holders = &facts.horizon().unwrap().holders;
    holders.iter().map(|holder| (holder.kind, holder.name.clone(), holder.is_copy)).collect()
}

#[test]
fn snapshots_that_are_as_old_as_a_writing_transaction_are_copies_of_it() {
    let sessions = [
        process(1, &json!({ "backend_xmin_age": 500, "xact_start": "2026-01-01T11:59:00Z" })),
        process(2, &json!({ "backend_xid_age": 500, "state": "idle in transaction" })),
        process(3, &json!({ "backend_xmin_age": 700, "xact_start": "2026-01-01T10:00:00Z" })),
        process(4, &json!({ "backend_xmin_age": 700 })),
        process(5, &json!({ "state": "idle" })),
    ];
    let session = |name: &str, is_copy: bool| (HolderKind::Session, name.to_owned(), is_copy);
    let expected = [session("3", false), session("4", false), session("2", false), session("1", true)];
    assert_eq!(holders(&json!({ "pg_stat_activity": sessions })), expected);
    let prepared = json!([{ "transactionid": "900", "transaction_age": 700, "database": "shop" }]);
    let copies = holders(&json!({ "pg_stat_activity": sessions, "pg_prepared_xacts": prepared }));
    assert_eq!(copies[0], (HolderKind::PreparedTransaction, "900".to_owned(), false));
    assert_eq!(copies[1..3], [session("3", true), session("4", true)]);
}

#[test]
fn what_does_not_hold_the_horizon_is_left_out() {
    let old = |own: Value| {
        let mut own = own;
        own["backend_xmin_age"] = json!(900);
        own
    };
    let document = json!({
        "pg_stat_activity": [
            process(1, &old(json!({ "backend_type": "walsender" }))),
            process(2, &old(json!({ "backend_type": "parallel worker", "leader_pid": 3 }))),
            process(3, &old(json!({}))),
            process(4, &old(json!({ "query": "VACUUM t" }))),
            process(5, &old(json!({ "backend_type": "autovacuum worker", "query": "autovacuum: VACUUM public.t" }))),
        ],
        "pg_stat_progress_vacuum": [{ "pid": 4 }, { "pid": 5 }],
        "pg_stat_replication": [
            { "pid": 1, "backend_xmin_age": 900 }, { "pid": 6, "backend_xmin_age": 800 }, { "pid": 7 },
        ],
        "pg_replication_slots": [
            { "slot_name": "sub", "plugin": "pgoutput", "active_pid": 1, "active": true, "catalog_xmin_age": 600 },
            { "slot_name": "lost", "wal_status": "lost", "xmin_age": 999 },
            { "slot_name": "gone", "invalidation_reason": "idle_timeout", "xmin_age": 999 },
            { "slot_name": "fresh" },
        ],
    });
    let expected = [
        (HolderKind::Session, "3".to_owned(), false),
        (HolderKind::Standby, "6".to_owned(), false),
        (HolderKind::ReplicationSlot, "sub".to_owned(), false),
    ];
    assert_eq!(holders(&document), expected);
}

/// Whether a session of `database` since 11:00 keeps rows of a table in database `shop`.
fn keeps(database: &str, counters: &Value) -> bool {
    let mut stat = json!({ "datname": "shop", "relid": 1, "n_live_tup": 1000, "n_dead_tup": 90_000 });
    stat.as_object_mut().unwrap().extend(counters.as_object().unwrap().clone());
    let document = json!({
        "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                        { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
        "pg_class": [{ "datname": "shop", "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 9,
                       "reltuples": 1000 }],
        "pg_stat_user_tables": [stat], "pg_prepared_xacts": [], "pg_replication_slots": [], "pg_stat_replication": [],
        "pg_stat_activity": [process(1, &json!({ "backend_xid_age": 500, "datname": database }))],
    });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let table = &facts.tables().unwrap().all[0];
    facts.horizon().unwrap().keeper(table, facts.now().unwrap()).is_some()
}

#[test]
fn a_transaction_in_another_database_is_blamed_through_a_snapshot_here() {
    let document = json!({
        "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                        { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
        "pg_class": [{ "datname": "shop", "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 9,
                       "reltuples": 1000 }],
        "pg_stat_user_tables": [{ "datname": "shop", "relid": 1, "n_dead_tup": 90_000,
                                  "last_vacuum": "2026-01-01T11:58:00Z" }],
        "pg_stat_activity": [
            process(1, &json!({ "backend_xid_age": 500, "datname": "other" })),
            process(2, &json!({ "backend_xmin_age": 500, "xact_start": "2026-01-01T11:57:00Z" })),
        ],
    });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let table = &facts.tables().unwrap().all[0];
    let keeper = facts.horizon().unwrap().keeper(table, facts.now().unwrap());
    assert_eq!(keeper.map(|keeper| keeper.name.as_str()), Some("1"));
}

#[test]
fn a_holder_is_blamed_if_vacuum_ran_meanwhile_and_left_rows() {
    let vacuumed = |at: &str| json!({ "last_vacuum": at });
    assert!(keeps("shop", &vacuumed("2026-01-01T11:30:00Z")));
    assert!(!keeps("shop", &vacuumed("2026-01-01T10:30:00Z")), "VACUUM ran before");
    assert!(!keeps("shop", &json!({})), "VACUUM never ran");
    assert!(!keeps("other", &vacuumed("2026-01-01T11:30:00Z")), "sees no table of this database");
    let analyzed = |changed: i64| {
        json!({ "last_autovacuum": "2026-01-01T11:30:00Z", "last_autoanalyze": "2026-01-01T11:30:01Z",
                "n_mod_since_analyze": changed })
    };
    assert!(keeps("shop", &analyzed(500)));
    assert!(!keeps("shop", &analyzed(90_000)), "a queue, whose rows came after VACUUM");
}

#[test]
fn a_slot_that_copies_a_table_is_not_called_inactive() {
    let document = json!({ "pg_replication_slots": [
        { "slot_name": "pg_16394_sync_16385_7212345678901234567", "active": false, "catalog_xmin_age": 600 },
        { "slot_name": "gone", "active": false, "catalog_xmin_age": 500 },
    ] });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let states: Vec<_> = facts.slot_holders().unwrap().iter().filter_map(|holder| holder.state.as_deref()).collect();
    assert_eq!(states, ["copying", "inactive"]);
}
