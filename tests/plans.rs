//! `pgdba query analyze` with what real servers print.

use std::fs;

use serde_json::Value;
use xtask::servers::{MAJORS, Server, ServerOptions};

use crate::program::pgdba;

pub(crate) const SETUP: [&str; 2] = [
    "create table orders as select g as id, g % 1000 as customer, md5(g::text) as note from generate_series(1, 60000) g",
    "analyze orders",
];

/// The own times of a node and of all below it.
fn sum(node: &Value) -> f64 {
    let below: f64 = node["children"].as_array().unwrap().iter().map(sum).sum();
    node["own_time_ms"].as_f64().unwrap() + below
}

#[test]
fn the_plan_of_each_version_is_read_in_both_forms_and_own_times_add_up() {
    let folder = tempfile::tempdir().unwrap();
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for sql in SETUP {
            server.execute("postgres", sql).unwrap();
        }
        for form in ["json", "text"] {
            let explain = format!(
                "explain (analyze, buffers, format {form}) select * from orders where customer + 0 = 7 order by note"
            );
            let rows = server.query("postgres", &explain).unwrap();
            let lines: Vec<String> = rows.into_iter().map(|row| row[0].clone().unwrap()).collect();
            let file = folder.path().join("plan");
            fs::write(&file, lines.join("\n")).unwrap();
            let run = pgdba(&["query", "analyze", "--plan", file.to_str().unwrap(), "--format", "json"]);
            assert_eq!(run.code, Some(0), "{major} {form}: {}", run.stderr);
            let data = run.envelope()["data"].clone();
            let total = data["total_time_ms"].as_f64().unwrap();
            assert!((sum(&data["tree"][0]) - total).abs() <= total / 100.0, "{major} {form}: {data}");
            let wasteful = data["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "PGD1603");
            assert!(wasteful, "{major} {form}: 59 940 rows are removed: {data}");
        }
    }
}

#[test]
fn what_is_not_a_plan_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("note.txt");
    fs::write(&file, "a note\u{1b}[31m").unwrap();
    let run = pgdba(&["query", "analyze", "--plan", file.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("does not contain a plan") && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
    let missing = pgdba(&["query", "analyze", "--plan", folder.path().join("none").to_str().unwrap()]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("could not read"), "{}", missing.stderr);
}
