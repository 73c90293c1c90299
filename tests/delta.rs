//! Deltas on servers that do what servers do meanwhile: they end idle sessions, restart, crash, reset their counters. Every
//! figure is compared with what was really done in the window.

mod sampled;

use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use pgdba_snapshot::sections::wait_samples::WaitSample;
use pgdba_snapshot::since::Absence;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::collect::begin_at;

const VERSIONS: [u32; 3] = [12, 15, NEWEST];

/// A delta under way.
struct Delta {
    child: Child,
    folder: tempfile::TempDir,
}

/// What came of it.
struct Done {
    code: Option<i32>,
    said: String,
    snapshot: DiagSnapshot,
}

/// Begins a delta of `seconds` and waits until its window has begun.
fn begin(server: &Server, user: &str, seconds: u32, arguments: &[&str]) -> Delta {
    let folder = tempfile::tempdir().unwrap();
    let interval = format!("{seconds}s");
    let arguments = [&["--delta", "--interval", &interval], arguments].concat();
    let child = begin_at(&server.dsn(user, "postgres"), &arguments, &file(&folder));
    wait_until(server, "select 1 from pg_stat_activity where application_name like 'pgdba%'");
    // After the first samples it sleeps until the next; where the server has an idle limit it only dozes.
    let sleeps = "select 1 from pg_stat_activity where application_name like 'pgdba%' and state = 'idle'
                  and state_change < clock_timestamp() - interval '250 ms'";
    let deadline = Instant::now() + Duration::from_secs(3);
    while server.query("postgres", sleeps).unwrap_or_default().is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    Delta { child, folder }
}

fn file(folder: &tempfile::TempDir) -> std::path::PathBuf {
    Path::new(folder.path()).join("delta.json")
}

fn wait_until(server: &Server, sql: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.query("postgres", sql).unwrap_or_default().is_empty() {
        assert!(Instant::now() < deadline, "{sql}");
        thread::sleep(Duration::from_millis(20));
    }
}

impl Delta {
    fn end(self) -> Done {
        let done = self.child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        let bytes = std::fs::read(file(&self.folder)).unwrap_or_else(|error| panic!("{error}: {said}"));
        let snapshot = pgdba_snapshot::read(&bytes).unwrap();
        assert_eq!(snapshot.problems, Vec::<String>::new());
        Done { code: done.status.code(), said, snapshot }
    }
}

impl Done {
    /// A document without a hole.
    fn is_whole(&self) {
        assert_eq!(self.code, Some(0), "{}", self.said);
        for (name, section) in &self.snapshot.sections {
            let is_there = section.get().contains("\"available\":true");
            assert!(is_there || name == "host", "{name}: {}: {}", section.get(), self.said);
        }
    }

    /// What each table grew by, by its name; a counter of the caller's choice.
    fn tables(&self, counter: fn(&PgStatUserTable) -> Option<i64>) -> Vec<(String, Result<i64, Absence>)> {
        let names = self.snapshot.section::<PgClass>().rows;
        let name = |oid| names.iter().find(|class| class.oid == oid).map(|class| class.relname.clone());
        let rows = self.snapshot.section::<PgStatUserTable>().rows;
        let since = self.snapshot.since::<PgStatUserTable>().unwrap();
        assert_eq!(rows.len(), since.changes.len());
        let growth = rows.iter().zip(since.changes).filter_map(|(row, change)| {
            Some((name(row.relid)?, change.map(|change| counter(&change.growth).unwrap())))
        });
        growth.filter(|(name, _)| !name.starts_with("pg_toast")).collect()
    }

    fn table(&self, wanted: &str, counter: fn(&PgStatUserTable) -> Option<i64>) -> Result<i64, Absence> {
        self.tables(counter).into_iter().find(|(name, _)| name == wanted).unwrap().1
    }
}

/// Runs a test on each version at once: they wait most of the time.
fn on_each(options: &(dyn Fn() -> ServerOptions + Sync), test: impl Fn(u32, &Server) + Sync) {
    thread::scope(|scope| {
        for major in VERSIONS {
            let test = &test;
            scope.spawn(move || test(major, &Server::start(major, &options()).unwrap()));
        }
    });
}

