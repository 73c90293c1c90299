//! Indexes that a session builds, rebuilds or drops while a snapshot is collected, and those that something depends on.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_analysis::{Analysis, Options, analyze};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::{Key, SECRET_BYTES, redact};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_index::PgIndex;
use pgdba_snapshot::sections::system::System;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::program::pgdba;

const VERSIONS: [u32; 3] = [12, 15, NEWEST];

fn collected(server: &Server, user: &str) -> DiagSnapshot {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    let run = pgdba(&["inspect", "--dsn", &server.dsn(user, "postgres"), "-o", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    pgdba_snapshot::read(&std::fs::read(file).unwrap()).unwrap()
}

fn analyzed(snapshot: &DiagSnapshot) -> Analysis {
    analyze(snapshot, &Options::default())
}

/// What the analysis says of a rule: the labels of its subjects.
fn subjects(analysis: &Analysis, code: &str) -> Vec<String> {
    let of_rule = analysis.findings.iter().filter(|finding| finding.code == code);
    of_rule.flat_map(|finding| finding.subjects.iter().map(|subject| subject.label.clone())).collect()
}

/// The invalid indexes, and whether each is in progress.
fn invalid(snapshot: &DiagSnapshot) -> Vec<Option<bool>> {
    let rows = snapshot.section::<PgIndex>().rows;
    rows.iter().filter(|row| row.indisvalid == Some(false)).map(|row| row.in_progress).collect()
}

fn wait_until(server: &Server, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.query("postgres", &format!("select {condition}")).unwrap()[0][0].as_deref() != Some("t") {
        assert!(Instant::now() < deadline, "{condition}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Ends every session but this one.
const END: &str = "select pg_terminate_backend(pid) from pg_stat_activity
                   where pid <> pg_backend_pid() and backend_type = 'client backend'";

/// An old snapshot of the database and a lock on the table hold the command up.
const HOLD: &str = "begin isolation level repeatable read; select * from t limit 1; select pg_sleep(3600)";

/// Runs `command`, which waits for another session, and meanwhile `read`. Nothing is asserted while the sessions last:
/// they would outlast a panic.
fn while_held_up<T>(server: &Server, command: &str, read: impl Fn() -> T) -> T {
    thread::scope(|scope| {
        scope.spawn(|| server.execute("postgres", HOLD));
        wait_until(server, "count(*) = 1 from pg_stat_activity where wait_event = 'PgSleep'");
        scope.spawn(|| server.execute("postgres", command));
        wait_until(server, "count(*) > 0 from pg_locks where locktype = 'virtualxid' and not granted");
        wait_until(server, "count(*) > 0 from pg_index where not indisvalid");
        let read = read();
        server.execute("postgres", END).unwrap();
        read
    })
}

#[test]
fn an_index_that_a_session_works_on_is_not_reported_to_any_role() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        server.execute("postgres", "create role plain login; create table t ()").unwrap();
        let setup = "drop table t; create table t as select g as a, g as b from generate_series(1, 100) g;
                     create index t_a on t (a); create index t_b on t (b)";
        let commands = [
            "drop index concurrently t_b",
            "create index concurrently t_ab on t (a, b)",
            "reindex table concurrently t",
        ];
        for command in commands {
            server.execute("postgres", setup).unwrap();
            let meanwhile =
                while_held_up(&server, command, || ["postgres", "plain"].map(|user| collected(&server, user)));
            for snapshot in meanwhile {
                let states = invalid(&snapshot);
                let all_known = !states.is_empty() && states.iter().all(|state| *state == Some(true));
                assert!(all_known, "{major} {command} {states:?}");
                assert_eq!(subjects(&analyzed(&snapshot), "PGD601"), Vec::<String>::new(), "{major} {command}");
            }
            let left = collected(&server, "plain");
            assert!(invalid(&left).iter().all(|state| *state == Some(false)), "{major} {command}");
            assert_eq!(subjects(&analyzed(&left), "PGD601").len(), invalid(&left).len(), "{major} {command}");
        }
        // VACUUM and ANALYZE hold the same lock on the table, and build nothing.
        thread::scope(|scope| {
            scope.spawn(|| {
                server.execute("postgres", "begin; lock table t in share update exclusive mode; select pg_sleep(3600)")
            });
            wait_until(&server, "count(*) > 0 from pg_locks where mode = 'ShareUpdateExclusiveLock'");
            let states = invalid(&collected(&server, "postgres"));
            server.execute("postgres", END).unwrap();
            assert!(!states.is_empty() && states.iter().all(|state| *state == Some(false)), "{major} {states:?}");
        });
    }
}

#[test]
fn what_reindex_left_behind_is_dropped_of_toast_tables_too_and_where_names_are_redacted() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        let table = "create table t as select g as a, 1 as b, 'x'::text as c from generate_series(1, 100) g";
        for sql in [table, "create index t_a on t (a)"] {
            server.execute("postgres", sql).unwrap();
        }
        let meanwhile = while_held_up(&server, "reindex table concurrently t", || collected(&server, "postgres"));
        assert_eq!(invalid(&meanwhile), [Some(true), Some(true)], "{major}");
        assert_eq!(subjects(&analyzed(&meanwhile), "PGD601"), Vec::<String>::new(), "{major}");
        // An index that only has such a name is not a copy of another.
        server.execute("postgres", "create unique index concurrently mine_ccnew on t (b)").unwrap_err();
        let snapshot = collected(&server, "postgres");
        let found = subjects(&analyzed(&snapshot), "PGD601");
        assert!(found.iter().any(|label| label.starts_with("pg_toast.")) && found.len() == 3, "{major} {found:?}");
        let mut key = Key::new(&[7; SECRET_BYTES]);
        let redacted = pgdba_snapshot::read(&redact(&snapshot, &mut key, Vec::new()).unwrap()).unwrap();
        let statements = |snapshot| {
            let analysis = analyzed(snapshot);
            let finding = analysis.findings.iter().find(|finding| finding.code == "PGD601").unwrap();
            finding.statements().unwrap()
        };
        for statements in [statements(&snapshot), statements(&redacted)] {
            let count = |word: &str| statements.lines().filter(|line| line.starts_with(word)).count();
            assert_eq!((count("DROP INDEX CONCURRENTLY"), count("REINDEX")), (2, 1), "{major} {statements}");
        }
        for drop in statements(&snapshot).lines().filter(|line| line.starts_with("DROP")) {
            server.execute("postgres", drop).unwrap();
        }
        assert_eq!(subjects(&analyzed(&collected(&server, "postgres")), "PGD601"), ["public.mine_ccnew"], "{major}");
        // Of an invalid index and a copy of it, the copy is dropped.
        server.execute("postgres", "create unique index concurrently mine on t (b)").unwrap_err();
        let both = statements(&collected(&server, "postgres"));
        let drops: Vec<&str> = both.lines().filter(|line| line.starts_with("DROP")).collect();
        assert_eq!(drops, ["DROP INDEX CONCURRENTLY public.mine_ccnew;"], "{major} {both}");
        assert!(both.contains("REINDEX INDEX CONCURRENTLY public.mine;"), "{major} {both}");
    }
}

#[test]
fn a_standby_says_that_it_cannot_know() {
    for major in VERSIONS {
        let options = ServerOptions::fast().with("autovacuum", "off");
        let primary = Server::start(major, &options).unwrap();
        primary.execute("postgres", "create table t as select g as a from generate_series(1, 100) g").unwrap();
        let standby = primary.standby(&options).unwrap();
        let sound = collected(&standby, "postgres");
        assert!(
            analyzed(&sound)
                .assessments
                .iter()
                .any(|rule| rule.code == "PGD601" && rule.outcome == pgdba_analysis::Outcome::Passed)
        );
        let snapshot = while_held_up(&primary, "create index concurrently t_a on t (a)", || {
            wait_until(&standby, "count(*) > 0 from pg_index where not indisvalid");
            collected(&standby, "postgres")
        });
        assert_eq!(invalid(&snapshot), [None], "{major}");
        let facts = pgdba_analysis::Facts::of(&snapshot);
        assert!(facts.invalid_indexes().unwrap_err().reason.contains("check the primary"), "{major}");
    }
}

#[test]
fn an_index_that_a_foreign_key_needs_is_kept() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        let setup =
            "create table gp (a int); create unique index gp_new on gp (a); create table gc (a int references gp (a));
                     create unique index gp_third on gp (a)";
        server.execute("postgres", setup).unwrap();
        let scan = "set enable_seqscan = off; begin; drop table gc; drop index gp_new; select * from gp where a = 1;
                    select * from gp where a = 2; rollback; select pg_sleep(1)";
        server.execute("postgres", scan).unwrap();
        let analysis = analyzed(&collected(&server, "postgres"));
        assert_eq!(subjects(&analysis, "PGD602"), ["public.gp_third"], "{major}");
        server.execute("postgres", "drop index gp_new").unwrap_err();
    }
}

