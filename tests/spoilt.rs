//! A server spoilt on purpose in twelve ways: exactly those twelve rules fire.

use std::thread;
use std::time::{Duration, Instant};

use xtask::servers::{Server, ServerOptions};

use crate::program::{build, pgdba};
use crate::stopping::Stopping;

/// Out of community support, which is one of the twelve ways.
const MAJOR: u32 = 13;

const EXPECTED: [&str; 12] = [
    "PGD101", "PGD102", "PGD201", "PGD301", "PGD401", "PGD501", "PGD502", "PGD601", "PGD602", "PGD701", "PGD801",
    "PGD901",
];

/// Sessions that are held open: more than three quarters of the 17 slots that 20 connections leave.
const SESSIONS: usize = 14;

/// How long the sessions and the statistics may take to be seen.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn exactly_the_twelve_rules_fire() {
    let options = ServerOptions::default()
        .with_statements()
        .with("fsync", "off")
        .with("full_page_writes", "off")
        .with("autovacuum", "off")
        .with("max_connections", "20");
    // Building may take longer than anything here waits for.
    build();
    let server = Server::start(MAJOR, &options).unwrap();
    spoil(&server);
    thread::scope(|scope| {
        let stopped_at_the_end = Stopping(&server);
        for _ in 0..SESSIONS {
            scope.spawn(|| server.execute("postgres", "select pg_sleep(3600)"));
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let codes = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]).codes();
            if codes == EXPECTED {
                break;
            }
            assert!(Instant::now() < deadline, "these rules fired: {codes:?}");
            thread::sleep(Duration::from_millis(200));
        }
        drop(stopped_at_the_end);
    });
}

fn spoil(server: &Server) {
    let run = |sql: &str| server.execute("postgres", sql).unwrap();
    run("create table sound (id int); insert into sound select generate_series(1, 100);
         create table dead (id int, v int); insert into dead select g, 0 from generate_series(1, 20000) g;
         create table doubled (id int); create index doubled_a on doubled (id); create index doubled_b on doubled (id);
         create table repeated (id int); insert into repeated values (1), (1);");
    run("analyze");
    for _ in 0..2 {
        run("update dead set v = v + 1");
    }
    run("create table unknown as select g as id from generate_series(1, 20000) g");
    server.execute("postgres", "create unique index concurrently repeated_key on repeated (id)").unwrap_err();
    run("set work_mem = '64kB'; select count(*) from (select g from generate_series(1, 1500000) g order by -g) s");
    for _ in 0..26 {
        run("insert into sound values (0)");
        run("checkpoint");
    }
    run("alter system set max_wal_senders = 20");
    run("select pg_reload_conf()");
}
