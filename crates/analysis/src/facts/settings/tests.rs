use pgdba_pg::Millis;
use serde_json::{Value, json};

use super::{Configured, Settings, Waiting};
use crate::{Facts, example};

/// The facts of one parameter and of the configuration files; none of them for "could not be looked at".
fn settings(parameter: &Value, files: Option<&Value>) -> &'static Configured {
    let mut document = json!({ "pg_settings": [parameter] });
    if let Some(files) = files {
        document["pg_file_settings"] = files.clone();
    }
    let snapshot = Box::leak(Box::new(example::snapshot(&document.to_string()).unwrap()));
    Box::leak(Box::new(Facts::of(snapshot))).configured().unwrap()
}

fn waiting(parameter: &Value, files: Option<&Value>) -> Waiting {
    let settings = settings(parameter, files);
    settings.waiting(settings.iter().next().unwrap())
}

/// A parameter that only a restart changes, marked or not.
fn connections(source: &str, marked: bool) -> Value {
    json!({ "name": "max_connections", "setting": "100", "boot_val": "100", "vartype": "integer", "context": "postmaster",
            "min_val": "1", "max_val": "262143", "source": source, "pending_restart": marked })
}

fn line(name: &str, setting: &str, applied: bool, error: Option<&str>) -> Value {
    json!({ "seqno": 2, "name": name, "setting": setting, "applied": applied, "error": error })
}

/// A line that is in order, so that the files are not blocked.
fn sound() -> Value {
    json!({ "seqno": 1, "name": "port", "setting": "5432", "applied": true })
}

const NOT_APPLIED: Option<&str> = Some("setting could not be applied");

#[test]
fn a_mark_for_a_restart_is_believed_where_the_files_bear_it_out() {
    let file = "configuration file";
    let restart = |value: &str| Waiting::Restart(Some(value.to_owned()));
    let higher = line("max_connections", "200", false, NOT_APPLIED);
    let wrong = line("max_connections", "many", false, NOT_APPLIED);
    let syntax = json!({ "seqno": 3, "applied": false, "error": "syntax error" });
    let overruled = json!({ "seqno": 1, "name": "max_connections", "setting": "300", "applied": false });
    for (what, parameter, files, expected) in [
        ("files not seen", connections("default", true), None, Waiting::Restart(None)),
        ("files not seen, no mark", connections("default", false), None, Waiting::Nothing),
        ("set", connections("default", true), Some(json!([sound(), higher])), restart("200")),
        (
            "set, the last line counts",
            connections(file, true),
            Some(json!([sound(), overruled, higher])),
            restart("200"),
        ),
        ("set, not reloaded", connections(file, false), Some(json!([sound(), higher])), restart("200")),
        ("taken back", connections("default", true), Some(json!([sound()])), Waiting::Forgotten),
        ("taken out of the file", connections(file, true), Some(json!([sound()])), restart("100")),
        ("wrong", connections("default", false), Some(json!([sound(), wrong])), Waiting::Nothing),
        ("command line", connections("command line", true), Some(json!([sound(), higher])), Waiting::Forgotten),
        ("command line, files not seen", connections("command line", true), None, Waiting::Forgotten),
        (
            "blocked",
            connections("default", true),
            Some(json!([line("port", "1", false, None), syntax])),
            Waiting::Restart(None),
        ),
        (
            "blocked, and the mark is left over",
            connections("default", true),
            Some(json!([line("max_connections", "100", false, None), syntax])),
            Waiting::Forgotten,
        ),
        (
            "blocked, and set",
            connections("default", true),
            Some(json!([line("max_connections", "200", false, None), syntax])),
            restart("200"),
        ),
    ] {
        assert_eq!(waiting(&parameter, files.as_ref()), expected, "{what}");
    }
}

