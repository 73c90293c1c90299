//! Which indexes are unused, and which only look so; what is suggested.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::topics::index_advice::{self, Options as Advice, TOPIC};
use pgdba_analysis::{Analysis, Facts, Finding, Options, Outcome, Severity, View, analyze, example, facts::Beside};
use pgdba_snapshot::DiagSnapshot;
use serde_json::{Value, json};

const OLD: &str = "2025-10-01T00:00:00Z";

/// A table whose counters are three months old, with an index of 90 MB that was not scanned, changed by `change`.
fn unscanned(change: impl FnOnce(&mut Value)) -> DiagSnapshot {
    let mut document = json!({
        "system": [{ "is_in_recovery": false, "current_database": "shop", "server_time": "2026-01-01T12:00:00Z",
                     "start_time": "2025-06-01T00:00:00Z" }],
        "pg_settings": [], "pg_constraint": [], "pg_attribute": [{ "attrelid": 1, "attnum": 4, "attname": "note" }],
        "pg_stat_replication": [], "pg_replication_slots": [],
        "pg_type": [],
        "pg_wal_position": [{ "is_in_recovery": false, "wal_file": "000000010000000000000001" }],
        "pg_stat_database": [{ "datid": 5, "datname": "shop", "stats_reset": null }],
        "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": 100_000, "relpages": 900 },
                     { "oid": 2, "nspname": "s", "relname": "i", "relkind": "i", "amname": "btree",
                       "size_bytes": 90_000_000, "size_source": "pg_relation_size" }],
        "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indkey": [4], "indisvalid": true, "indisunique": false,
                       "conname": null, "indisreplident": false, "indisclustered": false, "in_progress": false }],
        "pg_stat_user_tables": [{ "relid": 1, "seq_scan": 12, "last_autoanalyze": OLD }],
        "pg_stat_user_indexes": [{ "indexrelid": 2, "idx_scan": 0, "last_idx_scan": null }],
    });
    change(&mut document);
    example::snapshot(&document.to_string()).unwrap()
}

fn analyzed(snapshot: &DiagSnapshot, nodes: &[DiagSnapshot]) -> Analysis {
    analyze(snapshot, &Options { nodes, ..Options::default() })
}

fn outcome(analysis: &Analysis, code: &str) -> Outcome {
    analysis.assessments.iter().find(|assessment| assessment.code == code).unwrap().outcome.clone()
}

/// `found`, `passed` or why the rule could not run.
fn word(analysis: &Analysis, code: &str) -> String {
    match outcome(analysis, code) {
        Outcome::Found { .. } => "found".to_owned(),
        Outcome::Passed => "passed".to_owned(),
        Outcome::NotAssessed { reason, .. } => reason,
        other => format!("{other:?}"),
    }
}

fn finding(analysis: &Analysis, code: &str) -> Finding {
    analysis.findings.iter().find(|finding| finding.code == code).unwrap().clone()
}

fn unused(change: impl FnOnce(&mut Value)) -> String {
    word(&analyzed(&unscanned(change), &[]), "PGD603")
}

#[test]
fn an_index_that_something_needs_is_used_without_a_scan() {
    assert_eq!(unused(|_| ()), "found");
    for (member, value) in [
        ("indisunique", json!(true)),
        ("conname", json!("t_excl")),
        ("indisreplident", json!(true)),
        ("indisclustered", json!(true)),
        ("indisvalid", json!(false)),
        ("in_progress", json!(true)),
    ] {
        assert_eq!(unused(|document| document["pg_index"][0][member] = value), "passed", "{member}");
    }
    assert_eq!(unused(|document| document["pg_class"][1]["size_bytes"] = json!(9_000_000)), "passed");
    assert_eq!(unused(|document| document["pg_class"][1]["relispartition"] = json!(true)), "passed");
}

#[test]
fn the_only_index_of_a_foreign_key_is_kept_and_a_second_one_is_not() {
    let key = json!([{ "oid": 9, "conname": "f", "conrelid": 1, "contype": "f", "confrelid": 1, "conkey": [4] }]);
    assert_eq!(unused(|document| document["pg_constraint"] = key.clone()), "passed");
    let second = unused(|document| {
        document["pg_constraint"] = key.clone();
        document["pg_class"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "oid": 3, "nspname": "s", "relname": "j", "relkind": "i", "amname": "btree" }));
        document["pg_index"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "indexrelid": 3, "indrelid": 1, "indkey": [4, 1], "indisvalid": true }));
    });
    assert_eq!(second, "found");
}