#[test]
fn parameters_of_operator_classes_distinguish_indexes() {
    for major in [13, NEWEST] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let setup = "create extension pg_trgm; create table t (a text);
                     create index small on t using gist (a gist_trgm_ops (siglen = 32));
                     create index large on t using gist (a gist_trgm_ops (siglen = 256));
                     create index equal on t using gist (a gist_trgm_ops (siglen = 256))";
        server.execute("postgres", setup).unwrap();
        let analysis = analyzed(&collected(&server, "postgres"));
        assert_eq!(subjects(&analysis, "PGD602"), ["public.equal"], "{major}");
    }
}

#[test]
fn temporary_relations_of_others_get_no_advice() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        thread::scope(|scope| {
            let work = "begin; create temp table scratch as select g as a from generate_series(1, 60000) g;
                        create index scratch_a on scratch (a); create index scratch_b on scratch (a);
                        delete from scratch; commit; select pg_sleep(1); select pg_sleep(3600)";
            scope.spawn(|| server.execute("postgres", work));
            wait_until(&server, "count(*) = 1 from pg_stat_activity where wait_event = 'PgSleep'");
            thread::sleep(Duration::from_secs(3));
            let snapshot = collected(&server, "postgres");
            server.execute("postgres", END).unwrap();
            let temporary = |row: &PgClass| row.relpersistence == Some('t');
            let scratch = snapshot.section::<PgClass>().rows.into_iter().filter(temporary).count();
            assert!(scratch >= 3, "{major} {scratch}");
            let found = serde_json::to_string(&analyzed(&snapshot).findings).unwrap();
            assert!(!found.contains("scratch"), "{major} {found}");
        });
    }
}