#[test]
fn a_line_that_was_not_loaded_waits_for_a_reload() {
    let work_mem = |source: Value| {
        json!({ "name": "work_mem", "setting": "4096", "unit": "kB", "boot_val": "4096", "vartype": "integer",
                "context": "user", "source": source })
    };
    let files = |value: &str| json!([sound(), line("Work_Mem", value, true, None)]);
    let reload = Waiting::Reload("8MB".to_owned());
    assert_eq!(waiting(&work_mem(json!("default")), Some(&files("8MB"))), reload);
    assert_eq!(waiting(&work_mem(json!("configuration file")), Some(&files("8MB"))), reload);
    assert_eq!(waiting(&work_mem(json!("configuration file")), Some(&files("4MB"))), Waiting::Nothing);
    for source in [json!("database"), json!("command line"), Value::Null] {
        let settings = settings(&work_mem(source.clone()), Some(&files("8MB")));
        let setting = settings.get("work_mem").unwrap();
        assert_eq!(settings.waiting(setting), Waiting::Nothing, "{source}");
        let differing = settings.differing_line(setting).and_then(|line| line.setting.as_deref());
        assert_eq!(differing, Some("8MB"), "{source}");
    }
    let loaded = settings(&work_mem(json!("configuration file")), Some(&files("4096kB")));
    assert!(loaded.differing_line(loaded.get("work_mem").unwrap()).is_none());
}

#[test]
fn a_text_that_the_server_rewrites_is_no_difference() {
    let style = |value: &str| {
        let row = json!({ "name": "DateStyle", "setting": "ISO, MDY", "vartype": "string", "context": "user",
                          "source": "configuration file" });
        let settings = settings(&row, Some(&json!([line("datestyle", value, true, None)])));
        let setting = settings.get("DateStyle").unwrap();
        assert_eq!(settings.waiting(setting), Waiting::Nothing);
        settings.differing_line(setting).is_some()
    };
    assert!(!style("iso,mdy"));
    assert!(style("iso, dmy"));
}

#[test]
fn lines_that_are_wrong_are_not_those_that_wait_or_are_overruled() {
    let files = json!([
        sound(),
        line("max_connections", "200", false, None),
        line("max_connections", "200", false, NOT_APPLIED),
        line("max_connections", "0", false, NOT_APPLIED),
        line("nosuch", "", false, Some("unrecognized configuration parameter")),
    ]);
    let settings = settings(&connections("default", true), Some(&files));
    let wrong: Vec<Option<&str>> = settings.faulty_lines().iter().map(|line| line.setting.as_deref()).collect();
    assert_eq!(wrong, [Some("0"), Some("")]);
}

#[test]
fn a_list_with_another_blank_waits_for_nothing() {
    let libraries = json!({ "name": "shared_preload_libraries", "setting": "pg_stat_statements", "vartype": "string",
                            "context": "postmaster", "source": "configuration file", "pending_restart": true });
    let files = |text: &str| json!([sound(), line("shared_preload_libraries", text, false, NOT_APPLIED)]);
    assert_eq!(waiting(&libraries, Some(&files("pg_stat_statements "))), Waiting::Forgotten);
    let other = "pg_stat_statements,auto_explain";
    assert_eq!(waiting(&libraries, Some(&files(other))), Waiting::Restart(Some(other.to_owned())));
}

#[test]
fn the_server_does_not_start_with_most_invalid_lines() {
    let unrecognized = Some("unrecognized configuration parameter");
    let files = json!([
        sound(),
        line("max_connections", "200", false, NOT_APPLIED),
        line("max_connections", "5000000000", false, NOT_APPLIED),
        line("work_mem", "1", false, NOT_APPLIED),
        line("nosuch", "1", false, unrecognized),
        line("no.1", "1", false, unrecognized),
        { "seqno": 3, "applied": false, "error": "syntax error" },
        // The server that starts does not check these.
        line("Default_Tablespace", "nosuch", false, NOT_APPLIED),
        line("pg_stat_statements.max", "many", false, NOT_APPLIED),
    ]);
    let settings = settings(&connections("default", false), Some(&files));
    let fatal: Vec<&str> = settings.fatal_lines().iter().map(|line| line.name.as_deref().unwrap_or_default()).collect();
    assert_eq!(fatal, ["max_connections", "work_mem", "nosuch", "no.1", ""]);
}

#[test]
fn a_text_is_written_like_the_value_in_force() {
    let buffers = json!({ "name": "shared_buffers", "setting": "16384", "unit": "8kB", "vartype": "integer",
                          "min_val": "16", "max_val": "1073741823" });
    let settings = settings(&buffers, None);
    let setting = settings.get("shared_buffers").unwrap();
    let shown = ["48MB", "128 MB", "4096", "many", "many "].map(|text| settings.displayed_text(setting, text));
    assert_eq!(shown, ["48 MB", "128 MB", "32 MB", "many", "'many '"]);
}

