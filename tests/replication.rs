//! WAL, archiving and replication on real servers: what is wrong is named, the remedy removes the finding, and what is in order
//! is not reported.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::program::{build, pgdba};

/// The oldest version, one in the middle, and the newest: their views differ most.
const VERSIONS: [u32; 3] = [12, 15, 18];

/// How long a server may take until its views show what was caused.
const PATIENCE: Duration = Duration::from_secs(120);

/// The findings of a server.
fn findings(server: &Server) -> Vec<Value> {
    let run = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
    run.envelope()["data"]["findings"].as_array().unwrap().clone()
}

/// The finding of a rule, or none.
fn finding(server: &Server, code: &str) -> Option<Value> {
    findings(server).into_iter().find(|finding| finding["code"] == code)
}

/// The finding of a rule, as soon as there is one.
fn found(server: &Server, code: &str) -> Value {
    until(server.major(), &format!("{code} is found"), || finding(server, code))
}

/// Waits until a rule finds nothing any more.
fn gone(server: &Server, code: &str) {
    until(server.major(), &format!("{code} is gone"), || finding(server, code).is_none().then_some(()));
}

fn until<T>(major: u32, what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    build();
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{major}: never so: {what}");
        thread::sleep(Duration::from_millis(300));
    }
}

fn severity(finding: &Value) -> &str {
    finding["severity"].as_str().unwrap()
}

/// The names of a finding's subjects.
fn subjects(finding: &Value) -> Vec<&str> {
    let subjects = finding["subjects"].as_array().unwrap().iter();
    subjects.map(|affected| affected["subject"]["name"].as_str().unwrap()).collect()
}

/// Runs the statements of a finding's subjects.
fn remedy(server: &Server, finding: &Value) {
    for affected in finding["subjects"].as_array().unwrap() {
        let sql = affected["sql"].as_str().unwrap_or_else(|| panic!("no statement: {affected}"));
        server.execute("postgres", sql).unwrap();
    }
}

/// The codes of warnings and worse, without the one about the end of support.
fn warnings(server: &Server) -> Vec<String> {
    let is_grave =
        |finding: &&Value| ["warning", "critical"].contains(&severity(finding)) && finding["code"] != "PGD901";
    findings(server).iter().filter(is_grave).map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn options(settings: &[(&str, &str)]) -> ServerOptions {
    settings.iter().fold(ServerOptions::default(), |options, (name, value)| options.with(name, value))
}

/// A primary with a slot, and a standby that uses it.
fn pair(major: u32, standby: &[(&str, &str)]) -> (Server, Server) {
    let primary = Server::start(major, &ServerOptions::default()).unwrap();
    primary.execute("postgres", "select pg_create_physical_replication_slot('replica', true)").unwrap();
    let settings: Vec<(&str, &str)> = standby.iter().copied().chain([("primary_slot_name", "replica")]).collect();
    let standby = primary.standby(&options(&settings)).unwrap();
    until(major, "the standby follows", || {
        let rows = primary.query("postgres", "select from pg_stat_replication where state = 'streaming'").unwrap();
        (!rows.is_empty()).then_some(())
    });
    (primary, standby)
}

#[test]
fn a_primary_and_a_standby_that_follows_give_no_warning() {
    for major in VERSIONS {
        let (primary, standby) = pair(major, &[]);
        primary.execute("postgres", "create table t as select g as id from generate_series(1, 10000) g").unwrap();
        assert_eq!((warnings(&primary), warnings(&standby)), (Vec::new(), Vec::new()), "{major}");
        let is_limited = finding(&primary, "PGD1213").is_none();
        assert_eq!(is_limited, major < 13, "{major}: only 13 and newer can limit the WAL of slots");
    }
}

#[test]
fn an_archive_command_that_fails_is_critical_until_it_works() {
    for major in VERSIONS {
        let server = Server::start(major, &options(&[("archive_mode", "on"), ("archive_command", "false")])).unwrap();
        let switch =
            || server.execute("postgres", "create table if not exists t (); drop table t; select pg_switch_wal()");
        switch().unwrap();
        let failing = found(&server, "PGD1201");
        assert_eq!((severity(&failing), subjects(&failing)), ("critical", vec!["archive_command"]), "{major}");
        server.reload_with(&[("archive_command", "true")]).unwrap();
        switch().unwrap();
        gone(&server, "PGD1201");
        server.reload_with(&[("archive_command", "")]).unwrap();
        assert_eq!(severity(&found(&server, "PGD1203")), "warning", "{major}");
    }
}

#[test]
fn a_logical_slot_without_a_consumer_is_named_and_dropped() {
    for major in VERSIONS {
        let server = Server::start(major, &options(&[("wal_level", "logical")])).unwrap();
        server.execute("postgres", "select pg_create_logical_replication_slot('orphan', 'pgoutput')").unwrap();
        let unused = found(&server, "PGD1204");
        assert_eq!((severity(&unused), subjects(&unused)), ("notice", vec!["orphan"]), "{major}");
        if major >= 17 {
            // From this version on the server shows that it has just been created, and then it is not to be dropped.
            assert_eq!(unused["subjects"][0]["sql"], Value::Null, "{major}");
            server.execute("postgres", "select pg_drop_replication_slot('orphan')").unwrap();
        } else {
            remedy(&server, &unused);
        }
        gone(&server, "PGD1204");
        assert_eq!(finding(&server, "PGD1213"), None, "{major}: without a slot nothing must be limited");
    }
}

#[test]
fn commits_that_wait_for_a_missing_standby_are_critical() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::default()).unwrap();
        server.reload_with(&[("synchronous_standby_names", "FIRST 1 (nowhere)")]).unwrap();
        let missing = found(&server, "PGD1208");
        assert_eq!(severity(&missing), "critical", "{major}");
        assert!(missing["remedy"]["text"].as_str().unwrap().contains("(nowhere)"), "{major}: {missing}");
        server.reload_with(&[("synchronous_standby_names", "")]).unwrap();
        gone(&server, "PGD1208");
    }
}