#[test]
fn an_index_of_a_table_that_nobody_reads_says_nothing() {
    assert_eq!(unused(|document| document["pg_stat_user_tables"][0]["seq_scan"] = json!(0)), "passed");
    let found_by_another = unused(|document| {
        document["pg_stat_user_tables"][0]["seq_scan"] = json!(0);
        document["pg_class"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "oid": 3, "nspname": "s", "relname": "j", "relkind": "i" }));
        document["pg_index"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "indexrelid": 3, "indrelid": 1, "indkey": [1], "indisvalid": true }));
        document["pg_stat_user_indexes"].as_array_mut().unwrap().push(json!({ "indexrelid": 3, "idx_scan": 7 }));
    });
    assert_eq!(found_by_another, "found");
}

#[test]
fn young_or_undated_counters_do_not_show_that_an_index_is_unused() {
    let analyzed_at =
        |time: &str| unused(|document| document["pg_stat_user_tables"][0]["last_autoanalyze"] = json!(time));
    assert_eq!(analyzed_at("2025-12-30T12:00:00Z"), "s.i was not scanned, but the counters are only 2 d old");
    let undated = unused(|document| document["pg_stat_user_tables"][0]["last_autoanalyze"] = json!(null));
    assert_eq!(undated, "the age of the counters of s.i is unknown");
    let reset = |time: &str, wal_file: &str| {
        unused(|document| {
            document["pg_stat_user_tables"][0]["last_autoanalyze"] = json!(null);
            document["pg_stat_database"][0]["stats_reset"] = json!(time);
            document["pg_wal_position"][0]["wal_file"] = json!(wal_file);
        })
    };
    assert_eq!(reset(OLD, "000000010000000000000001"), "found");
    assert_eq!(
        reset("2025-12-31T12:00:00Z", "000000010000000000000001"),
        "s.i was not scanned, but the counters are only 1 d old"
    );
    // It was a standby until its promotion, and might have been idle.
    assert_eq!(reset(OLD, "000000020000000000000001"), "the age of the counters of s.i is unknown");
    let unknown = unused(|document| document["pg_stat_user_indexes"] = json!([]));
    assert_eq!(unknown, "the number of scans of s.i is unknown");
}

#[test]
fn monthly_jobs_lower_the_severity_and_a_last_scan_long_ago_counts_from_16_on() {
    let severity = |change: fn(&mut Value)| finding(&analyzed(&unscanned(change), &[]), "PGD603").severity;
    assert_eq!(severity(|_| ()), Severity::Notice);
    assert_eq!(
        severity(|document| document["pg_stat_user_tables"][0]["last_autoanalyze"] = json!("2025-12-10T00:00:00Z")),
        Severity::Info
    );
    let scanned = |time: Option<&str>| {
        unused(|document| {
            document["pg_stat_user_indexes"] = json!([{ "indexrelid": 2, "idx_scan": 5, "last_idx_scan": time }])
        })
    };
    assert_eq!(scanned(Some("2025-05-01T00:00:00Z")), "found");
    assert_eq!(scanned(Some("2025-12-01T00:00:00Z")), "passed");
    assert_eq!(scanned(None), "passed");
}

/// A standby that started three months ago and scanned the index so often.
fn standby(scans: i64, start: &str) -> DiagSnapshot {
    unscanned(|document| {
        document["system"][0]["is_in_recovery"] = json!(true);
        document["system"][0]["start_time"] = json!(start);
        document["pg_stat_user_tables"][0]["last_autoanalyze"] = json!(null);
        document["pg_stat_user_indexes"][0]["idx_scan"] = json!(scans);
    })
}

#[test]
fn an_index_that_is_scanned_on_a_standby_is_used() {
    let primary = |standbys: i64| {
        let sender = |pid: i64| json!({ "pid": pid, "application_name": format!("s{pid}"), "state": "streaming", "replay_lsn": "0/1" });
        unscanned(|document| document["pg_stat_replication"] = (1..=standbys).map(sender).collect())
    };
    let idle = || standby(0, OLD);
    let of = |standbys: i64, nodes: &[DiagSnapshot]| {
        let analysis = analyzed(&primary(standbys), nodes);
        match word(&analysis, "PGD603").as_str() {
            "found" => finding(&analysis, "PGD603").severity.word().to_owned(),
            other => other.to_owned(),
        }
    };
    assert_eq!(of(0, &[]), "notice");
    assert_eq!(of(1, &[]), "info");
    assert_eq!(of(1, &[idle()]), "notice");
    assert_eq!(of(2, &[idle()]), "info");
    assert_eq!(of(2, &[idle(), idle()]), "info", "the same standby twice");
    assert_eq!(of(1, &[primary(0)]), "info", "the primary itself");
    assert_eq!(of(2, &[idle(), standby(3, "2025-10-02T00:00:00Z")]), "passed");
    assert_eq!(of(1, &[standby(0, "2025-12-31T12:00:00Z")]), "s.i was not scanned, but the counters are only 1 d old");
    let advice = finding(&analyzed(&primary(1), &[]), "PGD603").remedy.text;
    assert!(advice.starts_with("Check first on every standby"), "{advice}");
    assert!(word(&analyzed(&idle(), &[]), "PGD603").starts_with("a standby does not count"));
}

