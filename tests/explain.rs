//! `pgdba query analyze` on live servers: what it executes, what it refuses, and that nothing remains.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::{Duration, Instant};

use xtask::paths;
use xtask::servers::{MAJORS, NEWEST, Pooler, Server, ServerOptions};

use crate::plans::SETUP;
use crate::program::{Run, build, pgdba};

/// Analyzes a statement on a server.
fn live(server: &Server, sql: &str, options: &[&str]) -> Run {
    let dsn = server.dsn("postgres", "postgres");
    pgdba(&[&["query", "analyze", "--dsn", &dsn, "--format", "json", "--sql", sql], options].concat())
}

/// A server of each version, in which these statements were run.
fn servers(majors: &[u32], setup: &[&str]) -> impl Iterator<Item = Server> {
    majors.iter().map(move |major| {
        let server = Server::start(*major, &ServerOptions::fast()).unwrap();
        for sql in setup {
            server.execute("postgres", sql).unwrap();
        }
        server
    })
}

fn number(server: &Server, sql: &str) -> String {
    server.query("postgres", sql).unwrap()[0][0].clone().unwrap()
}

#[test]
fn a_statement_is_executed_and_nothing_of_it_remains() {
    for server in servers(&MAJORS, &SETUP) {
        let major = server.major();
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
    for server in servers(&MAJORS, &SETUP) {
        let major = server.major();
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
fn parameters_may_have_any_type_that_the_server_infers() {
    let types = [
        "create domain positive as int check (value > 0)",
        "create type mood as enum ('bad', 'good')",
        "create table t(a positive, m mood)",
    ];
    for server in servers(&[12, 15, NEWEST], &types) {
        for sql in ["select * from t where a = $1 and m = $2", "insert into t values ($1, $2)", "select $1::positive"] {
            let run = live(&server, sql, &["--no-analyze"]);
            assert_eq!(run.code, Some(0), "{}: {sql}: {}", server.major(), run.stdout);
        }
        let unknown = live(&server, "select $1 is null", &[]).envelope()["error"].clone();
        assert!(unknown["hint"].as_str().unwrap().contains("cast"), "{}: {unknown}", server.major());
    }
}

#[test]
fn a_pooled_session_is_as_it_was() {
    for major in [12, NEWEST] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let pooler = Pooler::start(&server).unwrap();
        let analyze = |sql: &str| {
            let dsn = pooler.dsn("postgres", "postgres");
            let run = pgdba(&["query", "analyze", "--dsn", &dsn, "--sql", sql, "--format", "json"]);
            assert_eq!(run.code, Some(0), "{major}: {sql}: {}", run.stdout);
        };
        for _ in 0..3 {
            analyze("select oid from pg_class where relname = $1");
            analyze("select count(*) from pg_class");
        }
        analyze("select 1 from pg_prepared_statements, pg_sleep(0)");
        let left = pooler.query("postgres", "select name from pg_prepared_statements").unwrap();
        assert!(left.is_empty(), "{major}: {left:?}");
    }
}

#[test]
fn a_standby_refuses_what_writes_and_says_where_to_go() {
    let primary = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    primary.execute("postgres", "create table t(a int)").unwrap();
    let standby = primary.standby(&ServerOptions::fast()).unwrap();
    for options in [&[][..], &["--allow-write"]] {
        let run = live(&standby, "insert into t values (1)", options);
        assert_eq!((run.code, run.envelope()["error"]["code"].as_str()), (Some(1), Some("standby")), "{}", run.stdout);
    }
    assert_eq!(live(&standby, "insert into t values (1)", &["--no-analyze"]).code, Some(0));
    assert_eq!(live(&standby, "select * from t", &[]).code, Some(0));
}

#[test]
fn a_plan_with_bytes_that_are_no_text_is_refused() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", "create database bytes encoding 'SQL_ASCII' locale 'C' template template0").unwrap();
    let setup = "create table t(b text); create view v as select * from t where b <> E'\\xfc'";
    server.execute("bytes", setup).unwrap();
    let dsn = server.dsn("postgres", "bytes");
    let run = pgdba(&["query", "analyze", "--dsn", &dsn, "--format", "json", "--sql", "select * from v"]);
    let error = run.envelope()["error"].clone();
    assert_eq!((run.code, error["code"].as_str()), (Some(1), Some("plan_unreadable")), "{}", run.stdout);
    assert!(error["hint"].as_str().unwrap().contains("--plan"), "{error}");
}

#[test]
fn a_file_that_is_no_text_is_not_executed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statement.sql");
    let analyze = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        // Without a server: nothing gets so far.
        pgdba(&["query", "analyze", "--dsn", "host=/nowhere", "--format", "json", "--file", file.to_str().unwrap()])
    };
    for (bytes, code) in [
        (&b"select 'M\xfcller'"[..], "file_not_text"),
        (b"select 1\0", "file_not_text"),
        (b"", "not_plannable"),
        (b"\xef\xbb\xbf;", "not_plannable"),
    ] {
        let run = analyze(bytes);
        assert_eq!((run.code, run.envelope()["error"]["code"].as_str()), (Some(2), Some(code)), "{}", run.stdout);
    }
    // A byte order mark is no part of the statement.
    assert_eq!(analyze(b"\xef\xbb\xbfselect 1").code, Some(1));
}

#[test]
fn an_argument_that_is_no_text_is_a_usage_error() {
    build();
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    let done = command.args(["query", "analyze", "--sql"]).arg(OsStr::from_bytes(b"select '\xfc'")).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(2) && said.contains("invalid UTF-8") && !said.contains("panicked"), "{said}");
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
