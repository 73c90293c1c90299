//! Deltas on servers that do what servers do meanwhile: they end idle sessions, restart, crash, reset their counters. Every
//! figure is compared with what was really done in the window.

use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_locks::PgLock;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use pgdba_snapshot::sections::wait_samples::WaitSample;
use pgdba_snapshot::since::Absence;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::collect::begin_at;
use crate::stopping::Stopping;

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
    // The first samples of a small server take less than that.
    thread::sleep(Duration::from_millis(1200));
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
        assert!((5.0..8.0).contains(&since.seconds), "{major}: {}", since.seconds);
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
    let stops: [(&str, fn(&Server)); 2] = [
        ("restart", |server| server.restart().unwrap()),
        ("crash", |server| {
            server.stop_immediate().unwrap();
            server.start_again().unwrap();
        }),
    ];
    for (how, stop) in stops {
        on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
            server.execute("postgres", "create table t (id int); insert into t values (1)").unwrap();
            let delta = begin(server, "postgres", 6, &[]);
            stop(server);
            server.execute("postgres", "insert into t select generate_series(1, 500)").unwrap();
            let done = delta.end();
            done.is_whole();
            assert!(done.said.contains("restored"), "{major} {how}: {}", done.said);
            assert!(done.snapshot.sampling.gap.is_some(), "{major} {how}");
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
fn waits_are_named_and_counted_as_far_as_the_role_sees_them() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        let setup = "create role plain login; create role app login; create table t (id int); insert into t values (1); grant all on t to app";
        server.execute("postgres", setup).unwrap();
        thread::scope(|scope| {
            let stopping = Stopping(server);
            scope.spawn(|| server.execute("postgres", "begin; update t set id = 2; select pg_sleep(3600)"));
            wait_until(server, "select 1 from pg_stat_activity where wait_event = 'PgSleep'");
            let dsn = format!("{}?application_name=billing%20postgres://u:secret@h", server.dsn("app", "postgres"));
            let mut psql = xtask::servers::psql().unwrap();
            let mut waiter = psql.args(["-X", "-q", "-c", "update t set id = 3", &dsn]).spawn().unwrap();
            wait_until(server, "select 1 from pg_stat_activity where wait_event_type = 'Lock'");
            let whole = begin(server, "postgres", 4, &[]).end();
            whole.is_whole();
            let waits = whole.snapshot.section::<WaitSample>();
            assert!((4..=6).contains(&waits.readings.unwrap()), "{major}: {:?}", waits.readings);
            let locked = waits.rows.iter().find(|row| row.wait_event_type.as_deref() == Some("Lock")).unwrap();
            assert_eq!(locked.samples, waits.readings.map(|readings| i64::try_from(readings).unwrap()), "{major}");
            assert_eq!(
                (locked.datname.as_deref(), locked.usename.as_deref()),
                (Some("postgres"), Some("app")),
                "{major}"
            );
            assert_eq!(locked.application_name.as_deref(), Some("billing postgres://***@h"), "{major}");

            let plain = begin(server, "plain", 4, &[]).end();
            let waits = plain.snapshot.section::<WaitSample>();
            assert!(waits.limited.as_deref().is_some_and(|text| text.contains("pg_read_all_stats")), "{major}");
            assert!(waits.rows.iter().all(|row| row.backend_type.is_some()), "{major}: {:?}", waits.rows);
            assert!(waits.rows.iter().all(|row| row.usename.as_deref() != Some("app")), "{major}: {:?}", waits.rows);
            drop(stopping);
            waiter.wait().unwrap();
        });
    });
}

/// Every statement of a load has its real number of calls, also one that the limit left out at first.
#[test]
fn a_statement_that_was_below_the_limit_is_not_new() {
    on_each(&|| ServerOptions::fast().with_statements(), |major, server| {
        server.execute("postgres", "create table t (id int)").unwrap();
        // Each statement has other columns, so that it is one of its own.
        let statement = |number: u32| format!("select {} from t", vec!["id"; number as usize].join(", "));
        let often: Vec<String> = (10..30).map(|number| vec![statement(number); 40].join(";")).collect();
        server.execute("postgres", &format!("{}; {}", often.join(";"), statement(3))).unwrap();
        let delta = begin(server, "postgres", 5, &["--statements", "8"]);
        server.execute("postgres", &vec![statement(3); 200].join(";")).unwrap();
        server.execute("postgres", &vec![statement(4); 150].join(";")).unwrap();
        let done = delta.end();
        done.is_whole();
        assert_eq!(done.snapshot.sampling.statements, Some(8));
        let section = done.snapshot.section::<PgStatStatement>();
        assert!(section.is_cut() && section.rows.len() == 8, "{major}: {}", section.rows.len());
        assert!(section.rows[0].entries >= Some(22), "{major}: {:?}", section.rows[0].entries);
        let earlier = section.earlier.as_ref().unwrap();
        assert!(!earlier.is_cut() && earlier.rows.len() > 20 && earlier.rows.iter().all(|row| row.query.is_none()));
        let since = done.snapshot.since::<PgStatStatement>().unwrap();
        let calls = |wanted: u32| {
            let found = section
                .rows
                .iter()
                .zip(&since.changes)
                .find(|(row, _)| row.query.as_deref() == Some(&statement(wanted)));
            found
                .unwrap_or_else(|| panic!("{major}: {wanted} is not there"))
                .1
                .as_ref()
                .map(|change| change.growth.calls)
        };
        assert_eq!(calls(3), Ok(Some(200)), "{major}");
        assert_eq!(calls(4), Err(&Absence::New), "{major}");
        assert!(since.gone.is_empty(), "{major}: what is below the limit is not gone");
    });
}