#[test]
fn counters_grow_by_what_was_done_in_the_window() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        let tables = "create table busy (id int); create table idle (id int); create table dropped (id int);
                      insert into busy select generate_series(1, 1000); insert into idle values (1);
                      insert into dropped values (1)";
        server.execute("postgres", tables).unwrap();
        server.execute("postgres", "create database other").unwrap();
        // Up to version 14 a process of its own counts, and begins late.
        wait_until(server, "select 1 from pg_stat_user_tables where relname = 'busy' and n_tup_ins = 1000");
        let delta = begin(server, "postgres", 5, &[]);
        server
            .execute("postgres", "insert into busy select generate_series(1, 321); delete from busy where id <= 21")
            .unwrap();
        server
            .execute("postgres", "drop table dropped; create table young (id int); insert into young values (1)")
            .unwrap();
        server.execute("other", "select pg_stat_reset()").unwrap();
        let done = delta.end();
        done.is_whole();
        assert_eq!(done.table("busy", |row| row.n_tup_ins), Ok(321), "{major}");
        // 1 to 21 were there twice.
        assert_eq!(done.table("busy", |row| row.n_tup_del), Ok(42), "{major}");
        assert_eq!(done.table("idle", |row| row.n_tup_ins), Ok(0), "{major}");
        assert_eq!(done.table("young", |row| row.n_tup_ins), Err(Absence::New), "{major}");
        let since = done.snapshot.since::<PgStatUserTable>().unwrap();
        assert_eq!(since.gone.iter().map(|row| row.n_tup_ins).collect::<Vec<_>>(), [Some(1)], "{major}");
        // A first sample that comes late on a busy machine shortens it.
        assert!((4.0..60.0).contains(&since.seconds), "{major}: {}", since.seconds);
        let databases = done.snapshot.section::<PgStatDatabase>().rows;
        let growth = done.snapshot.since::<PgStatDatabase>().unwrap().changes;
        let of =
            |name: &str| databases.iter().zip(&growth).find(|(row, _)| row.datname.as_deref() == Some(name)).unwrap().1;
        assert!(of("postgres").as_ref().unwrap().growth.tup_inserted >= Some(322), "{major}");
        assert_eq!(of("other").as_ref().err(), Some(&Absence::Reset), "{major}");
    });
}

#[test]
fn a_reset_in_the_window_is_told_even_where_counters_have_overtaken_it() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        server.execute("postgres", "create table t (id int); insert into t values (1)").unwrap();
        let delta = begin(server, "postgres", 5, &[]);
        server.execute("postgres", "select pg_stat_reset(); select pg_stat_statements_reset()").unwrap();
        server.execute("postgres", "insert into t select generate_series(1, 500)").unwrap();
        let done = delta.end();
        done.is_whole();
        assert_eq!(done.table("t", |row| row.n_tup_ins), Err(Absence::Reset), "{major}");
        let statements = done.snapshot.since::<PgStatStatement>().unwrap();
        // Before 1.9 only the entries themselves tell it, and those that are there again are other ones.
        let told = statements.changes.iter().filter_map(|change| change.as_ref().err());
        assert!(told.clone().all(|absence| [Absence::Reset, Absence::New].contains(absence) || major == 12), "{major}");
        assert!(told.count() > 0, "{major}");
    });
}

#[test]
fn a_restart_in_the_window_is_survived_and_told() {
    for how in ["restart", "crash", "outage"] {
        on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
            server.execute("postgres", "create table t (id int); insert into t values (1)").unwrap();
            let delta = begin(server, "postgres", 6, &[]);
            if how == "restart" {
                server.restart().unwrap();
            } else {
                server.stop_immediate().unwrap();
                if how == "outage" {
                    thread::sleep(Duration::from_millis(1500));
                }
                server.start_again().unwrap();
            }
            server.execute("postgres", "insert into t select generate_series(1, 500)").unwrap();
            let done = delta.end();
            done.is_whole();
            assert!(done.said.contains("restored"), "{major} {how}: {}", done.said);
            assert!(done.snapshot.sampling.gap.is_some(), "{major} {how}");
            let problems = pgdba_analysis::analyze(&done.snapshot, &pgdba_analysis::Options::default()).problems;
            assert!(problems.iter().any(|problem| problem.contains("nothing was sampled")), "{major} {problems:?}");
            assert_eq!(done.table("t", |row| row.n_tup_ins), Err(Absence::Restarted), "{major} {how}");
            let databases = done.snapshot.since::<PgStatDatabase>().unwrap();
            assert!(databases.changes.iter().all(|change| change.as_ref().err() == Some(&Absence::Restarted)));
        });
    }
}

/// One backend that dies takes all others with it, and the statistics; the postmaster's start stays what it was.
#[test]
fn a_crash_of_a_backend_discards_the_statistics_and_that_is_told() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        server.execute("postgres", "create table t (id int); insert into t values (1)").unwrap();
        let delta = begin(server, "postgres", 6, &[]);
        thread::scope(|scope| {
            scope.spawn(|| server.execute("postgres", "select pg_sleep(3600)"));
            let victim = "select pid from pg_stat_activity where query = 'select pg_sleep(3600)' and state = 'active'";
            wait_until(server, victim);
            let pid = server.query("postgres", victim).unwrap()[0][0].clone().unwrap();
            assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
        });
        thread::sleep(Duration::from_millis(200));
        wait_until(server, "select 1");
        server.execute("postgres", "insert into t select generate_series(1, 500)").unwrap();
        let done = delta.end();
        done.is_whole();
        assert_eq!(done.table("t", |row| row.n_tup_ins), Err(Absence::Discarded), "{major}: {}", done.said);
    });
}

