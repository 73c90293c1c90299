//! What users give that is odd: endless files, byte order marks, change sets of another way, numbers that nobody meant, damaged locks.

use std::fs;

use serde_json::json;
use xtask::servers::ServerOptions;

use super::desk::{Desk, case, usage};
use crate::site::names;

#[test]
fn a_file_without_end_is_left_after_its_first_megabyte() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let apply =
        |path: &str| ["apply", "--yes", "--file"].into_iter().chain([path]).map(str::to_owned).collect::<Vec<_>>();
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.json");
    let padding = " ".repeat(1 << 20);
    fs::write(&large, format!("{{\"parameters\": {{\"jit\": \"off\"}}}}{padding}")).unwrap();
    for path in ["/dev/zero", large.to_str().unwrap()] {
        let args = apply(path);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        desk.refuses(&[usage(path, &args, "file_failed", "larger than 1 MB", "Name a file such as")]);
    }
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "\u{feff}{\"parameters\": {\"jit\": \"off\"}}").unwrap();
    desk.done_as("postgres", &["apply", "--yes", "--file", file.path().to_str().unwrap()]);
    assert_eq!(desk.show("jit"), "off");
}

#[test]
fn a_change_set_through_patroni_is_not_applied_to_one_server() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let file = tempfile::NamedTempFile::new().unwrap();
    let change = json!({"format": "pgdba.change_set", "via": "patroni", "parameters": {"jit": "off"}});
    fs::write(file.path(), change.to_string()).unwrap();
    let args = ["apply", "--yes", "--file", file.path().to_str().unwrap()];
    let says = "contains a change of Patroni's dynamic configuration";
    desk.refuses(&[usage("via", &args, "change_set_via_patroni", says, "--via patroni")]);
}

#[test]
fn a_number_is_repeated_as_it_was_typed() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let bad = |name, args, says, hint| case(name, args, "bad_value", says, hint);
    desk.refuses(&[
        bad(
            "overflow",
            &["apply", "--yes", "--set", "work_mem=99999999999"],
            "99999999999 is outside",
            "between 64 kB",
        ),
        bad(
            "octal",
            &["apply", "--yes", "--set", "unix_socket_permissions=01000"],
            "01000 is outside",
            "between 0 and",
        ),
        bad(
            "no octal",
            &["apply", "--yes", "--set", "unix_socket_permissions=0999"],
            "is octal",
            "satisfies this rule",
        ),
    ]);
    let long = format!("{}=1", "x".repeat(100_000));
    let run = desk.run(&["apply", "--yes", "--set", &long]);
    assert!(run.code == Some(2) && run.stderr.len() < 1000, "{}", run.stderr.len());
}

#[test]
fn a_dry_run_that_is_refused_is_not_ok() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let run = desk.run(&["apply", "--dry-run", "--set", "work_mem=1kB", "--format", "json"]);
    let envelope = run.envelope();
    assert_eq!((run.code, &envelope["ok"], &envelope["error"]["code"]), (Some(1), &json!(false), &json!("bad_value")));
    assert_eq!(envelope["data"]["refusals"].as_array().map(Vec::len), Some(1), "{envelope}");
}

#[test]
fn a_damaged_lock_file_is_named_with_what_to_do() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let applied = desk.apply(&["jit=off"]);
    let snapshots = std::path::Path::new(desk.home()).join("snapshots");
    let lock = snapshots.join(&names(&snapshots)[0]).join(".lock");
    fs::write(&lock, "garbage").unwrap();
    let hint = format!("rm \"{}\"", lock.display());
    desk.refuses(&[case("lock", &["apply", "--yes", "--set", "work_mem=64MB"], "bad_lock", "is damaged", &hint)]);
    fs::remove_file(&lock).unwrap();
    desk.rollback(&applied);
}
