use serde_json::{Value, json};

use crate::engine::proposal::Route;
use crate::format::block::Code;
use crate::format::{Effort, Remedy};
use crate::{Options, analyze, example};

/// The remedy for this parameter, which a rule finds fault with, beside the lines of the configuration files.
fn remedy(setting: &Value, files: Option<Value>) -> Remedy {
    let mut document = json!({ "pg_settings": [{ "name": "autovacuum", "setting": "on" }, setting] });
    if setting["name"] == "autovacuum" {
        document["pg_settings"] = json!([setting]);
    }
    if let Some(files) = files {
        document["pg_file_settings"] = files;
    }
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let [finding] = <[_; 1]>::try_from(analysis.findings).unwrap();
    finding.remedy
}

/// A parameter that is off, set by `source`, in a file of this name.
fn off(name: &str, source: &str, file: Option<&str>) -> Value {
    json!({ "name": name, "setting": "off", "boot_val": "on", "vartype": "bool", "context": "sighup", "source": source,
            "sourcefile": file })
}

#[test]
fn what_the_command_line_sets_is_not_given_to_alter_system() {
    for name in ["fsync", "full_page_writes", "autovacuum", "track_counts"] {
        let remedy = remedy(&off(name, "command line", None), None);
        assert_eq!((&remedy.script, &remedy.undo, remedy.effort), (&None, &None, Effort::Restart), "{name}");
        assert!(remedy.text.starts_with(&format!("Set {name} to on where the server is started")), "{}", remedy.text);
        assert!(remedy.text.contains("and overrides ALTER SYSTEM"), "{}", remedy.text);
        assert!(!remedy.text.contains("reload"), "{}", remedy.text);
        assert!(remedy.impact.unwrap().contains("A restart terminates all sessions."));
        let undo = "Restore the former value (off) on the command line and restart the server.";
        assert_eq!(remedy.undo_text.as_deref(), Some(undo));
    }
}

#[test]
fn what_all_roles_have_is_not_given_to_alter_system() {
    let remedy = remedy(&off("fsync", "global", None), None);
    assert_eq!((&remedy.script, &remedy.undo, remedy.effort), (&None, &None, Effort::Online));
    assert!(remedy.text.contains("with ALTER ROLE ALL, which currently sets it"), "{}", remedy.text);
}

#[test]
fn what_the_collecting_role_sets_for_itself_does_not_decide_how_the_server_is_changed() {
    let line = json!({ "seqno": 1, "name": "synchronous_commit", "setting": "off", "sourcefile": "/data/postgresql.auto.conf",
                       "applied": true });
    let document = json!({
        "pg_settings": [{ "name": "synchronous_commit", "setting": "local", "boot_val": "on", "vartype": "enum",
                          "enumvals": ["local", "on", "off"], "context": "user", "source": "user" }],
        "pg_file_settings": [line], "pg_db_role_setting": [],
    });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let remedy = &analysis.findings.iter().find(|finding| finding.code == "PGD107").unwrap().remedy;
    let set = |value: &str| {
        Some(Code::sql(format!("ALTER SYSTEM SET synchronous_commit = '{value}';\nSELECT pg_reload_conf();")))
    };
    assert_eq!((&remedy.script, &remedy.undo), (&set("on"), &set("off")));
    let recommended =
        analysis.recommendations.iter().find(|recommended| recommended.parameter == "synchronous_commit").unwrap();
    assert_eq!((recommended.current.as_deref(), &recommended.route), (Some("off"), &Route::AlterSystem));
}

#[test]
fn what_alter_role_all_sets_is_set_and_restored_there() {
    // The collecting session has a value of its own, so that the source does not show what set it.
    let document = json!({ "pg_settings": [{ "name": "synchronous_commit", "setting": "off" }],
                           "pg_db_role_setting": [{ "name": "synchronous_commit", "setting": "off" }] });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let remedy = analysis.findings.into_iter().find(|finding| finding.code == "PGD107").unwrap().remedy;
    assert_eq!(remedy.script, Some(Code::sql("ALTER ROLE ALL SET synchronous_commit = 'on';")));
    assert_eq!(remedy.undo, Some(Code::sql("ALTER ROLE ALL SET synchronous_commit = 'off';")));
}

