use serde_json::{Value, json};

use crate::finding::{Effort, Remedy};
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
        assert_eq!((&remedy.sql, &remedy.undo, remedy.effort), (&None, &None, Effort::Restart), "{name}");
        assert!(remedy.text.starts_with(&format!("Set {name} to on where the server is started")), "{}", remedy.text);
        assert!(remedy.text.contains("which wins over ALTER SYSTEM"), "{}", remedy.text);
        assert!(!remedy.text.contains("reload"), "{}", remedy.text);
        assert!(remedy.impact.unwrap().contains("A restart ends every session."));
        let undo = "Put the former value, off, back on the command line and restart the server.";
        assert_eq!(remedy.undo_text.as_deref(), Some(undo));
    }
}

#[test]
fn what_a_database_or_role_sets_is_not_given_to_alter_system() {
    for (source, statement) in [("database", "ALTER DATABASE"), ("user", "ALTER ROLE"), ("global", "ALTER ROLE ALL")] {
        let remedy = remedy(&off("track_counts", source, None), None);
        assert_eq!((&remedy.sql, &remedy.undo, remedy.effort), (&None, &None, Effort::Online), "{source}");
        assert!(remedy.text.contains(&format!("with {statement}, which set it")), "{}", remedy.text);
    }
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
        // Not told which file it is: this gives the former value whichever it was.
        (file, None, None, SET),
        (file, Some("path_1"), line("path_1"), SET),
        ("default", None, Some(json!([])), RESET),
        ("default", None, None, RESET),
    ] {
        let remedy = remedy(&off("fsync", source, sourcefile), files);
        assert_eq!(remedy.undo.as_deref(), Some(undo), "{source} {sourcefile:?}");
        assert_eq!(remedy.sql.as_deref(), Some("ALTER SYSTEM SET fsync = 'on';\nSELECT pg_reload_conf();"));
        assert!(remedy.text.starts_with("Set fsync to on and reload; running sessions go on. "), "{}", remedy.text);
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
        "pg_stat_bgwriter": [{}],
        "pg_stat_checkpointer": [{ "num_timed": 10, "num_requested": 90, "stats_reset": "2026-01-01T00:00:00Z" }],
    });
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    let finding = analysis.findings.into_iter().find(|finding| finding.code == "PGD301").unwrap();
    assert_eq!(
        finding.remedy.undo.as_deref(),
        Some("ALTER SYSTEM SET max_wal_size = '1GB';\nSELECT pg_reload_conf();")
    );
}
