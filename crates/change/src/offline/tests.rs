//! What is edited, and what is somebody else's, for files that a change and others can leave.

use serde_json::{Value, json};

use super::*;
use crate::machine::Why;

fn line(text: &str) -> Value {
    json!({"kind": "line", "text": text})
}

fn absent() -> Value {
    json!({"kind": "absent"})
}

/// A change of these parameters: name, value that was in force, former line, new value.
fn change_set(parameters: &[(&str, &str, Value, Option<&str>)]) -> ChangeSet {
    let change = |(name, old, former, new): &(&str, &str, Value, Option<&str>)| {
        json!({
            "name": name, "old_value": old, "new_value": new, "context": "user", "needs_restart": false,
            "permission": {"allowed": true, "reason": "", "min_role": ""}, "patroni_override": {"level": "not_managed"},
            "former": former, "outcome": "applies",
        })
    };
    serde_json::from_value(json!({
        "format": "pgdba.change_set", "format_version": 1, "id": "a", "fingerprint": "b", "server_version_num": 180_000,
        "author": {"user": null, "host": "h", "role": "r"}, "via": "alter_system",
        "parameters": parameters.iter().map(change).collect::<Vec<_>>(),
        "former_file": {"names": null, "lost": []}, "created_at": "2026-11-24T12:00:00Z",
        "dry_run_result": {"applies": 1, "waits_for_restart": 0, "unchanged": 0, "refused": 0, "warnings": []},
    }))
    .unwrap()
}

/// What a pre-snapshot says of the parameters.
fn kinds() -> Kinds {
    let kind = |name, vartype, unit| {
        let (min_val, max_val) = (Some("0"), Some("2147483647"));
        (String::from(name), Kind::of(&Declaration { name, vartype, unit, min_val, max_val, enumvals: &[], major: 18 }))
    };
    Kinds::from([
        kind("work_mem", "integer", Some("kB")),
        kind("jit", "bool", None),
        kind("search_path", "string", None),
        kind("cluster_name", "string", None),
    ])
}

fn way(change_set: &ChangeSet, file: &str) -> (String, Vec<Foreign>) {
    let way = way_back(change_set, &all(change_set), &State::Recorded, file.as_bytes(), &kinds());
    (String::from_utf8(way.edited.bytes).unwrap(), way.foreign)
}

#[test]
fn absent_lines_go_former_lines_come_back_and_reset_ones_are_added() {
    let set = change_set(&[
        ("work_mem", "4MB", absent(), Some("64MB")),
        ("search_path", "x", line("a, \"B\""), Some("c,d")),
        ("jit", "on", line("yes"), None),
    ]);
    let (file, foreign) = way(&set, "# c\nwork_mem = '64MB'\nother = 'x'\nsearch_path = 'c, d'\n");
    assert_eq!(file, "# c\nother = 'x'\nsearch_path = 'a, \"B\"'\njit = 'yes'\n");
    assert_eq!(foreign, []);
    // All of it again, and half of it: the end is the same.
    assert_eq!(way(&set, &file), (file.clone(), Vec::new()));
    assert_eq!(way(&set, "other = 'x'\nsearch_path = 'a, \"B\"'\njit = 'yes'\n").1, []);
}

#[test]
fn values_are_compared_by_meaning() {
    let set = change_set(&[("work_mem", "8MB", line("8MB"), Some("64MB")), ("jit", "off", line("off"), Some("on"))]);
    for (file, expected) in [
        ("work_mem = 65536\njit = 'true'\n", "work_mem = '8MB'\njit = 'off'\n"),
        // The former values in another spelling keep it.
        ("work_mem = '8192 kB'\njit = f\n", "work_mem = '8192 kB'\njit = f\n"),
    ] {
        assert_eq!(way(&set, file), (expected.to_owned(), Vec::new()));
    }
}

#[test]
fn what_others_changed_is_named_with_its_line() {
    let set = change_set(&[
        ("work_mem", "4MB", absent(), Some("64MB")),
        ("cluster_name", "", line("1MB"), Some("x")),
        ("jit", "on", line("on"), Some("off")),
    ]);
    let (_, foreign) = way(&set, "\nwork_mem = '32MB'\ncluster_name = '1024kB'\n");
    let said: Vec<String> = foreign.iter().map(Foreign::to_string).collect();
    assert_eq!(
        said,
        [
            "\"work_mem\" is now '32MB' (postgresql.auto.conf:2)",
            "\"cluster_name\" is now '1024kB' (postgresql.auto.conf:3)",
            "\"jit\" is no longer in postgresql.auto.conf",
        ]
    );
    let overwritten: Vec<String> = foreign.iter().map(Foreign::overwritten).collect();
    assert_eq!(overwritten, ["\"work_mem\" removed from the file", "\"cluster_name\" = '1MB'", "\"jit\" = 'on'"]);
}

#[test]
fn a_secret_is_not_in_what_is_said_of_a_foreign_value() {
    let set = change_set(&[("primary_conninfo", "", line("password=one"), Some("password=two"))]);
    let (_, foreign) = way(&set, "primary_conninfo = 'host=h password=three'\n");
    let said = format!("{foreign:?} {} {}", foreign[0], foreign[0].overwritten());
    assert!(said.contains("host=h") && !said.contains("one") && !said.contains("three"), "{said}");
}

/// An ordinary rollback sets the running value in between; only while it runs is that nobody else's.
#[test]
fn the_running_value_is_known_in_the_middle_of_a_rollback_alone() {
    let set = change_set(&[("work_mem", "4MB", absent(), Some("64MB"))]);
    let file = b"work_mem = '4096'\n";
    let foreign = |state| way_back(&set, &all(&set), &state, file, &kinds()).foreign.len();
    assert_eq!(foreign(State::Recorded), 1);
    assert_eq!(foreign(State::Restoring { why: Why::Rollback }), 0);
}

#[test]
fn a_value_that_only_the_settings_told_comes_back_as_the_server_writes_it() {
    let former = json!({"kind": "value", "setting": "8192"});
    let set = change_set(&[("work_mem", "8MB", former, Some("64MB"))]);
    assert_eq!(way(&set, "work_mem = '64MB'\n").0, "work_mem = '8192'\n");
    let edits = edits_by_hand(&set, &all(&set));
    assert_eq!((edits[0].before.as_deref(), edits[0].after.as_deref()), (Some(&b"64MB"[..]), Some(&b"8192"[..])));
}

#[test]
fn what_the_change_never_wrote_is_left_alone() {
    let former = line("'app'");
    let set = change_set(&[("jit", "on", absent(), Some("off")), ("search_path", "app", former, None)]);
    let begun = ["jit".to_owned()];
    let way = way_back(&set, &begun, &State::Recorded, b"jit = 'off'\n", &kinds());
    assert_eq!((String::from_utf8(way.edited.bytes).unwrap().as_str(), way.foreign.len()), ("", 0));
    let by_hand = edits_by_hand(&set, &begun);
    assert_eq!(by_hand.iter().map(|edit| edit.name.as_str()).collect::<Vec<_>>(), ["jit"]);
}

/// The names of all parameters of a change.
fn all(set: &ChangeSet) -> Vec<String> {
    set.steps().map(|change| change.name.clone()).collect()
}
