//! What rules say in circumstances that only a real server has: lost counters, a standby, a running VACUUM, invalid files.

mod counters;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::program::{build, pgdba};
use crate::stopping::Stopping;

/// Versions that differ in what they count and show.
const MAJORS: [u32; 3] = [12, 15, 18];

/// How long statistics and commands may take to be seen.
const PATIENCE: Duration = Duration::from_secs(60);

/// How every reason begins for which the counters of the table `t` do not show what is in it. Up to version 14 a crash leaves
/// the time at which they began again, as a reset does.
const LOST: &str = "the counters of public.t ";

/// The answer of `check` for a role.
fn check(server: &Server, role: &str) -> Value {
    check_in(server, role, "postgres")
}

/// The same in a database.
fn check_in(server: &Server, role: &str, database: &str) -> Value {
    pgdba(&["check", "--format", "json", "--dsn", &server.dsn(role, database)]).envelope()["data"].clone()
}

/// The outcome of a rule: `passed`, `found`, or the reason why it is not assessed.
fn outcome(checked: &Value, code: &str) -> String {
    let assessments = checked["assessments"].as_array().unwrap();
    let outcome = &assessments.iter().find(|assessment| assessment["code"] == code).unwrap()["outcome"];
    outcome["reason"].as_str().or(outcome["result"].as_str()).unwrap().to_owned()
}

fn finding<'c>(checked: &'c Value, code: &str) -> &'c Value {
    let findings = checked["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("no {code}: {findings:?}"))
}

/// Checks until a rule has this outcome: statistics are seen late.
fn wait_for(server: &Server, code: &str, expected: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let checked = check(server, "postgres");
        let found = outcome(&checked, code);
        if found.starts_with(expected) {
            return checked;
        }
        assert!(Instant::now() < deadline, "{} {code}: {found}, not {expected}", server.major());
        thread::sleep(Duration::from_millis(300));
    }
}

fn each(options: impl Fn() -> ServerOptions, test: impl Fn(&Server)) {
    build();
    for major in MAJORS {
        test(&Server::start(major, &options()).unwrap());
    }
}

fn run(server: &Server, statements: &[&str]) {
    for sql in statements {
        server.execute("postgres", sql).unwrap_or_else(|error| panic!("{}: {sql}: {error:?}", server.major()));
    }
}

#[test]
fn what_create_index_or_vacuum_counted_is_not_analyzed_and_a_crash_does_not_change_that() {
    each(
        || ServerOptions::fast().with("autovacuum", "off"),
        |server| {
            run(
                server,
                &["create table t as select g as id from generate_series(1, 20000) g", "create index on t (id)"],
            );
            wait_for(server, "PGD801", "found");
            run(server, &["vacuum t", "create role monitor login", "grant pg_monitor to monitor"]);
            wait_for(server, "PGD801", "found");
            // This role sees no statistics, but the counters have counted all rows.
            assert_eq!(outcome(&check(server, "monitor"), "PGD801"), "found", "{}", server.major());
            run(server, &["analyze t"]);
            wait_for(server, "PGD801", "passed");
            server.stop_immediate().unwrap();
            server.start_again().unwrap();
            run(server, &["update t set id = id"]);
            wait_for(server, "PGD502", "found");
            assert_eq!(outcome(&check(server, "postgres"), "PGD801"), "passed", "{}", server.major());
            let reason = outcome(&check(server, "monitor"), "PGD801");
            assert!(reason.starts_with("the time of the last ANALYZE is unknown"), "{} {reason}", server.major());
        },
    );
}

#[test]
fn lost_counters_do_not_show_few_dead_rows() {
    each(
        || ServerOptions::fast().with("autovacuum", "off"),
        |server| {
            run(server, &["create table t as select g as id from generate_series(1, 50000) g", "vacuum t"]);
            wait_for(server, "PGD502", "passed");
            run(server, &["delete from t where id < 45000"]);
            wait_for(server, "PGD502", "found");
            run(server, &["select pg_stat_reset()"]);
            wait_for(server, "PGD502", "the counters of public.t were reset");
            run(server, &["vacuum t"]);
            wait_for(server, "PGD502", "passed");
            server.stop_immediate().unwrap();
            server.start_again().unwrap();
            wait_for(server, "PGD502", LOST);
        },
    );
}

#[test]
fn a_standby_neither_counts_nor_vacuums() {
    each(
        || ServerOptions::fast().with("autovacuum", "off"),
        |server| {
            let standby = server.standby(&ServerOptions::fast().with("autovacuum", "off")).unwrap();
            let checked = check(&standby, "postgres");
            assert_eq!(outcome(&checked, "PGD502"), "a standby does not count dead rows; check the primary");
            let finding = finding(&checked, "PGD501");
            assert_eq!(finding["severity"], "notice", "{finding}");
            let rationale = finding["rationale"].as_str().unwrap();
            assert!(rationale.starts_with("Autovacuum does not run on a standby."), "{rationale}");
            assert_eq!(self::finding(&check(server, "postgres"), "PGD501")["severity"], "critical");
        },
    );
}