#[test]
fn receivers_that_cannot_be_queried_are_not_standbys() {
    for (sender, slot, severity) in [
        (json!({ "pid": 1, "state": "streaming", "replay_lsn": null }), json!([]), Severity::Notice),
        (json!({ "pid": 1, "state": "backup", "replay_lsn": "0/1" }), json!([]), Severity::Notice),
        (
            json!({ "pid": 1, "state": "streaming", "replay_lsn": "0/1" }),
            json!([{ "slot_name": "sub", "slot_type": "logical", "active_pid": 1 }]),
            Severity::Notice,
        ),
        (
            json!({ "pid": 1, "state": "streaming", "replay_lsn": "0/1" }),
            json!([{ "slot_name": "standby", "slot_type": "physical", "active_pid": 1 }]),
            Severity::Info,
        ),
    ] {
        let snapshot = unscanned(|document| {
            document["pg_stat_replication"] = json!([sender]);
            document["pg_replication_slots"] = slot;
        });
        assert_eq!(finding(&analyzed(&snapshot, &[]), "PGD603").severity, severity);
    }
}

#[test]
fn an_index_is_the_same_on_a_node_only_under_its_name() {
    let renamed = unscanned(|document| {
        document["system"][0]["is_in_recovery"] = json!(true);
        document["pg_class"][1]["relname"] = json!("other");
        document["pg_stat_user_indexes"][0]["idx_scan"] = json!(5);
    });
    assert_eq!(word(&analyzed(&unscanned(|_| ()), &[renamed]), "PGD603"), "found");
}

#[test]
fn a_partitioned_index_is_unused_if_no_partition_of_it_is_scanned() {
    let partitioned = |scans: Value| {
        unused(|document| {
            document["pg_class"] = json!([
                { "oid": 1, "nspname": "s", "relname": "t", "relkind": "p" },
                { "oid": 2, "nspname": "s", "relname": "i", "relkind": "I", "amname": "btree" },
                { "oid": 3, "nspname": "s", "relname": "t1", "relkind": "r", "relispartition": true, "inhparent": 1 },
                { "oid": 4, "nspname": "s", "relname": "i1", "relkind": "i", "amname": "btree", "relispartition": true,
                  "inhparent": 2, "size_bytes": 90_000_000, "size_source": "pg_relation_size" },
            ]);
            document["pg_index"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "indexrelid": 4, "indrelid": 3, "indkey": [4], "indisvalid": true }));
            document["pg_stat_user_tables"][0]["relid"] = json!(3);
            document["pg_stat_user_indexes"] = json!([{ "indexrelid": 4, "idx_scan": scans }]);
        })
    };
    assert_eq!(partitioned(json!(0)), "found");
    assert_eq!(partitioned(json!(5)), "passed");
    assert_eq!(partitioned(json!(null)), "the number of scans of s.i is unknown");
}

/// What is suggested: action, source and index of each, and the reasons why nothing is.
fn advice(snapshot: &DiagSnapshot, options: &Advice) -> Result<Vec<String>, String> {
    let facts = Facts::of(snapshot);
    let reply = index_advice::reply(&View::new(&facts, Beside::default(), TOPIC.reads), options);
    let data = reply.map_err(|missing| missing.reason)?.data;
    let suggestions = data.suggestions.iter().map(|one| {
        format!("{:?} {} {}", one.action, one.source, one.index.clone().unwrap_or_else(|| one.columns.join(",")))
    });
    let unadvised = data.unadvised.iter().map(|table| format!("{}: {}", table.table, table.reason));
    Ok(suggestions.chain(unadvised).collect())
}

