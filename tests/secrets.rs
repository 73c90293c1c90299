//! A real server with a secret in every place that a mask guards: none reaches the document.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_snapshot::section::read_table;
use pgdba_snapshot::sections::ALL;
use xtask::servers::{MAJORS, NEWEST, Server, ServerOptions};

use crate::program::{build, pgdba};
use crate::stopping::Stopping;

const SECRET: &str = "S3CRET";

/// The masked columns in which a secret is planted, and what its mask leaves there.
const PLANTED: [(&str, &str, &str); 9] = [
    ("pg_settings", "setting", "cp ***"),
    ("pg_settings", "reset_val", "cp ***"),
    ("pg_file_settings", "setting", "cp ***"),
    ("pg_db_role_setting", "setting", "***"),
    ("pg_index_expressions", "indexprs", "note || ?"),
    ("pg_index_expressions", "indpred", "note <> ?"),
    ("pg_stat_activity", "application_name", "job postgres://***@h/"),
    ("pg_stat_activity", "query", "select set_config($1, $2, false), pg_sleep($3)"),
    ("pg_stat_statements", "query", "CREATE ROLE"),
];

/// The same of a primary and its standby.
const REPLICATED: [(&str, &str, &str); 2] =
    [("pg_stat_replication", "application_name", "job postgres://***@h/"), ("pg_stat_wal_receiver", "conninfo", "***")];

/// Tried by the test of a delta that counts waits (`tests/delta.rs`).
const SAMPLED: [(&str, &str); 1] = [("wait_samples", "application_name")];
/// Identifiers of statements, which `query_ids.rs` tries.
const IDENTIFIERS: [(&str, &str); 2] = [("pg_stat_activity", "query_id"), ("pg_stat_statements", "queryid")];

/// Masked columns into which nobody can put a secret for a test.
const COMPILED_IN: [(&str, &str); 1] = [("pg_settings", "boot_val")];

#[test]
fn every_masked_column_is_tried_with_a_secret() {
    let masked = ALL.iter().flat_map(|spec| {
        spec.columns.iter().filter(|column| column.mask.is_some()).map(|column| (spec.name, column.name))
    });
    let mut masked: Vec<_> = masked.collect();
    let mut tried: Vec<_> = PLANTED.iter().chain(&REPLICATED).map(|(section, column, _)| (*section, *column)).collect();
    tried.extend(COMPILED_IN);
    tried.extend(SAMPLED);
    tried.extend(IDENTIFIERS);
    masked.sort_unstable();
    tried.sort_unstable();
    assert_eq!(masked, tried, "plant a secret in each masked column and say in PLANTED what is left of it");
}

#[test]
fn no_planted_secret_reaches_a_document() {
    build();
    for major in [MAJORS[0], MAJORS[MAJORS.len() - 1]] {
        let server = Server::start(major, &options()).unwrap();
        server.execute("postgres", &format!("create role other password '{SECRET}'")).unwrap();
        server.execute("postgres", &format!("alter role other set app.token = '{SECRET}'")).unwrap();
        let index = format!("create index on t ((note || '{SECRET}')) where note <> '{SECRET}'");
        server.execute("postgres", &format!("create table t (note text); {index}")).unwrap();
        thread::scope(|scope| {
            let _stopping = Stopping(&server);
            let session = format!(
                "select set_config('application_name', 'job postgres://u:{SECRET}@h/', false), pg_sleep(3600) /* {SECRET} */"
            );
            let sleeping = &server;
            scope.spawn(move || sleeping.execute("postgres", &session));
            wait_for(&server, "select 1 from pg_stat_activity where application_name like 'job%' and state = 'active'");
            assert_none_in_document(&server, &PLANTED);
        });
    }
}

fn options() -> ServerOptions {
    ServerOptions::default()
        .with_statements()
        .with("archive_mode", "on")
        .with("archive_command", &format!("cp --key={SECRET} %p /nowhere"))
        .with("primary_conninfo", &format!("host=h password={SECRET}"))
        .with("log_line_prefix", &format!("postgres://u:{SECRET}@h/ "))
        .with("app.token", SECRET)
}

fn wait_for(server: &Server, sql: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.query("postgres", sql).unwrap().is_empty() {
        assert!(Instant::now() < deadline, "never came true: {sql}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn no_secret_of_replication_reaches_a_document() {
    build();
    let primary = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let conninfo = format!(
        "host=127.0.0.1 port={} user=postgres password={SECRET} application_name='job postgres://u:{SECRET}@h/'",
        primary.port()
    );
    let standby = primary.standby(&ServerOptions::fast().with("primary_conninfo", &conninfo)).unwrap();
    wait_for(&primary, "select 1 from pg_stat_replication where state = 'streaming'");
    assert_none_in_document(&primary, &REPLICATED[..1]);
    assert_none_in_document(&standby, &REPLICATED[1..]);
}

fn assert_none_in_document(server: &Server, planted: &[(&str, &str, &str)]) {
    let major = server.major();
    let run = pgdba(&["inspect", "--dsn", &server.dsn("postgres", "postgres"), "-o", "-"]);
    assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
    assert!(!run.stderr.contains(SECRET), "{major}: {}", run.stderr);
    let leaks: Vec<&str> = run.stdout.lines().filter(|line| line.contains(SECRET)).collect();
    assert_eq!(leaks, Vec::<&str>::new(), "{major}");
    let snapshot = pgdba_snapshot::read(run.stdout.as_bytes()).unwrap();
    for (section, column, left) in planted.iter().copied() {
        let table = read_table(&snapshot, section);
        let at = table.columns.iter().position(|name| name == column).unwrap();
        let held = table.rows.iter().filter_map(|row| row[at].as_str());
        let held: Vec<&str> = held.filter(|text| text.contains(left)).collect();
        assert!(!held.is_empty(), "{major}: {section}.{column} does not show {left:?}, so nothing was tried");
    }
}