#[test]
fn locks_name_blocker_and_object_also_inside_the_window() {
    let options = || ServerOptions::fast().with_statements().with("max_prepared_transactions", "5");
    on_each(&options, |major, server| {
        server
            .execute("postgres", "create table t (id int primary key, v int); insert into t values (1, 1), (2, 2)")
            .unwrap();
        thread::scope(|scope| {
            let stopping = Stopping(server);
            server
                .execute("postgres", "begin; update t set v = 9 where id = 2; prepare transaction 'forgotten'")
                .unwrap();
            scope.spawn(|| server.execute("postgres", "update t set v = 3 where id = 2"));
            scope.spawn(|| {
                server.execute(
                    "postgres",
                    "begin; lock table pg_shdescription, pg_seclabel in access exclusive mode; select pg_sleep(3600)",
                )
            });
            wait_until(server, "select 1 from pg_locks where relation = 'pg_seclabel'::regclass and granted");
            scope.spawn(|| server.execute("postgres", "select count(*) from pg_shdescription"));
            scope.spawn(|| server.execute("postgres", "select count(*) from pg_seclabel"));
            let delta =
                begin(server, "postgres", 6, &["--sections", "pg_locks,pg_prepared_xacts,pg_class,wait_samples"]);
            // A wait that begins and ends inside the window.
            scope.spawn(|| {
                server.execute("postgres", "begin; update t set v = 5 where id = 1; select pg_sleep(2); commit")
            });
            wait_until(
                server,
                "select 1 from pg_locks where relation = 't'::regclass and mode = 'RowExclusiveLock' and pid in (select pid from pg_stat_activity where wait_event = 'PgSleep')",
            );
            scope.spawn(|| server.execute("postgres", "update t set v = 6 where id = 1"));
            let done = delta.end();
            let locks = done.snapshot.section::<PgLock>();
            let t = done.snapshot.section::<PgClass>().rows.iter().find(|class| class.relname == "t").unwrap().oid;
            let catalogs: Vec<_> = locks.rows.iter().filter_map(|row| row.catalog.as_deref()).collect();
            assert!(
                catalogs.contains(&"pg_shdescription") && catalogs.contains(&"pg_seclabel"),
                "{major}: {catalogs:?}"
            );
            // From the waiter to the row and to the prepared transaction that changed it.
            let waiter = locks.rows.iter().find(|row| row.blocked_by == Some(vec![0])).unwrap();
            let tuple = locks
                .rows
                .iter()
                .find(|row| row.pid == waiter.pid && row.locktype.as_deref() == Some("tuple"))
                .unwrap();
            assert_eq!((tuple.relation, tuple.granted), (Some(t), Some(true)), "{major}");
            let prepared = &done.snapshot.section::<PgPreparedXact>().rows[0];
            assert_eq!(prepared.transactionid, waiter.transactionid, "{major}");
            let holder =
                locks.rows.iter().find(|row| row.pid.is_none() && row.transactionid == waiter.transactionid).unwrap();
            assert!(holder.virtualtransaction.is_some(), "{major}: {holder:?}");
            // The short wait is over at the end, and in the samples of the window.
            let waits_for_t = |rows: &[PgLock]| {
                rows.iter().filter(|row| row.locktype.as_deref() == Some("tuple") && row.relation == Some(t)).count()
            };
            assert_eq!(waits_for_t(&locks.rows), 1, "{major}");
            assert!(
                locks.between.len() >= 4 && locks.between.iter().any(|sample| waits_for_t(&sample.rows) == 2),
                "{major}"
            );
            drop(stopping);
        });
    });
}

/// A table that autovacuum must freeze, so large that the worker is still at it when the collector comes.
#[test]
fn autovacuum_says_that_it_prevents_wraparound() {
    let options = || {
        ServerOptions::fast()
            .with_statements()
            .with("autovacuum_freeze_max_age", "100000")
            .with("autovacuum_naptime", "1s")
            .with("autovacuum_vacuum_cost_delay", "0")
    };
    on_each(&options, |major, server| {
        server.execute("postgres", "create table orders with (autovacuum_enabled = off, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1) as select g as id from generate_series(1, 200000) g").unwrap();
        // Every statement in its own transaction takes an id.
        let burn = "do $$ begin for i in 1..101000 loop perform txid_current(); commit; end loop; end $$";
        server.execute("postgres", burn).unwrap();
        wait_until(server, "select 1 from pg_stat_activity where query like 'autovacuum: % public.orders (%'");
        let done = begin(server, "postgres", 1, &["--sections", "pg_stat_activity,pg_stat_database"]).end();
        let rows = done.snapshot.section::<PgStatActivity>().rows;
        let texts: Vec<_> = rows.iter().filter_map(|row| row.query.as_deref()).collect();
        let expected = ["VACUUM", "VACUUM ANALYZE"]
            .map(|verb| format!("autovacuum: {verb} public.orders (to prevent wraparound)"));
        assert!(texts.iter().any(|text| expected.iter().any(|expected| expected == text)), "{major}: {texts:?}");
    });
}