#[test]
fn what_somebody_set_to_something_else_is_changed() {
    let row = |source: Value, setting: &str| {
        let row = json!({ "name": "work_mem", "setting": setting, "unit": "kB", "boot_val": "4096", "vartype": "integer",
                          "source": source });
        let settings = settings(&row, None);
        settings.is_changed(settings.get("work_mem").unwrap())
    };
    for source in ["configuration file", "command line", "environment variable", "database", "user", "global"] {
        assert!(row(json!(source), "8192"), "{source}");
        assert!(!row(json!(source), "4096"), "{source}, but the same");
    }
    for source in ["default", "override", "client", "session"] {
        assert!(!row(json!(source), "8192"), "{source}");
    }
    assert!(row(Value::Null, "8192"), "hidden by the collector's own session");
    let encoding = json!({ "name": "client_encoding", "setting": "UTF8", "boot_val": "SQL_ASCII", "source": null });
    let settings = settings(&encoding, None);
    assert!(!settings.is_changed(settings.get("client_encoding").unwrap()));
}

#[test]
fn what_alter_role_all_sets_is_the_value_of_all_sessions() {
    let all = json!([{ "name": "zero_damaged_pages", "setting": "true" }]);
    let database = json!([{ "datname": "shop", "name": "zero_damaged_pages", "setting": "true" }]);
    let off = json!([{ "seqno": 1, "name": "zero_damaged_pages", "setting": "off", "applied": true }]);
    for (source, overrides, files, expected) in [
        (json!("configuration file"), None, None, Some(("on", Some("configuration file")))),
        (json!("command line"), Some(&database), None, Some(("on", Some("command line")))),
        (Value::Null, None, None, Some(("on", None))),
        (json!("configuration file"), Some(&all), None, Some(("on", Some("ALTER ROLE ALL")))),
        (json!("global"), None, Some(&off), Some(("on", Some("ALTER ROLE ALL")))),
        // The collecting session has a value of its own.
        (json!("session"), Some(&all), None, Some(("on", Some("ALTER ROLE ALL")))),
        (json!("user"), None, None, None),
        (json!("database"), Some(&database), Some(&off), Some(("off", Some("configuration file")))),
        (json!("client"), None, Some(&json!([])), Some(("off", Some("default")))),
    ] {
        let setting = json!({ "name": "zero_damaged_pages", "setting": "on", "boot_val": "off", "vartype": "bool", "source": source });
        let mut document = json!({ "pg_settings": [setting] });
        for (section, rows) in [("pg_db_role_setting", overrides), ("pg_file_settings", files)] {
            if let Some(rows) = rows {
                document[section] = rows.clone();
            }
        }
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let row = facts.server_settings().unwrap().require("zero_damaged_pages").ok();
        let set_by = row.and_then(Settings::set_by);
        let value = row.and_then(|row| Some((row.setting.as_deref()?, set_by.as_deref())));
        assert_eq!(value, expected, "{document}");
    }
}

#[test]
fn a_value_for_all_sessions_is_shown_as_pg_settings_shows_it() {
    let setting = |name: &str, vartype: &str, unit: Option<&str>| json!({ "name": name, "setting": "1", "vartype": vartype, "unit": unit, "boot_val": "1000", "source": "user" });
    let document = json!({
        "pg_settings": [setting("deadlock_timeout", "integer", Some("ms")), setting("random_page_cost", "real", None),
                        setting("work_mem", "integer", Some("kB"))],
        "pg_file_settings": [{ "seqno": 1, "name": "deadlock_timeout", "setting": "2s", "applied": true },
                             { "seqno": 2, "name": "random_page_cost", "setting": "11e-1", "applied": true }],
    });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let settings = facts.server_settings().unwrap();
    assert_eq!(settings.millis("deadlock_timeout"), Some(Millis(2000.0)));
    assert_eq!(settings.float("random_page_cost"), Some(1.1));
    assert_eq!(settings.integer("work_mem"), Some(1000), "the built-in value");
}

#[test]
fn a_value_that_the_collecting_session_hides_is_unknown() {
    let document =
        json!({ "pg_settings": [{ "name": "deadlock_timeout", "setting": "1", "unit": "ms", "source": "user" }] });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let reason = facts.server_settings().unwrap().require("deadlock_timeout").unwrap_err().reason;
    assert!(reason.contains("has a value of its own"), "{reason}");
}
