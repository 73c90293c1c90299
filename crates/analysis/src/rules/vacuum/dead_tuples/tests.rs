//! Which tables are found, and what is said of them.

use serde_json::{Value, json};

use crate::engine::find;
use crate::facts::Beside;
use crate::rules::vacuum::dead_tuples::RULE;
use crate::{Confidence, Facts, Finding, NotAssessed, Severity, example};

/// What the rule finds among tables with these storage parameters and so many dead rows.
fn found(tables: &[(&str, i64)], change: impl FnOnce(&mut Value)) -> Result<Option<Finding>, NotAssessed> {
    let numbered = || (1..).zip(tables);
    let class = |(oid, (option, _)): (i64, &(&str, i64))| {
        let options: Vec<&str> = option.split_whitespace().collect();
        json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r", "relpages": 100,
                "reltuples": 1000, "reloptions": options, "size_bytes": 819_200, "size_source": "pg_relation_size" })
    };
    let stat = |(oid, (_, dead)): (i64, &(&str, i64))| {
        json!({ "relid": oid, "n_tup_ins": 1000, "n_live_tup": 1000, "n_dead_tup": dead,
                "last_autovacuum": "2025-12-31T12:00:00Z",
                "last_analyze": "2025-12-31T12:00:00Z", "n_mod_since_analyze": 0 })
    };
    let mut document = json!({
        "system": [{ "is_in_recovery": false, "block_size": 8192, "start_time": "2025-12-01T00:00:00Z" }],
        "pg_settings": [
            { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" },
            { "name": "autovacuum_vacuum_threshold", "setting": "50" },
            { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
            { "name": "autovacuum_naptime", "setting": "60", "unit": "s" },
        ],
        "pg_class": numbered().map(class).collect::<Vec<_>>(),
        "pg_stat_user_tables": numbered().map(stat).collect::<Vec<_>>(),
        "pg_stat_progress_vacuum": [],
    });
    change(&mut document);
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    find(&RULE, &Facts::of(&snapshot), Beside::default())
}

#[test]
fn where_dead_rows_are_not_counted_nothing_has_passed() {
    let outcome = |dead: i64, change: &dyn Fn(&mut Value)| {
        found(&[("", dead)], |document| change(document)).map(|found| found.is_some()).map_err(|missing| missing.reason)
    };
    let reset_with = |member: &'static str, value: Value| {
        move |document: &mut Value| {
            let reset = "2026-01-01T11:55:00Z";
            document["pg_stat_database"] = json!([{ "datid": 1, "datname": "shop", "stats_reset": reset }]);
            document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(0);
            document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
            document["pg_stat_user_tables"][0]["last_analyze"] = json!(null);
            document["pg_stat_user_tables"][0][member] = value.clone();
        }
    };
    let reset = reset_with("n_tup_upd", json!(0));
    let crash = |document: &mut Value| {
        document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(0);
        document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
        document["pg_stat_user_tables"][0]["last_analyze"] = json!(null);
    };
    let standby = |document: &mut Value| document["system"][0]["is_in_recovery"] = json!(true);
    let off = |document: &mut Value| document["pg_settings"][1]["setting"] = json!("off");
    let reason = |why: &str| Err(format!("the counters of s.t1 {why}, so its dead rows from before are unknown"));
    assert_eq!(outcome(0, &|_: &mut Value| ()), Ok(false));
    assert_eq!(outcome(0, &reset), reason("were reset 5 min ago"));
    let lost = "might not cover all rows in its file, as after a crash, a failover or a restore";
    assert_eq!(outcome(0, &crash), reason(lost));
    assert_eq!(outcome(100_000, &reset), Ok(true));
    // VACUUM has counted since, or all rows are counted.
    assert_eq!(outcome(0, &reset_with("last_autovacuum", json!("2026-01-01T11:56:00Z"))), Ok(false));
    assert_eq!(outcome(0, &reset_with("n_tup_ins", json!(22_000))), Ok(false));
    assert_eq!(outcome(0, &standby), Err("a standby does not count dead rows; check the primary".to_owned()));
    assert_eq!(outcome(0, &off), Err("track_counts is off, so dead rows are not counted".to_owned()));
}

