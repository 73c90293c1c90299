//! Counters that were lost, that never existed, or that a role or a database does without.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_class::PgClass;
use xtask::servers::{Server, ServerOptions};

use super::{LOST, PATIENCE, check, check_in, each, outcome, run, wait_for};
use crate::collect::begin_at;
use crate::program::pgdba;
use crate::stopping::Stopping;

fn without_autovacuum() -> ServerOptions {
    ServerOptions::fast().with("autovacuum", "off")
}

const MONITOR: [&str; 2] = ["create role monitor login", "grant pg_monitor to monitor"];

/// Stops the server as a power cut would, and starts it.
fn crash(server: &Server) {
    server.stop_immediate().unwrap();
    server.start_again().unwrap();
}

/// Neither role can tell how many rows of `public.t` are dead, nor how many it has.
fn is_unknown(server: &Server, when: &str) {
    for role in ["postgres", "monitor"] {
        let checked = check(server, role);
        for code in ["PGD502", "PGD801"] {
            let reason = outcome(&checked, code);
            assert!(reason.starts_with(LOST), "{} {code} as {role} {when}: {reason}", server.major());
        }
    }
}

#[test]
fn a_table_that_was_never_counted_is_unknown_after_a_crash_whatever_follows() {
    each(without_autovacuum, |server| {
        run(server, &MONITOR);
        let filled = "insert into t select g, md5(g::text) from generate_series(1, 300000) g";
        run(server, &["create table t (a int, b text)", filled, "delete from t where a <= 200000"]);
        wait_for(server, "PGD502", "found");
        wait_for(server, "PGD801", "found");
        crash(server);
        is_unknown(server, "after the crash");
        run(server, &["insert into t values (1, 'x')", "select pg_sleep(1.5)"]);
        is_unknown(server, "after an insertion");
        server.restart().unwrap();
        is_unknown(server, "after a clean restart");
        run(server, &["select pg_stat_reset_shared('bgwriter')", "select pg_sleep(1.5)"]);
        run(server, &["select pg_stat_reset_shared('archiver')"]);
        is_unknown(server, "after a reset of other counters");
        run(server, &["analyze t"]);
        wait_for(server, "PGD502", "found");
        wait_for(server, "PGD801", "passed");
    });
}

#[test]
fn what_was_counted_before_a_crash_is_not_taken_for_what_is_there() {
    each(without_autovacuum, |server| {
        run(server, &MONITOR);
        run(
            server,
            &[
                "create table t as select g as a, md5(g::text) as b from generate_series(1, 20000) g",
                "vacuum analyze t",
                "insert into t select g, md5(g::text) from generate_series(1, 300000) g",
                "delete from t where a > 100",
            ],
        );
        wait_for(server, "PGD502", "found");
        crash(server);
        run(server, &["insert into t select g, md5(g::text) from generate_series(1, 20000) g", "select pg_sleep(1.5)"]);
        wait_for(server, "PGD502", LOST);
        wait_for(server, "PGD801", "passed");
        // This role does not see that there are statistics.
        let reason = outcome(&check(server, "monitor"), "PGD801");
        assert!(reason.starts_with("the time of the last ANALYZE is unknown"), "{} {reason}", server.major());
    });
}

#[test]
fn a_database_made_from_another_and_a_promoted_standby_have_no_counters_of_before() {
    each(without_autovacuum, |server| {
        run(server, &["create database original"]);
        let filled = "create table t as select g as a from generate_series(1, 300000) g";
        server.execute("original", filled).unwrap();
        server.execute("original", "delete from t where a > 10000").unwrap();
        run(server, &["create table settled as select 1 as a", "analyze settled"]);
        run(server, &["create database clone template original"]);
        let reason = outcome(&check_in(server, "postgres", "clone"), "PGD502");
        assert!(reason.starts_with(LOST), "{} {reason}", server.major());

        let standby = server.standby(&without_autovacuum()).unwrap();
        standby.stop_fast().unwrap();
        let statistics = standby.data_dir().join("pg_stat");
        for entry in std::fs::read_dir(statistics).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        standby.start_again().unwrap();
        standby.restart().unwrap();
        run(&standby, &["select pg_promote()"]);
        let reason = outcome(&check_in(&standby, "postgres", "original"), "PGD502");
        assert!(reason.starts_with(LOST), "{} {reason}", server.major());
    });
}

#[test]
fn counters_that_are_lost_within_a_delta_are_missed() {
    each(without_autovacuum, |server| {
        run(
            server,
            &["create table t as select g as id from generate_series(1, 50000) g", "vacuum analyze t", "delete from t"],
        );
        wait_for(server, "PGD502", "found");
        let after_crash = if server.major() < 15 { "were reset" } else { "might not cover all rows in its file" };
        for (loss, reason) in [("reset", "were reset"), ("crash", after_crash)] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("delta.json");
            let delta = begin_at(&server.dsn("postgres", "postgres"), &["--delta", "--interval", "6s"], &file);
            thread::sleep(Duration::from_secs(3));
            match loss {
                "reset" => run(server, &["select pg_stat_reset()"]),
                _ => crash(server),
            }
            let done = delta.wait_with_output().unwrap();
            assert!(file.exists(), "{}", String::from_utf8_lossy(&done.stderr));
            let checked =
                pgdba(&["check", "--format", "json", "--snapshot", file.to_str().unwrap()]).envelope()["data"].clone();
            let found = outcome(&checked, "PGD502");
            assert!(found.starts_with(&format!("{LOST}{reason}")), "{} {found}", server.major());
            let uptime = outcome(&checked, "PGD801");
            assert!(!uptime.contains("start time is unknown"), "{} {uptime}", server.major());
        }
    });
}