#[test]
fn a_synchronous_standby_that_is_connected_is_enough() {
    for major in VERSIONS {
        let (primary, _standby) = pair(major, &[("cluster_name", "follower")]);
        primary.reload_with(&[("synchronous_standby_names", "ANY 1 (follower, walreceiver)")]).unwrap();
        until(major, "the standby is synchronous", || {
            let rows =
                primary.query("postgres", "select from pg_stat_replication where sync_state = 'quorum'").unwrap();
            (!rows.is_empty()).then_some(())
        });
        assert_eq!(finding(&primary, "PGD1208"), None, "{major}");
        primary.reload_with(&[("synchronous_standby_names", "ANY 2 (follower, walreceiver)")]).unwrap();
        assert_eq!(severity(&found(&primary, "PGD1208")), "critical", "{major}");
        primary.reload_with(&[("synchronous_standby_names", "")]).unwrap();
    }
}

#[test]
fn a_paused_standby_and_one_without_a_primary_are_named() {
    for major in VERSIONS {
        let (primary, standby) = pair(major, &[]);
        standby.execute("postgres", "select pg_wal_replay_pause()").unwrap();
        let paused = found(&standby, "PGD1210");
        assert_eq!(severity(&paused), "warning", "{major}");
        standby.execute("postgres", paused["remedy"]["script"]["text"].as_str().unwrap()).unwrap();
        gone(&standby, "PGD1210");
        primary.stop_fast().unwrap();
        assert_eq!(severity(&found(&standby, "PGD1209")), "warning", "{major}");
    }
}

#[test]
fn queries_that_replay_cancels_are_reported_with_the_setting_that_helps() {
    for major in VERSIONS {
        let (primary, standby) = pair(major, &[("max_standby_streaming_delay", "0"), ("hot_standby_feedback", "off")]);
        primary.execute("postgres", "create table t as select g as id from generate_series(1, 10000) g").unwrap();
        until(major, "the table is there", || standby.query("postgres", "select count(*) from t").ok());
        let canceled = thread::scope(|scope| {
            let long = "begin isolation level repeatable read; select count(*) from t; select pg_sleep(60); commit";
            let query = scope.spawn(|| standby.execute("postgres", long));
            until(major, "the query runs", || {
                let sleeping = "select from pg_stat_activity where wait_event = 'PgSleep'";
                (!standby.query("postgres", sleeping).unwrap().is_empty()).then_some(())
            });
            primary.execute("postgres", "delete from t").unwrap();
            primary.execute("postgres", "vacuum t").unwrap();
            query.join().unwrap()
        });
        assert!(canceled.is_err(), "{major}: the query was not canceled");
        let conflicts = found(&standby, "PGD1211");
        assert_eq!((severity(&conflicts), subjects(&conflicts)), ("notice", vec!["hot_standby_feedback"]), "{major}");
        standby.reload_with(&[("hot_standby_feedback", "on")]).unwrap();
        gone(&standby, "PGD1211");
        let canceled = found(&standby, "PGD1212");
        assert_eq!(subjects(&canceled), ["max_standby_streaming_delay"], "{major}");
    }
}

