use pgdba_snapshot::DiagSnapshot;
use serde_json::{Value, json};

use super::{Configuration, compare};
use crate::example;

fn snapshot(document: &Value) -> DiagSnapshot {
    example::snapshot(&document.to_string()).unwrap()
}

/// `work_mem` as the collector finds it: its own session sets it, so the server does not show the source.
fn work_mem(setting: &str) -> Value {
    json!({ "name": "work_mem", "setting": setting, "unit": "kB", "boot_val": "4096", "vartype": "integer",
            "context": "user", "source": null })
}

#[test]
fn what_the_session_hides_is_found_by_its_value() {
    let words = |setting: &str, files: Option<Value>, overrides: &Value| {
        let mut document = json!({
            "system": [{ "current_database": "shop", "current_user": "doctor" }], "pg_settings": [work_mem(setting)], "pg_db_role_setting": overrides,
        });
        if let Some(files) = files {
            document["pg_file_settings"] = files;
        }
        let configuration = Configuration::of(&snapshot(&document));
        configuration.parameters.into_iter().next().unwrap().origin.words
    };
    let line = json!([{ "seqno": 1, "name": "work_mem", "setting": "64MB", "applied": true, "sourcefile": "/etc/a.conf",
                        "sourceline": 7 }]);
    let shop = json!([{ "datname": "shop", "rolname": null, "name": "work_mem", "setting": "32MB" }]);
    let other = json!([{ "datname": "other", "rolname": null, "name": "work_mem", "setting": "32MB" }]);
    let whose = |role: &str| json!([{ "datname": null, "rolname": role, "name": "work_mem", "setting": "32MB" }]);
    let taken_on = json!([{ "datname": null, "rolname": "doctor", "name": "work_mem", "setting": "32MB" },
                          { "datname": null, "rolname": "ann", "name": "role", "setting": "doctor" }]);
    let both = json!([{ "datname": null, "rolname": "doctor", "name": "work_mem", "setting": "64MB" },
                      { "datname": "shop", "rolname": null, "name": "work_mem", "setting": "32MB" }]);
    let none = json!([]);
    assert_eq!(words("32768", None, &whose("plain")), "unknown", "another role's");
    assert_eq!(words("32768", None, &whose("doctor")), "ALTER ROLE (collecting role)");
    assert_eq!(words("32768", None, &taken_on), "unknown", "maybe ann's session");
    assert_eq!(words("65536", Some(line.clone()), &both), "ALTER ROLE (collecting role)", "the role's wins");
    assert_eq!(words("32768", None, &both), "unknown", "the role has another");
    assert_eq!(words("65536", Some(line.clone()), &none), "/etc/a.conf:7");
    assert_eq!(words("65536", Some(line.clone()), &shop), "/etc/a.conf:7");
    assert_eq!(words("32768", Some(line.clone()), &shop), "ALTER DATABASE shop");
    assert_eq!(words("32768", None, &shop), "ALTER DATABASE shop");
    assert_eq!(words("32768", None, &other), "unknown");
    assert_eq!(words("8192", Some(line), &none), "unknown", "from the command line, maybe");
    assert_eq!(words("4096", Some(none.clone()), &none), "default");
    assert_eq!(words("4096", None, &none), "unknown");
}

#[test]
fn a_role_may_set_what_the_server_does_not_show() {
    let document = json!({
        "pg_settings": [], "pg_db_role_setting": [
            { "datname": null, "rolname": "ann", "name": "Session_Preload_Libraries", "setting": "x" },
            { "datname": "shop", "rolname": null, "name": "session_preload_libraries", "setting": "y" }
        ],
    });
    let configuration = Configuration::of(&snapshot(&document));
    let [parameter] = configuration.parameters.as_slice() else { panic!("{:?}", configuration.parameters) };
    assert_eq!((&parameter.value, parameter.overrides.len()), (&None, 2));
    assert!(parameter.is_notable() && !parameter.has_unknown_origin());
}

#[test]
fn configurations_differ_by_meaning() {
    let one = |delay: (&str, &str), command: &str, role: &str, more: &str| {
        snapshot(&json!({
            "pg_settings": [
                work_mem("65536"),
                // Another version has another unit.
                { "name": "delay", "setting": delay.0, "unit": delay.1, "vartype": "integer", "source": "default" },
                { "name": "archive_command", "setting": command, "vartype": "string", "source": "configuration file" },
                { "name": "application_name", "setting": command, "vartype": "string", "source": "client" },
                { "name": more, "setting": "1", "boot_val": "0", "vartype": "integer", "source": "configuration file" },
            ],
            "pg_db_role_setting": [
                { "datname": "shop", "rolname": null, "name": "work_mem", "setting": role },
                { "datname": null, "rolname": "ann", "name": "my.secret", "setting": "***" },
            ],
        }))
    };
    let (first, second) = (one(("2", "s"), "cp ***", "1GB", "old"), one(("2000", "ms"), "cp ***", "1024MB", "new"));
    let found = compare(&first, &second);
    assert_eq!((found.differences.len(), found.overrides.len(), found.equal), (0, 0, 2), "{found:?}");
    assert_eq!(found.masked, ["my.secret", "archive_command"]);
    let sides: Vec<(&str, bool)> =
        found.one_sided.iter().map(|one| (one.parameter.as_str(), one.first.is_some())).collect();
    assert_eq!(sides, [("new", false), ("old", true)]);

    let found = compare(&first, &one(("3000", "ms"), "rsync ***", "2GB", "old"));
    let names: Vec<&str> = found.differences.iter().map(|one| one.parameter.as_str()).collect();
    assert_eq!(names, ["archive_command", "delay"]);
    assert_eq!((found.overrides.len(), found.masked.as_slice()), (1, ["my.secret".to_owned()].as_slice()));
    assert!(compare(&first, &first).is_equal());
}