#[test]
fn what_grew_since_it_was_counted_is_measured() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        let setup =
            "create table small as select 1 as a; analyze small; create table t (a int, filler text); create index t_a on t (a); insert into t values (1, 'x'); analyze t;
                     insert into t select g, repeat('x', 200) from generate_series(1, 20000) g; select pg_sleep(1)";
        server.execute("postgres", setup).unwrap();
        wait_until(&server, "n_mod_since_analyze >= 20000 from pg_stat_user_tables where relname = 't'");
        let rows = collected(&server, "postgres").section::<PgClass>().rows;
        for name in ["t", "t_a"] {
            let real = server.query("postgres", &format!("select pg_relation_size('{name}')")).unwrap()[0][0].clone();
            let row = rows.iter().find(|row| row.relname == name).unwrap();
            let seen = (row.size_source.clone(), row.size_bytes.map(|bytes| bytes.to_string()));
            assert_eq!(seen, (Some("pg_relation_size".to_owned()), real), "{major} {name}");
        }
        let small = rows.iter().find(|row| row.relname == "small").unwrap();
        assert_eq!((small.size_source.as_deref(), small.size_bytes), (Some("pg_relation_size"), Some(8192)), "{major}");
    }
}

#[test]
fn a_managed_service_is_not_recognized_where_there_is_a_superuser() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        server.execute("postgres", "create role rds_superuser; create role plain login").unwrap();
        let hosting = |user| {
            let system = collected(&server, user).section::<System>().rows;
            system[0].hosting.clone()
        };
        assert_eq!((hosting("postgres"), hosting("plain")), (None, None), "{major}");
        // A bootstrap superuser of another name is not that of the service, which has its own.
        let rename = "create role admin superuser; set session authorization admin; alter role postgres rename to dba;
                      create role postgres superuser login";
        server.execute("postgres", rename).unwrap();
        assert_eq!((hosting("postgres"), hosting("plain")), (None, None), "{major}");
        server.execute("postgres", "alter role dba rename to rdsadmin").unwrap();
        assert_eq!((hosting("postgres"), hosting("plain")), (None, Some("Amazon RDS".to_owned())), "{major}");
    }
}
