//! What is sampled in the window: waits, statements, locks, and what autovacuum says of itself.

use std::thread;

use pgdba_snapshot::redact::{Key, SECRET_BYTES, redact};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_locks::PgLock;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::sections::wait_samples::WaitSample;
use pgdba_snapshot::since::Absence;
use xtask::servers::ServerOptions;

use super::{Done, begin, on_each, wait_until};
use crate::stopping::Stopping;

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
            row_wait_is_explained(major, &done, t);
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

/// From the waiter to the row it waits for, and to the prepared transaction that changed the row.
fn row_wait_is_explained(major: u32, done: &Done, t: i64) {
    let locks = done.snapshot.section::<PgLock>();
    let waiter = locks.rows.iter().find(|row| row.blocked_by == Some(vec![0])).unwrap();
    let tuple =
        locks.rows.iter().find(|row| row.pid == waiter.pid && row.locktype.as_deref() == Some("tuple")).unwrap();
    assert_eq!((tuple.relation, tuple.granted), (Some(t), Some(true)), "{major}");
    let prepared = &done.snapshot.section::<PgPreparedXact>().rows[0];
    assert_eq!(prepared.transactionid, waiter.transactionid, "{major}");
    let holder = locks.rows.iter().find(|row| row.pid.is_none() && row.transactionid == waiter.transactionid).unwrap();
    assert!(holder.virtualtransaction.is_some(), "{major}: {holder:?}");
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
        let redacted = redact(&done.snapshot, &mut Key::new(&[7; SECRET_BYTES]), Vec::new()).unwrap();
        let rows = pgdba_snapshot::read(&redacted).unwrap().section::<PgStatActivity>().rows;
        let texts: Vec<_> = rows.iter().filter_map(|row| row.query.as_deref()).collect();
        let is_expected = |text: &&str| {
            let table = expected
                .iter()
                .find_map(|expected| text.strip_prefix(expected.strip_suffix("orders (to prevent wraparound)")?));
            table.is_some_and(|table| table.ends_with(" (to prevent wraparound)") && !table.contains("orders"))
        };
        assert!(texts.iter().any(is_expected), "{major}: {texts:?}");
    });
}