#[test]
fn an_idle_limit_of_the_server_does_not_end_a_delta() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        if major >= 14 {
            server.execute("postgres", "alter role postgres set idle_session_timeout = '300ms'").unwrap();
        }
        // Without waits nothing else is asked in the window.
        let sections = ["--strict", "--sections", "pg_stat_database,pg_stat_user_tables,pg_class"];
        let done = begin(server, "postgres", 3, &sections).end();
        done.is_whole();
        // Before 13 there is no system identifier to read.
        assert!(
            done.said.lines().all(|line| line.contains("system identifier") && major == 12),
            "{major}: {}",
            done.said
        );
        assert!(done.snapshot.since::<PgStatDatabase>().is_some(), "{major}");
        let log = server.log().unwrap();
        assert!(!log.contains("FATAL") && !log.contains("ERROR"), "{major}: {log}");
    });
}

#[test]
fn a_connection_that_is_lost_in_the_window_is_restored_once() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        for (strict, code) in [(false, 0), (true, 1)] {
            let delta = begin(server, "postgres", 6, if strict { &["--strict"] } else { &[] });
            let end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgdba%'";
            server.execute("postgres", end).unwrap();
            let done = delta.end();
            assert_eq!(done.code, Some(code), "{major}: {}", done.said);
            let gap = done.snapshot.sampling.gap.clone().unwrap_or_else(|| panic!("{major}: {}", done.said));
            assert!((0.5..5.0).contains(&gap.after_seconds) && gap.seconds < 3.0, "{major}: {gap:?}");
            assert!(done.said.contains("57P01") && done.said.contains("restored"), "{major}: {}", done.said);
            let statements = done.snapshot.section::<PgStatStatement>();
            assert!(
                statements.is_available() && statements.between.len() >= 4,
                "{major}: {}",
                statements.between.len()
            );
            assert!(done.snapshot.since::<PgStatStatement>().is_some(), "{major}");
            let missing =
                done.snapshot.sections.iter().filter(|(_, section)| section.get().contains("\"available\":false"));
            assert_eq!(missing.map(|(name, _)| name).collect::<Vec<_>>(), Vec::<&String>::new(), "{major}");
        }
    });
}

#[test]
fn a_connection_that_cannot_be_restored_leaves_what_was_sampled() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        let delta = begin(server, "postgres", 6, &[]);
        thread::sleep(Duration::from_millis(1500));
        server.stop_fast().unwrap();
        let done = delta.end();
        assert_eq!(done.code, Some(0), "{major}: {}", done.said);
        assert!(done.said.contains("the delta ended after") && done.said.contains("57P01"), "{major}: {}", done.said);
        assert_eq!(done.snapshot.sampling.gap, None, "{major}");
        assert!(done.snapshot.sampling.interval_seconds < Some(5.0), "{major}: {:?}", done.snapshot.sampling);
        // The last sample in between stands for the end, over a shorter time.
        let since = done.snapshot.since::<PgStatStatement>().unwrap();
        assert!((0.5..5.0).contains(&since.seconds), "{major}: {}", since.seconds);
        assert!(done.snapshot.section::<WaitSample>().readings > Some(0), "{major}");
    });
}

#[test]
fn privileges_that_are_revoked_in_the_window_are_missing_at_its_end() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        server.execute("postgres", "create role watcher login; grant pg_monitor to watcher").unwrap();
        let delta = begin(server, "watcher", 4, &[]);
        server.execute("postgres", "revoke pg_monitor from watcher").unwrap();
        let snapshot = delta.end().snapshot;
        let limits = [
            snapshot.section::<PgStatActivity>().limited,
            snapshot.section::<PgStatStatement>().limited,
            snapshot.section::<WaitSample>().limited,
        ];
        let all_told =
            limits.iter().all(|limited| limited.as_deref().is_some_and(|reason| reason.contains("pg_read_all_stats")));
        assert!(all_told, "{major} {limits:?}");
        let analysis = pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default());
        let connections = analysis.assessments.iter().find(|rule| rule.code == "PGD401").unwrap();
        assert!(matches!(connections.outcome, pgdba_analysis::Outcome::NotAssessed { .. }), "{major} {connections:?}");
    });
}