#[test]
fn a_value_that_alter_system_had_set_comes_back_with_alter_system() {
    const SET: &str = "ALTER SYSTEM SET fsync = 'off';\nSELECT pg_reload_conf();";
    const RESET: &str = "ALTER SYSTEM RESET fsync;\nSELECT pg_reload_conf();";
    let (auto, main) = ("/data/postgresql.auto.conf", "/etc/postgresql.conf");
    let line = |file: &str| {
        Some(json!([{ "seqno": 1, "name": "fsync", "setting": "off", "sourcefile": file, "applied": true }]))
    };
    let file = "configuration file";
    for (source, sourcefile, files, undo) in [
        (file, Some(auto), None, SET),
        (file, None, line(auto), SET),
        (file, Some(main), None, RESET),
        (file, Some(main), line(main), RESET),
        // The file is unknown: the former value is restored in any case.
        (file, None, None, SET),
        // A redacted snapshot keeps the file's name.
        (file, Some("path1/postgresql.auto.conf"), line("path1/postgresql.auto.conf"), SET),
        (file, Some("path1"), None, RESET),
        ("default", None, Some(json!([])), RESET),
        ("default", None, None, RESET),
    ] {
        let remedy = remedy(&off("fsync", source, sourcefile), files);
        assert_eq!(remedy.undo, Some(Code::sql(undo)), "{source} {sourcefile:?}");
        assert_eq!(remedy.script, Some(Code::sql("ALTER SYSTEM SET fsync = 'on';\nSELECT pg_reload_conf();")));
        assert!(remedy.text.starts_with("Set fsync to on and reload the configuration; running"), "{}", remedy.text);
        assert_eq!(remedy.undo_text, None);
    }
}

#[test]
fn the_former_value_is_written_as_it_stood_in_the_file() {
    let size = json!({ "name": "max_wal_size", "setting": "1024", "unit": "MB", "vartype": "integer", "min_val": "2",
                       "max_val": "2147483647", "context": "sighup", "source": "configuration file" });
    let files =
        json!([{ "seqno": 1, "name": "max_wal_size", "setting": "1GB", "sourcefile": "/d/postgresql.auto.conf" }]);
    let document = json!({
        "pg_settings": [size], "pg_file_settings": files,
        "pg_stat_bgwriter": [{}], "pg_wal_position": [{ "insert_lsn": "FFFF/0" }],
        "pg_stat_checkpointer": [{ "num_timed": 10, "num_requested": 90, "stats_reset": "2026-01-01T00:00:00Z" }],
    });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let finding = analysis.findings.into_iter().find(|finding| finding.code == "PGD301").unwrap();
    assert_eq!(
        finding.remedy.undo,
        Some(Code::sql("ALTER SYSTEM SET max_wal_size = '1GB';\nSELECT pg_reload_conf();"))
    );
    // One style of sizes for people, PostgreSQL's for statements.
    assert!(finding.remedy.text.starts_with("Set max_wal_size to 2 GB and reload"), "{}", finding.remedy.text);
    let script = finding.remedy.script.unwrap().text;
    assert!(script.contains("max_wal_size = '2GB'"), "{script}");
}

#[test]
fn a_managed_service_gets_neither_alter_system_nor_a_change_set() {
    let document = json!({
        "system": [{ "hosting": "Amazon RDS" }],
        "pg_settings": [{ "name": "fsync", "setting": "off", "vartype": "bool", "context": "sighup", "source": "default" }],
    });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let remedy = &analysis.findings.first().unwrap().remedy;
    assert_eq!((&remedy.script, &remedy.undo), (&None, &None));
    assert!(
        remedy.text.starts_with("Set fsync to on in the parameter group or the console of Amazon RDS"),
        "{}",
        remedy.text
    );
    assert!(crate::Changes::of(&analysis).is_empty());
}

#[test]
fn where_patroni_manages_the_configuration_it_is_edited_there() {
    let by_patroni = ["hot_standby", "wal_log_hints", "max_worker_processes", "track_commit_timestamp"];
    let mut settings: Vec<Value> =
        by_patroni.iter().map(|name| json!({ "name": name, "setting": "on", "source": "command line" })).collect();
    settings.push(off("fsync", "configuration file", Some("/data/postgresql.conf")));
    let analysis =
        analyze(&example::snapshot(&json!({ "pg_settings": settings }).to_string()).unwrap(), &Options::default());
    let remedy = &analysis.findings.first().unwrap().remedy;
    assert_eq!(remedy.script, Some(Code::shell("patronictl edit-config --pg fsync=on")));
    assert_eq!(remedy.undo, Some(Code::shell("patronictl edit-config --pg fsync=off")));
    assert_eq!(crate::Changes::of(&analysis).count(), 1);
}

/// The remedy for `fsync` on a Patroni member where ALTER SYSTEM set it, beside a line in Patroni's file.
fn remedy_of_member(below: Option<&str>) -> Remedy {
    let by_patroni = ["hot_standby", "wal_log_hints", "max_worker_processes", "track_commit_timestamp"];
    let mut settings: Vec<Value> =
        by_patroni.iter().map(|name| json!({ "name": name, "setting": "on", "source": "command line" })).collect();
    settings.push(off("fsync", "configuration file", Some("/data/postgresql.auto.conf")));
    let line = |seqno: i64, value: &str, file: &str, applied: bool| json!({ "seqno": seqno, "name": "fsync", "setting": value, "sourcefile": file, "applied": applied });
    let below = below.map(|value| line(1, value, "/data/postgresql.conf", false));
    let files: Vec<Value> = below.into_iter().chain([line(2, "off", "/data/postgresql.auto.conf", true)]).collect();
    let document = json!({ "pg_settings": settings, "pg_file_settings": files });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    analysis.findings.into_iter().next().unwrap().remedy
}