#[test]
fn an_index_is_suggested_for_a_foreign_key_of_a_large_table_and_refused_for_a_small_one() {
    let snapshot = |rows: i64| {
        unscanned(|document| {
            document["pg_class"][0]["reltuples"] = json!(rows);
            document["pg_index"][0]["indkey"] = json!([5]);
            document["pg_constraint"] =
                json!([{ "oid": 9, "conname": "f", "conrelid": 1, "contype": "f", "confrelid": 1, "conkey": [4] }]);
        })
    };
    let create = "Create foreign_key_without_index note".to_owned();
    let drop = "Drop unused_index i".to_owned();
    let all = Advice::default();
    assert_eq!(advice(&snapshot(100_000), &all), Ok(vec![create.clone(), drop.clone()]));
    let small =
        "t: it has 9000 rows, fewer than 10\u{202f}000: reading it whole is as fast as using an index".to_owned();
    assert_eq!(advice(&snapshot(9000), &all), Ok(vec![drop.clone(), small]));
    assert_eq!(
        advice(&snapshot(9000), &Advice { min_rows: 9000, ..Advice::default() }),
        Ok(vec![create.clone(), drop.clone()])
    );
    assert_eq!(advice(&snapshot(100_000), &Advice { limit: Some(1), ..Advice::default() }), Ok(vec![create.clone()]));
    let of_table =
        |name: &str| advice(&snapshot(100_000), &Advice { table: Some(name.to_owned()), ..Advice::default() });
    assert_eq!(of_table("s.t"), Ok(vec![create, drop]));
    assert_eq!(of_table("u"), Err("table \"u\" does not exist in the snapshot".to_owned()));
}

/// A large table whose rows are read so, changed by `change`.
fn scanned(change: impl FnOnce(&mut Value)) -> String {
    let snapshot = unscanned(|document| {
        document["pg_stat_database"][0]["stats_reset"] = json!("2026-01-01T00:00:00Z");
        document["pg_class"][0] = json!({ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": 500_000,
                                          "relpages": 5000, "size_bytes": 40_960_000, "size_source": "pg_relation_size" });
        document["pg_stat_user_tables"][0] =
            json!({ "relid": 1, "seq_scan": 9000, "seq_tup_read": 4_500_000_000_i64, "last_seq_scan": null });
        document["pg_stat_user_indexes"][0]["idx_tup_read"] = json!(100);
        change(document);
    });
    word(&analyzed(&snapshot, &[]), "PGD606")
}

#[test]
fn a_large_table_is_reported_whose_rows_sequential_scans_read_often_and_lately() {
    assert_eq!(scanned(|_| ()), "found");
    let table = |member: &str, value: Value| scanned(|document| document["pg_stat_user_tables"][0][member] = value);
    assert_eq!(table("seq_scan", json!(999)), "passed");
    assert_eq!(table("seq_scan", json!(900_000)), "passed", "they end early");
    assert_eq!(table("seq_tup_read", json!(400_000_000)), "passed", "that is little in half a day");
    assert_eq!(table("last_seq_scan", json!("2025-12-01T00:00:00Z")), "passed");
    assert_eq!(table("last_seq_scan", json!("2026-01-01T11:00:00Z")), "found");
    assert_eq!(scanned(|document| document["pg_class"][0]["reltuples"] = json!(9999)), "passed");
    assert_eq!(scanned(|document| document["pg_class"][0]["size_bytes"] = json!(8_000_000)), "passed");
    assert_eq!(
        scanned(|document| document["pg_stat_user_indexes"][0]["idx_tup_read"] = json!(4_500_000_000_i64)),
        "passed"
    );
    let undated = scanned(|document| {
        document["pg_stat_database"][0]["stats_reset"] = json!(null);
        document["system"][0]["start_time"] = json!(null);
    });
    assert_eq!(undated, "since when sequential scans were counted is unknown");
}

#[test]
fn a_table_whose_queries_are_named_is_not_reported_twice() {
    let document = |query: &str| {
        unscanned(|document| {
            document["system"][0]["block_size"] = json!(8192);
            document["pg_stat_database"][0]["stats_reset"] = json!("2026-01-01T00:00:00Z");
            document["pg_class"][0] = json!({ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": 500_000,
                                              "relpages": 5000, "size_bytes": 40_960_000, "size_source": "pg_relation_size" });
            document["pg_stat_user_tables"][0] =
                json!({ "relid": 1, "seq_scan": 9000, "seq_tup_read": 4_500_000_000_i64 });
            document["pg_stat_statements"] = json!([{ "queryid": "1", "query": query, "calls": 9000, "rows": 9000,
                "total_exec_time": 50000.0, "shared_blks_hit": 45_000_000, "shared_blks_read": 0 }]);
        })
    };
    let of = |query: &str| ["PGD711", "PGD606"].map(|code| word(&analyzed(&document(query), &[]), code));
    assert_eq!(of("select * from t where note = $1"), ["found", "passed"]);
    assert_eq!(of("select count(*) from t where note = $1"), ["passed", "found"]);
}
