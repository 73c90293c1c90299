//! What a dry run says to people: all that speaks against a change, each with what to do about it.

use std::fs;

use xtask::servers::ServerOptions;

use super::desk::Desk;

/// A dry run is refused; its text and its Markdown name each of `wanted`, and no refusal is said twice.
fn says(desk: &Desk, role: &str, args: &[&str], wanted: &[&str]) {
    let args = [&["apply", "--dry-run"], args].concat();
    let text = desk.run_as(role, &args);
    assert!(text.code == Some(1) && !text.stderr.contains("pgdba: error"), "{args:?}: {}", text.stderr);
    let markdown = desk.run_as(role, &[&args[..], &["--format", "markdown"]].concat());
    let markdown = markdown.stdout.replace('\\', "");
    for said in [&text.stdout, &markdown] {
        println!("{said}");
        let (plan, refusals) = said.split_once("\nThis change would be refused:\n").unwrap_or_else(|| panic!("{said}"));
        for wanted in wanted {
            assert!(refusals.contains(wanted) && !plan.contains(wanted), "{wanted}: {said}");
        }
        assert_eq!(refusals.matches("hint: ").count(), wanted.len() / 2, "{said}");
    }
}

#[test]
fn every_refusal_is_said_with_its_hint() {
    let desk = Desk::start(18, &ServerOptions::fast());
    desk.sql("create role ops login");
    says(
        &desk,
        "postgres",
        &["--set", "work_mem=64mb", "--set", "no_such=1", "--set", "jit=off"],
        &[
            "invalid value for parameter \"work_mem\": invalid unit",
            "Valid units are B, kB, MB",
            "parameter \"no_such\" does not exist in PostgreSQL 18",
            "pgdba config show",
        ],
    );
    let may_not = [
        "role \"ops\" lacks the privilege to call pg_reload_conf()",
        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO ops;",
        "role \"ops\" lacks the privilege to change \"work_mem\"",
        "GRANT ALTER SYSTEM ON PARAMETER work_mem TO ops;",
    ];
    says(&desk, "ops", &["--set", "work_mem=64MB"], &may_not);
    desk.append("postgresql.conf", "work_mem = = 1");
    says(
        &desk,
        "postgres",
        &["--set", "work_mem=64MB"],
        &["the server cannot reload its configuration: ", "Correct that line, then run the command again."],
    );

    // What is said of the server as a whole comes together too.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changes.json");
    let other = "0123456789abcdef".repeat(4);
    fs::write(&path, format!("{{\"fingerprint\":\"{other}\",\"parameters\":{{\"jit\":\"off\"}}}}")).unwrap();
    says(
        &desk,
        "postgres",
        &["--file", path.to_str().unwrap()],
        &[
            "made for another server (fingerprint 0123456789ab…",
            "Connect to the server it",
            "line ",
            "Correct that line",
        ],
    );
}

#[test]
fn a_parameter_that_is_not_there_is_not_hidden() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let said = desk.run(&["apply", "--dry-run", "--set", "no_such=1"]).stdout;
    assert!(said.lines().any(|line| line == "no_such -> 1: REFUSED"), "{said}");
}