#[test]
fn a_vacuum_that_is_running_is_waited_for() {
    let options = || ServerOptions::fast().with("autovacuum", "off");
    each(options, |server| {
        run(
            server,
            &["create table t as select g as id from generate_series(1, 200000) g", "delete from t where id > 900"],
        );
        wait_for(server, "PGD502", "found");
        let slow = ["vacuum_cost_delay = 100", "vacuum_cost_limit = 1"];
        run(
            server,
            &slow.map(|setting| format!("alter database postgres set {setting}")).each_ref().map(String::as_str),
        );
        thread::scope(|scope| {
            let stopped_at_the_end = Stopping(server);
            scope.spawn(|| server.execute("postgres", "vacuum t"));
            let deadline = Instant::now() + PATIENCE;
            let checked = loop {
                let checked = check(server, "postgres");
                let summary = finding(&checked, "PGD502")["summary"].as_str().unwrap().to_owned();
                if summary.starts_with("Wait for the running VACUUM of public.t") {
                    break checked;
                }
                assert!(Instant::now() < deadline, "{} {summary}", server.major());
            };
            let finding = finding(&checked, "PGD502");
            assert_eq!(finding["severity"], "notice");
            let rationale = finding["rationale"].as_str().unwrap();
            assert!(!rationale.contains("cannot keep up"), "{rationale}");
            drop(stopped_at_the_end);
        });
    });
}

#[test]
fn the_server_starts_with_invalid_lines_exactly_where_pgd201_says_so() {
    each(ServerOptions::fast, |server| {
        let file = server.data_dir().join("postgresql.conf");
        let sound = fs::read_to_string(&file).unwrap();
        run(server, &["create role monitor login", "grant pg_monitor to monitor"]);
        for (line, is_fatal) in [
            ("max_connections = 5000000000", true),
            ("work_mem = '1 nonsense'", true),
            ("nosuch = 1", true),
            ("not a line", true),
            ("default_tablespace = 'nosuch'", false),
            ("default_text_search_config = 'nosuch'", false),
            ("max_connections = 150", false),
            ("wal_level = minimal\nmax_wal_senders = 5", true),
            ("wal_level = minimal\nmax_wal_senders = 0", false),
            ("max_connections = 3\nsuperuser_reserved_connections = 3", true),
            ("max_connections = 5000000000\nshared_buffers = 33MB", true),
        ] {
            fs::write(&file, format!("{sound}\n{line}\n")).unwrap();
            run(server, &["select pg_reload_conf()"]);
            let checked = check(server, "postgres");
            let findings = checked["findings"].as_array().unwrap();
            let found = findings.iter().find(|finding| finding["code"] == "PGD201");
            assert_nothing_is_promised_to(server, "monitor", line);
            let is_warning = found.is_some_and(|finding| finding["severity"] == "warning");
            assert_eq!(is_warning, is_fatal, "{} {line}: {found:?}", server.major());
            if let Some(found) = found {
                let query = found["remedy"]["script"]["text"].as_str().unwrap();
                let rows = server.query("postgres", query.trim_end_matches(';')).unwrap();
                assert!(!rows.is_empty(), "{} {query}", server.major());
                let says = found["summary"].as_str().unwrap().ends_with("the server would not start");
                assert_eq!(says, is_fatal, "{found}");
                let is_restart_advised = found["remedy"]["text"].as_str().unwrap().starts_with("Restart");
                assert_eq!(is_restart_advised, !is_fatal, "{found}");
            }
            server.stop_fast().unwrap();
            assert_eq!(server.start_again().is_err(), is_fatal, "{} {line}", server.major());
            if is_fatal {
                fs::write(&file, &sound).unwrap();
                server.start_again().unwrap();
            }
        }
    });
}

/// A role that cannot read the files does not see an invalid line: the rule neither passes nor is it certain.
fn assert_nothing_is_promised_to(server: &Server, role: &str, line: &str) {
    let checked = check(server, role);
    let outcome = outcome(&checked, "PGD201");
    if outcome == "found" {
        let found = finding(&checked, "PGD201");
        let text = found["remedy"]["text"].as_str().unwrap();
        let is_careful = found["confidence"] == "medium" && text.starts_with("Check pg_file_settings first");
        assert!(is_careful, "{} {line}: {found}", server.major());
    } else {
        assert!(outcome.contains("invalid lines"), "{} {line}: {outcome}", server.major());
    }
}