#[test]
fn a_multiple_is_rounded_down_and_a_threshold_is_at_least_one_row() {
    let figures = |option: &str, dead: i64| {
        let finding = found(&[(option, dead)], |document| {
            document["pg_class"][0]["reltuples"] = json!(0);
            document["pg_stat_user_tables"][0]["n_live_tup"] = json!(60_000);
        });
        let finding = finding.unwrap().unwrap();
        let figure = |key: &str| {
            let figure = finding.subjects[0].figures.iter().find(|figure| figure.key == key).unwrap();
            (figure.value.clone(), figure.limit.clone())
        };
        (finding.severity, figure("times_threshold").0, figure("dead_rows").1)
    };
    let number = |value: f64| crate::Quantity::Number(value);
    let (severity, times, _) = figures("autovacuum_vacuum_threshold=10000", 49_999);
    assert_eq!((severity, times), (Severity::Notice, number(4.9)));
    let (severity, times, _) = figures("autovacuum_vacuum_threshold=10000", 50_000);
    assert_eq!((severity, times), (Severity::Warning, number(5.0)));
    let (severity, times, threshold) = figures("autovacuum_vacuum_threshold=0", 50_000);
    assert_eq!((severity, times, threshold), (Severity::Warning, number(50_000.0), Some(0.into())));
}

#[test]
fn a_running_vacuum_is_waited_for() {
    let running = |relid: Value| {
        move |document: &mut Value| {
            document["pg_stat_progress_vacuum"] = json!([{ "pid": 1, "datid": 5, "relid": relid }]);
        }
    };
    let finding = found(&[("", 100_000)], running(json!(1))).unwrap().unwrap();
    assert_eq!((finding.severity, finding.confidence), (Severity::Notice, Confidence::Medium));
    assert_eq!(finding.summary, "Wait for the running VACUUM of s.t1: 100\u{202f}000 dead rows");
    assert!(finding.rationale.contains("VACUUM is running on it."), "{}", finding.rationale);
    assert!(!finding.rationale.contains("cannot keep up") && !finding.remedy.text.contains("Run VACUUM"));
    assert_eq!(finding.statements(), None);
    // A role without pg_read_all_stats sees that it is running, but not where.
    for (relid, confidence) in [(json!(2), Confidence::High), (json!(null), Confidence::Medium)] {
        let finding = found(&[("", 100_000)], running(relid.clone())).unwrap().unwrap();
        assert_eq!((finding.severity, finding.confidence), (Severity::Warning, confidence), "{relid}");
    }
    let finding = found(&[("", 100_000), ("", 90_000)], running(json!(1))).unwrap().unwrap();
    assert!(finding.rationale.contains("VACUUM is running on 1 of them."), "{}", finding.rationale);
    assert_eq!(finding.statements().as_deref(), Some("VACUUM (VERBOSE, ANALYZE) s.t2;"));
}

#[test]
fn the_cause_is_where_autovacuum_is_disabled() {
    let texts = |tables: &[(&str, i64)], server: [&str; 2]| {
        let finding = found(tables, |document| {
            document["pg_settings"][0]["setting"] = json!(server[0]);
            document["pg_settings"][1]["setting"] = json!(server[1]);
        });
        let finding = finding.unwrap().unwrap();
        (format!("{} {}", finding.rationale, finding.remedy.text), finding.statements().unwrap())
    };
    const DISABLED: &str = "autovacuum_enabled=off";
    for server in [["off", "on"], ["on", "off"]] {
        let (text, statements) = texts(&[("", 100_000), ("autovacuum_enabled=true", 90_000)], server);
        assert!(text.contains("Autovacuum is disabled for the whole server."), "{text}");
        assert!(!text.contains("cannot keep up") && !text.contains("storage parameter"), "{text}");
        assert!(!statements.contains("RESET"), "{statements}");
    }
    let (text, statements) = texts(&[("", 100_000), (DISABLED, 90_000)], ["on", "on"]);
    assert!(text.contains("disables autovacuum for 1 of them."), "{text}");
    assert!(text.contains("cannot keep up with 1 of them."), "{text}");
    assert!(statements.contains("ALTER TABLE s.t2 RESET (autovacuum_enabled);"), "{statements}");
    assert!(!statements.contains("ALTER TABLE s.t1"), "{statements}");
    let (text, statements) = texts(&[(DISABLED, 100_000)], ["off", "on"]);
    assert!(text.contains("whole server") && text.contains("disables autovacuum for it."), "{text}");
    assert!(statements.ends_with("RESET (autovacuum_enabled);"), "{statements}");
}