#[test]
fn what_alter_system_set_on_a_patroni_member_is_reset_there() {
    for (below, is_edited) in [(Some("on"), false), (None, false), (Some("off"), true)] {
        let remedy = remedy_of_member(below);
        assert_eq!(remedy.script, Some(Code::sql("ALTER SYSTEM RESET fsync;\nSELECT pg_reload_conf();")), "{below:?}");
        let undo = "ALTER SYSTEM SET fsync = 'off';\nSELECT pg_reload_conf();";
        assert_eq!(remedy.undo, Some(Code::sql(undo)));
        assert_eq!(remedy.text.contains("patronictl edit-config --pg fsync=on"), is_edited, "{}", remedy.text);
    }
}

#[test]
fn a_patroni_member_that_only_needs_a_reload_is_told_so() {
    let by_patroni = ["hot_standby", "wal_log_hints", "max_worker_processes", "track_commit_timestamp"];
    let mut settings: Vec<Value> =
        by_patroni.iter().map(|name| json!({ "name": name, "setting": "on", "source": "command line" })).collect();
    settings.push(off("autovacuum", "configuration file", Some("/data/postgresql.auto.conf")));
    let files = json!([{ "seqno": 1, "name": "autovacuum", "setting": "on", "sourcefile": "/data/postgresql.auto.conf",
                         "applied": true }]);
    let document = json!({ "pg_settings": settings, "pg_file_settings": files });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let remedy = analysis.findings.into_iter().find(|finding| finding.code == "PGD501").map(|found| found.remedy);
    assert_eq!(remedy.map(|remedy| remedy.script), Some(Some(Code::sql("SELECT pg_reload_conf();"))));
}

#[test]
fn a_restart_or_a_reload_waits_for_lines_that_prevent_it() {
    let line = |name: &str, applied: bool, error: Option<&str>| json!({ "seqno": 1, "name": name, "setting": "x", "applied": applied, "error": error });
    let invalid = line("work_mem", false, Some("setting could not be applied"));
    let unknown = line("nosuch", false, Some("unrecognized configuration parameter"));
    for (source, files, expected) in [
        ("command line", json!([line("a", true, None), invalid]), Some("the server would not start with them")),
        ("default", json!([line("a", true, None), invalid]), None),
        ("default", json!([line("a", false, None), unknown]), Some("until then a reload changes nothing")),
        ("command line", json!([line("a", true, None)]), None),
    ] {
        let document = json!({ "pg_settings": [off("fsync", source, None)], "pg_file_settings": files });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let text = &analysis.findings.iter().find(|finding| finding.code == "PGD101").unwrap().remedy.text;
        assert_eq!(text.starts_with("First correct"), expected.is_some(), "{text}");
        assert!(text.contains(expected.unwrap_or_default()), "{text}");
    }
}

#[test]
fn what_writes_is_run_on_the_primary() {
    for (is_standby, expected) in [(true, "Run this on the primary. "), (false, "Save the output")] {
        let document = json!({
            "system": [{ "is_in_recovery": is_standby }],
            "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" },
                         { "oid": 2, "nspname": "public", "relname": "i", "relkind": "i", "amname": "btree" },
                         { "oid": 3, "nspname": "public", "relname": "j", "relkind": "i", "amname": "btree" }],
            "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indkey": [1], "indclass": [1978], "indisvalid": true },
                         { "indexrelid": 3, "indrelid": 1, "indkey": [1], "indclass": [1978], "indisvalid": true }],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let text = &analysis.findings.first().unwrap().remedy.text;
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn what_waits_for_a_reload_is_reloaded() {
    let line = |value: &str| {
        Some(json!([{ "seqno": 1, "name": "fsync", "setting": value, "sourcefile": "/data/postgresql.auto.conf",
                      "applied": true }]))
    };
    let remedy = |file: Option<&str>, value: &str| remedy(&off("fsync", "configuration file", file), line(value));
    for file in [Some("/data/postgresql.auto.conf"), None] {
        let reload = remedy(file, "on");
        assert_eq!(reload.script, Some(Code::sql("SELECT pg_reload_conf();")));
        assert!(
            reload.text.starts_with("Reload the configuration: its files already set fsync to on."),
            "{}",
            reload.text
        );
    }
    assert!(remedy(None, "off").text.starts_with("Set fsync to on"));
}