#[test]
fn a_slot_that_has_lost_its_wal_is_critical_until_it_is_dropped() {
    for major in [15, 18] {
        let limits = [("max_slot_wal_keep_size", "1MB"), ("max_wal_size", "32MB"), ("min_wal_size", "32MB")];
        let server = Server::start(major, &options(&limits)).unwrap();
        server.execute("postgres", "select pg_create_physical_replication_slot('left_behind', true)").unwrap();
        for _ in 0..5 {
            server.execute("postgres", "create table t (); drop table t; select pg_switch_wal()").unwrap();
        }
        server.execute("postgres", "checkpoint").unwrap();
        let lost = found(&server, "PGD1206");
        assert_eq!((severity(&lost), subjects(&lost)), ("critical", vec!["left_behind"]), "{major}");
        assert_eq!(finding(&server, "PGD1204"), None, "{major}: it is named once");
        remedy(&server, &lost);
        gone(&server, "PGD1206");
    }
}

#[test]
fn published_tables_and_subscriptions_are_checked_where_they_are() {
    for major in VERSIONS {
        let server = Server::start(major, &options(&[("wal_level", "logical")])).unwrap();
        let sql =
            "create table keyless (id int); create table keyed (id int primary key); create unlogged table u (id int)";
        server.execute("postgres", sql).unwrap();
        server.execute("postgres", "create publication everything for all tables").unwrap();
        let keyless = found(&server, "PGD1216");
        assert_eq!((severity(&keyless), subjects(&keyless)), ("warning", vec!["keyless"]), "{major}");
        let refused = server.execute("postgres", "insert into keyless values (1); update keyless set id = 2");
        assert!(refused.is_err(), "{major}: the server accepts the update");
        remedy(&server, &keyless);
        gone(&server, "PGD1216");
        server.execute("postgres", "update keyless set id = 2").unwrap();

        let subscription = "create subscription asleep connection 'host=127.0.0.1' publication p \
                            with (connect = false, slot_name = none, enabled = false)";
        server.execute("postgres", subscription).unwrap();
        let asleep = found(&server, "PGD1214");
        assert_eq!((severity(&asleep), subjects(&asleep)), ("warning", vec!["asleep"]), "{major}");
        server.execute("postgres", "alter subscription asleep set (slot_name = 'nowhere')").unwrap();
        remedy(&server, &asleep);
        gone(&server, "PGD1214");
        assert_eq!(subjects(&found(&server, "PGD1215")), ["asleep"], "{major}: nobody answers there");
    }
}

#[test]
fn a_server_that_risks_its_data_says_so_until_it_is_restarted() {
    for major in VERSIONS {
        let risks = options(&[("wal_level", "minimal"), ("max_wal_senders", "0"), ("data_sync_retry", "on")]);
        let server = Server::start(major, &risks).unwrap();
        assert_eq!(warnings(&server), ["PGD106", "PGD1217"], "{major}");
        for code in ["PGD106", "PGD1217"] {
            let script = found(&server, code)["remedy"]["script"]["text"].as_str().unwrap().to_owned();
            server.execute("postgres", &script).unwrap();
        }
        server.restart().unwrap();
        assert_eq!(warnings(&server), Vec::<String>::new(), "{major}");
    }
}

#[test]
fn checkpoints_run_by_hand_are_not_blamed_on_max_wal_size() {
    for major in VERSIONS {
        let server = Server::start(major, &ServerOptions::default()).unwrap();
        for number in 0..30 {
            server.execute("postgres", &format!("create table t{number} (); checkpoint")).unwrap();
        }
        let requested = finding(&server, "PGD301");
        assert_eq!(requested, None, "{major}");
    }
}