#[test]
fn what_keeps_the_rows_is_named_and_ended_first() {
    let finding = |kind: &str, row: Value| {
        found(&[("", 100_000)], |document| {
            document["pg_stat_user_tables"][0]["last_vacuum"] = json!("2026-01-01T11:59:50Z");
            for section in ["pg_stat_activity", "pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication"] {
                document[section] = if section == kind { json!([row]) } else { json!([]) };
            }
        })
    };
    let texts = |kind: &str, row: Value| {
        let finding = finding(kind, row).unwrap().unwrap();
        let script = finding.remedy.script.map(|script| script.text);
        (format!("{} {}", finding.rationale, finding.remedy.text), script)
    };
    let session = json!({ "pid": 7, "backend_type": "client backend", "state": "idle in transaction",
                          "backend_xid_age": 9, "xact_start": "2026-01-01T11:00:00Z",
                          "backend_start": "2026-01-01T10:00:00Z" });
    let (text, script) = texts("pg_stat_activity", session);
    assert!(text.contains("First end what needs the rows: session 7 (idle in transaction)."), "{text}");
    assert!(!text.contains("cannot keep up"), "{text}");
    let only_this = "FROM pg_stat_activity WHERE pid = 7 AND backend_start = '2026-01-01T10:00:00Z';";
    assert_eq!(script, Some(format!("SELECT pg_terminate_backend(pid) {only_this}")));
    let slot = json!({ "slot_name": "gone's", "active": false, "xmin_age": 9 });
    let (text, script) = texts("pg_replication_slots", slot);
    assert!(text.contains("replication slot gone's (inactive)"), "{text}");
    // Since when it is inactive is unknown.
    let script = script.unwrap();
    assert!(script.ends_with("\nSELECT pg_drop_replication_slot('gone''s');"), "{script}");
    let prepared = json!({ "transactionid": "42", "transaction_age": 9, "prepared": "2026-01-01T11:00:00Z" });
    let script = texts("pg_prepared_xacts", prepared).1.unwrap();
    assert!(script.starts_with("SELECT gid, owner, database, prepared, ") && !script.contains("\\gexec"), "{script}");
    assert!(script.contains("COMMIT PREPARED %L") && script.contains("ROLLBACK PREPARED %L"), "{script}");
    let recent = json!({ "transactionid": "42", "transaction_age": 9, "prepared": "2026-01-01T11:59:45Z" });
    assert!(finding("pg_prepared_xacts", recent).unwrap().is_none());
    let standby = json!({ "pid": 8, "state": "streaming", "backend_xmin_age": 9 });
    assert_eq!(texts("pg_stat_replication", standby).1, None);
    // It began after VACUUM, which has removed everything: the rows are new.
    let later = json!({ "pid": 7, "backend_type": "client backend", "backend_xid_age": 9,
                        "xact_start": "2026-01-01T11:59:55Z" });
    assert!(finding("pg_stat_activity", later).unwrap().is_none());
}

#[test]
fn a_queue_is_left_alone_only_if_nothing_can_hold_its_rows() {
    let outcome = |hidden: bool, vacuumed: &str| {
        let finding = found(&[("", 100_000)], |document| {
            document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(vacuumed);
            for section in ["pg_stat_activity", "pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication"] {
                document[section] = json!([]);
            }
            if hidden {
                document["pg_stat_activity"] = json!({ "available": true, "columns": ["pid"], "rows": [], "limited": "no" });
            }
        });
        finding.unwrap().is_some()
    };
    assert!(!outcome(false, "2026-01-01T11:58:00Z"));
    assert!(outcome(true, "2026-01-01T11:58:00Z"), "a session that is hidden might hold them");
    assert!(outcome(false, "2026-01-01T11:56:00Z"), "autovacuum did not come back in three minutes");
}

#[test]
fn it_is_a_warning_only_if_autovacuum_has_had_the_time() {
    let finding = |counters: Value| {
        let finding = found(&[("", 100_000)], |document| {
            document["pg_stat_user_tables"][0].as_object_mut().unwrap().extend(counters.as_object().unwrap().clone());
            for section in ["pg_stat_activity", "pg_prepared_xacts", "pg_replication_slots", "pg_stat_replication"] {
                document[section] = json!([]);
            }
        });
        finding.unwrap()
    };
    let severity = |counters: Value| finding(counters).map(|finding| finding.severity);
    // They died after the last ANALYZE, perhaps a second ago.
    let recent = finding(json!({ "n_mod_since_analyze": 100_000 })).unwrap();
    assert_eq!(recent.severity, Severity::Notice);
    assert!(recent.rationale.contains("does not show whether") && !recent.rationale.contains("cannot keep up"));
    // A manual VACUUM has just removed all others.
    assert_eq!(severity(json!({ "n_mod_since_analyze": 100_000, "last_vacuum": "2026-01-01T11:59:58Z" })), None);
    // ANALYZE has found them.
    let analyzed = |by: &str, at: &str| severity(json!({ "n_mod_since_analyze": 90_000, by: at }));
    assert_eq!(analyzed("last_analyze", "2026-01-01T11:59:00Z"), Some(Severity::Notice));
    assert_eq!(analyzed("last_analyze", "2026-01-01T11:57:00Z"), Some(Severity::Warning));
    assert_eq!(analyzed("last_autoanalyze", "2026-01-01T11:59:00Z"), Some(Severity::Warning));
}