#[test]
fn lost_counters_of_an_analyzed_table_are_not_taken_for_a_table_that_was_never_analyzed() {
    each(without_autovacuum, |server| {
        run(server, &MONITOR);
        run(server, &["create table t as select g as a from generate_series(1, 60000) g", "analyze t"]);
        crash(server);
        run(server, &["insert into t select generate_series(1, 60000)", "select pg_sleep(1.5)"]);
        let reason = outcome(&check(server, "monitor"), "PGD801");
        assert!(reason.starts_with("the time of the last ANALYZE is unknown"), "{} {reason}", server.major());
        run(server, &["drop table t", "create table t as select g as a from generate_series(1, 60000) g"]);
        // VACUUM counts the rows in every version; from 18 on CREATE INDEX does not while autovacuum is off.
        run(server, &["vacuum t", "select pg_sleep(1.5)", "select pg_stat_reset()"]);
        wait_for(server, "PGD801", "found");
        let reason = outcome(&check(server, "monitor"), "PGD801");
        assert!(reason.starts_with("the time of the last ANALYZE is unknown"), "{} {reason}", server.major());
    });
}

#[test]
fn a_running_analyze_is_waited_for() {
    each(without_autovacuum, |server| {
        // Version 12 does not show a running ANALYZE.
        if server.major() < 13 {
            return;
        }
        run(server, &["create table t as select g as id from generate_series(1, 200000) g"]);
        wait_for(server, "PGD801", "found");
        for setting in ["vacuum_cost_delay = 100", "vacuum_cost_limit = 1"] {
            run(server, &[&format!("alter database postgres set {setting}")]);
        }
        thread::scope(|scope| {
            let stopped_at_the_end = Stopping(server);
            scope.spawn(|| server.execute("postgres", "analyze t"));
            let deadline = Instant::now() + PATIENCE;
            loop {
                let reason = outcome(&check(server, "postgres"), "PGD801");
                if reason.starts_with("ANALYZE is running on public.t") {
                    break;
                }
                assert!(reason == "found" && Instant::now() < deadline, "{} {reason}", server.major());
            }
            drop(stopped_at_the_end);
        });
    });
}

#[test]
fn files_are_measured_whatever_the_counters_say() {
    each(without_autovacuum, |server| {
        run(
            server,
            &[
                "create table t (a int, b int)",
                "create index t_a on t (a)",
                "create index t_b on t (b)",
                "insert into t select g, g from generate_series(1, 100000) g",
                "create table aborted as select 1 as a",
                "analyze aborted",
                "do $$ begin insert into aborted select generate_series(1, 100000); raise 'x'; exception when others then end $$",
                "select pg_sleep(1.5)",
                "select pg_stat_reset()",
            ],
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        begin_at(&server.dsn("postgres", "postgres"), &[], &file).wait_with_output().unwrap();
        let snapshot: DiagSnapshot = pgdba_snapshot::read(&std::fs::read(&file).unwrap()).unwrap();
        let classes = snapshot.section::<PgClass>().rows;
        for name in ["t", "t_a", "t_b", "aborted"] {
            let class = classes.iter().find(|class| class.relname == name).unwrap();
            assert_eq!(class.size_source.as_deref(), Some("pg_relation_size"), "{} {name}", server.major());
            let size = &server.query("postgres", &format!("select pg_relation_size('{name}')")).unwrap()[0][0];
            assert_eq!(class.size_bytes.map(|size| size.to_string()), *size, "{} {name}", server.major());
            assert!(class.size_bytes > Some(1_000_000), "{} {name}: {size:?}", server.major());
        }
    });
}

#[test]
fn track_counts_of_a_role_or_a_database_is_not_that_of_the_server() {
    each(ServerOptions::fast, |server| {
        run(server, &["create role rm login", "alter role rm set track_counts = off"]);
        let reason = outcome(&check(server, "rm"), "PGD501");
        assert!(reason.starts_with("the value of track_counts for the server is unknown"), "{reason}");
        assert_eq!(outcome(&check(server, "postgres"), "PGD501"), "passed");
        run(server, &["alter database postgres set track_counts = off"]);
        assert_eq!(outcome(&check(server, "postgres"), "PGD501"), "passed", "{}", server.major());
        run(server, &["alter system set track_counts = off", "select pg_reload_conf()"]);
        wait_for(server, "PGD501", "found");
    });
}
