use serde_json::{Value, json};

use super::*;
use crate::{Options, analyze, example};

/// A host of 32 GB and 8 processors; nothing about its disks.
const SERVER: &str = r#"{
  "version": 17,
  "system": [ { "is_in_recovery": false, "version": "PostgreSQL 17.2 on x86_64-pc-linux-gnu" } ],
  "host": [ { "meminfo": "MemTotal: 33554432 kB\\n", "cpu_online": "0-7" } ],
  "pg_settings": [
    { "name": "max_connections", "setting": "100", "boot_val": "100", "reset_val": "100", "vartype": "integer", "context": "postmaster",
      "source": "default", "min_val": "1", "max_val": "262143" },
    { "name": "shared_buffers", "setting": "16384", "boot_val": "16384", "reset_val": "16384", "unit": "8kB", "vartype": "integer",
      "context": "postmaster", "source": "default", "min_val": "16", "max_val": "1073741823" },
    { "name": "random_page_cost", "setting": "4", "boot_val": "4", "reset_val": "4", "vartype": "real", "context": "user",
      "source": "default", "min_val": "0", "max_val": "1.79769e+308" }
  ]
}"#;

fn values(text: Value) -> Values {
    serde_json::from_value(text).unwrap()
}

/// The values that the form proposes for a parameter, as in `postgresql.conf`.
fn recommended(answer: &Answer, parameter: &str) -> Option<String> {
    let conf = answer.blocks.iter().find_map(|block| match block {
        Block::Code { code, .. } => Some(code.text.clone()),
        _ => None,
    })?;
    let line = conf.lines().find_map(|line| line.strip_prefix(&format!("{parameter} = ")))?;
    Some(line.trim_matches('\'').to_owned())
}

fn on_server(text: Value) -> Answer {
    let snapshot = example::snapshot(SERVER).unwrap();
    answer(&Facts::of(&snapshot), &analyze(&snapshot, &Options::default()), &values(text)).unwrap()
}

fn messages(answer: &Answer) -> Vec<(&str, &str)> {
    answer.wrong.iter().map(|wrong| (wrong.field, wrong.message.as_str())).collect()
}

#[test]
fn the_form_shows_what_the_snapshot_shows() {
    let snapshot = example::snapshot(SERVER).unwrap();
    let fields = fields(&Facts::of(&snapshot));
    let shown: Vec<(&str, &str, &str)> =
        fields.iter().map(|field| (field.name, field.value.as_str(), field.hint)).collect();
    assert_eq!(
        shown,
        [
            ("workload", "mixed", ""),
            ("memory", "32", ""),
            ("memory_unit", "GB", ""),
            ("cpus", "8", ""),
            ("storage", "", ""),
            ("connections", "100", ""),
            ("data_size", "", ""),
        ]
    );
}

#[test]
fn what_can_be_chosen_can_be_read_and_the_first_value_is_among_it() {
    let snapshot = example::snapshot(SERVER).unwrap();
    for (is_server, fields) in [(true, fields(&Facts::of(&snapshot))), (false, fields_without_server())] {
        for field in fields.iter().filter(|field| !field.choices.is_empty()) {
            assert!(field.choices.iter().any(|choice| choice.value == field.value), "{field:?}");
            for choice in &field.choices {
                let all = values(json!({ "memory": "8", "memory_unit": "GB", field.name: choice.value }));
                let answer = if is_server {
                    on_server(json!({ field.name: choice.value }))
                } else {
                    answer_without_server(&all)
                };
                assert!(answer.wrong.is_empty(), "{choice:?}: {:?}", answer.wrong);
            }
        }
    }
}

#[test]
fn a_field_as_filled_in_or_empty_changes_nothing() {
    let shown = on_server(json!({ "memory": "32", "memory_unit": "GB", "cpus": "8", "connections": "100" }));
    assert_eq!(shown.blocks, on_server(json!({})).blocks);
    assert_eq!(recommended(&shown, "shared_buffers").as_deref(), Some("8GB"));
    let other = on_server(json!({ "memory": "64", "memory_unit": "GB" }));
    assert_eq!(recommended(&other, "shared_buffers").as_deref(), Some("16GB"));
    let unit = on_server(json!({ "memory": "32", "memory_unit": "TB" }));
    assert_ne!(recommended(&unit, "shared_buffers"), recommended(&shown, "shared_buffers"));
    assert_eq!(recommended(&shown, "random_page_cost"), None, "the storage is unknown");
    let storage = on_server(json!({ "storage": "nvme" }));
    assert_eq!(recommended(&storage, "random_page_cost").as_deref(), Some("1.1"));
}

#[test]
fn a_field_that_cannot_be_used_says_what_to_enter() {
    let answer = on_server(json!({ "memory": "lots", "memory_unit": "GB", "cpus": "0", "connections": "1.5" }));
    let expected = [
        ("memory", "Enter a number, such as 64 or 1.5."),
        ("cpus", "Enter a whole number from 1 to 65\u{202f}536."),
        ("connections", "Enter a whole number from 1 to 262\u{202f}143."),
    ];
    assert_eq!(messages(&answer), expected);
    assert_eq!(answer.blocks, [Block::paragraph("Correct the marked fields to get values.")]);
    assert!(answer.changes.is_none());
    let range = on_server(json!({ "memory": "-1", "memory_unit": "GB" }));
    assert_eq!(messages(&range), [("memory", "Enter a size from 1 kB to 1 PB.")]);

    let empty = answer_without_server(&values(json!({ "workload": "remote-conservative" })));
    let expected = [("memory", "Enter the memory of the host."), ("workload", "PGTune does not have this workload.")];
    assert_eq!(messages(&empty), expected);
}

#[test]
fn without_a_server_the_values_are_those_of_pgtune() {
    let vectors: Vec<Value> =
        serde_json::from_str(include_str!("../../../../../fixtures/pgtune-vectors.json")).unwrap();
    let mut count = 0;
    for vector in &vectors {
        let input = &vector["input"];
        let memory = input["memory_bytes"].as_i64().unwrap();
        if memory % (1 << 20) != 0 {
            continue;
        }
        count += 1;
        let word = |name: &str| input[name].as_str().unwrap().replace('_', "-");
        let number = |name: &str| input[name].as_i64().map(|number| number.to_string()).unwrap_or_default();
        let answer = answer_without_server(&values(json!({
            "version": number("pg_major"), "os": word("os"), "workload": word("workload"), "memory": (memory >> 20).to_string(),
            "memory_unit": "MB", "cpus": number("cpus"), "connections": number("connections"), "storage": word("storage"),
            "data_size": word("db_size"),
        })));
        for (parameter, value) in vector["expected"].as_object().unwrap() {
            assert_eq!(recommended(&answer, parameter).as_deref(), value.as_str(), "{parameter} of {input}");
        }
    }
    assert!(count > 100, "{count} vectors");
}