#[test]
fn a_toast_table_is_vacuumed_and_configured_through_its_table() {
    let statements = |owner: &[&str], own: &[&str]| {
        let finding = found(&[("", 0), ("", 100_000)], |document| {
            let options = [owner, own];
            for (class, options) in document["pg_class"].as_array_mut().unwrap().iter_mut().zip(options) {
                class["reloptions"] = json!(options);
            }
            document["pg_class"][0]["reltoastrelid"] = json!(2);
            document["pg_class"][1]["relkind"] = json!("t");
            document["pg_class"][1]["nspname"] = json!("pg_toast");
        });
        let finding = finding.unwrap().unwrap();
        assert_eq!(finding.subjects[0].label, "pg_toast.t2");
        finding.statements().unwrap()
    };
    const VACUUM: &str = "VACUUM (VERBOSE, ANALYZE) s.t1;";
    assert_eq!(statements(&[], &[]), VACUUM);
    let enable = |parameter: &str| format!("{VACUUM}\nALTER TABLE s.t1 RESET ({parameter});");
    assert_eq!(statements(&["autovacuum_enabled=off"], &[]), enable("autovacuum_enabled"));
    assert_eq!(statements(&[], &["autovacuum_enabled=off"]), enable("toast.autovacuum_enabled"));
    assert_eq!(statements(&["autovacuum_enabled=off"], &["autovacuum_vacuum_threshold=60"]), VACUUM);
}

#[test]
fn a_table_of_nothing_but_dead_rows_is_a_warning() {
    let severity = |live: i64, dead: i64| {
        let finding = found(&[("", dead)], |document| {
            document["pg_class"][0]["reltuples"] = json!(100_000);
            document["pg_stat_user_tables"][0]["n_live_tup"] = json!(live);
        });
        finding.unwrap().unwrap().severity
    };
    assert_eq!([severity(60_000, 60_000), severity(0, 60_000)], [Severity::Notice, Severity::Warning]);
}

#[test]
fn a_new_or_a_rewritten_table_has_no_such_rows() {
    let is_found = |class: Value, stats: Value| {
        let finding = found(&[("", 49_750)], |document| {
            document["pg_class"][0].as_object_mut().unwrap().extend(class.as_object().unwrap().clone());
            document["pg_stats"] = stats;
            document["pg_stat_user_tables"][0]["last_autovacuum"] = json!(null);
            document["pg_stat_user_tables"][0]["last_analyze"] = json!(null);
        });
        // Where nothing is found, the counters do not prove that there is nothing.
        finding.is_ok_and(|found| found.is_some())
    };
    assert!(!is_found(json!({ "relpages": 0, "reltuples": -1 }), json!([])), "autovacuum has not visited it yet");
    let uncounted = json!({ "relpages": 0, "reltuples": -1, "reloptions": ["autovacuum_enabled=off"] });
    assert!(is_found(uncounted, json!([])), "autovacuum never visits it");
    // 1000 rows of 40 bytes leave room for 38 000 more in 1.5 MB, but not in 64 kB.
    let rewritten = |bytes: i64| json!({ "is_rewritten": true, "size_bytes": bytes, "reltuples": 1000, "relpages": bytes / 8192 });
    let width = || json!([{ "relid": 1, "attnum": 1, "avg_width": 12, "null_frac": 0.0 }]);
    assert!(!is_found(rewritten(65_536), width()));
    assert!(is_found(rewritten(1_600_000), width()));
    // Without statistics, the rows as of the rewrite tell how wide they are.
    assert!(!is_found(rewritten(1_600_000), json!([])));
    assert!(is_found(json!({ "is_rewritten": false, "size_bytes": 65_536, "reltuples": 1000, "relpages": 8 }), width()));
}
