//! `pgdba query analyze` with what real servers print.

use std::fs;

use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{MAJORS, NEWEST, Server, ServerOptions};

use crate::program::{Run, pgdba};

const SETUP: [&str; 2] = [
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

/// Analyzes a statement on a server.
fn live(server: &Server, sql: &str, options: &[&str]) -> Run {
    let dsn = server.dsn("postgres", "postgres");
    pgdba(&[&["query", "analyze", "--dsn", &dsn, "--format", "json", "--sql", sql], options].concat())
}

fn number(server: &Server, sql: &str) -> String {
    server.query("postgres", sql).unwrap()[0][0].clone().unwrap()
}

#[test]
fn a_statement_is_executed_and_nothing_of_it_remains() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for sql in SETUP {
            server.execute("postgres", sql).unwrap();
        }
        let run = live(&server, "select count(*) from orders -- all of them", &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{major}");
        let data = run.envelope()["data"].clone();
        assert_eq!(data["query_text"], "select count(*) from orders -- all of them");
        assert!(data["total_time_ms"].as_f64().unwrap() > 0.0, "{major}: {data}");

        let update = "update orders set customer = 1";
        let refused = live(&server, update, &[]);
        assert_eq!((refused.code, refused.stdout.is_empty()), (Some(1), false), "{major}: {}", refused.stderr);
        let error = refused.envelope()["error"].clone();
        assert_eq!(error["code"], "statement_writes", "{major}: {error}");
        assert!(error["hint"].as_str().unwrap().contains("--allow-write"), "{major}: {error}");
        let planned = live(&server, update, &["--no-analyze"]);
        assert_eq!(planned.code, Some(0), "{major}: {}", planned.stderr);
        assert!(planned.envelope()["data"]["total_time_ms"].is_null(), "{major}");

        let written = live(&server, update, &["--allow-write"]);
        assert_eq!(written.code, Some(0), "{major}: {}", written.stderr);
        assert!(written.envelope()["data"]["total_time_ms"].as_f64().unwrap() > 0.0, "{major}");
        assert_eq!(number(&server, "select count(*) from orders where customer = 1"), "60", "{major}");
        assert_eq!(
            number(&server, "select count(*) from pg_stat_activity where state like 'idle in%'"),
            "0",
            "{major}"
        );
    }
}

#[test]
fn a_statement_with_parameters_is_planned_for_any_values() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for sql in SETUP {
            server.execute("postgres", sql).unwrap();
        }
        let run = live(&server, "select note from orders where customer = $1 and note like $2", &[]);
        assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
        let envelope = run.envelope();
        assert!(envelope["warnings"].to_string().contains("was planned for any values"), "{major}: {envelope}");
        assert_eq!(envelope["data"]["tree"][0]["node_type"], "Seq Scan", "{major}: {envelope}");
        assert!(envelope["data"]["total_time_ms"].is_null(), "{major}: {envelope}");
        let wished = live(&server, "select note from orders where customer = $1", &["--no-analyze"]);
        assert_eq!((wished.code, wished.envelope()["warnings"].to_string().as_str()), (Some(0), "[]"), "{major}");
    }
}

#[test]
fn what_may_not_be_executed_is_refused_with_its_reason() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let setup = [
        "create table t(a int)",
        "create function writes() returns void language sql as 'insert into t values (1)'",
        "create sequence s",
    ];
    for sql in setup {
        server.execute("postgres", sql).unwrap();
    }
    for (sql, code, exit) in [
        ("select writes()", "statement_writes", 1),
        ("with w as (insert into t values (2) returning a) select * from w", "statement_writes", 1),
        ("select * from t for update", "statement_writes", 1),
        ("select nextval('s')", "statement_writes", 1),
        ("select 1; drop table t", "not_plannable", 2),
        ("drop table t", "not_plannable", 2),
        ("commit", "not_plannable", 2),
        ("select * into u from t", "not_plannable", 2),
        ("explain select 1", "not_plannable", 2),
        (" -- nothing", "not_plannable", 2),
        // Two statements where standard_conforming_strings is on, and two where it is off.
        ("select '\\'; drop table t; --'", "not_plannable", 2),
        ("select '\\', '; drop table t; --'", "not_plannable", 2),
        ("select * from missing", "statement_refused", 1),
        ("select from from t", "statement_refused", 1),
    ] {
        let run = live(&server, sql, &[]);
        assert_eq!(
            (run.code, run.envelope()["error"]["code"].as_str()),
            (Some(exit), Some(code)),
            "{sql}: {}",
            run.stdout
        );
    }
    assert_eq!(number(&server, "select count(*) from t"), "0");
    assert_eq!(number(&server, "select is_called::text from s"), "false");
}

#[test]
fn a_statement_that_takes_too_long_is_canceled() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let began = Instant::now();
    let run = live(&server, "select pg_sleep(600)", &["--max-time", "1s"]);
    assert_eq!((run.code, run.envelope()["error"]["code"].as_str()), (Some(1), Some("timeout")), "{}", run.stdout);
    assert!(began.elapsed() < Duration::from_secs(300));
    assert_eq!(
        number(
            &server,
            "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()"
        ),
        "0"
    );
}

#[test]
fn a_statement_that_waits_for_a_lock_is_canceled() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with("max_prepared_transactions", "1")).unwrap();
    server.execute("postgres", "create table t(a int)").unwrap();
    server.execute("postgres", "begin; lock table t; prepare transaction 'holder'").unwrap();
    let run = live(&server, "select * from t", &[]);
    assert_eq!((run.code, run.envelope()["error"]["code"].as_str()), (Some(1), Some("lock_timeout")), "{}", run.stdout);
}
