//! What may happen to a collection on its way, each on a real server: what is left is a whole document that says what is
//! missing, or nothing at all.

mod proxy;
mod room;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{NEWEST, Server, ServerOptions};
use xtask::{paths, process};

use self::proxy::Proxy;
use crate::collect::{document, unavailable};
use crate::program::build;
use crate::stopping::Stopping;

/// The section that the tests make slow or broken: what comes before it in the document was complete by then.
const SPOILT: &str = "pg_stat_archiver";

/// Its view with a hostile column, of the server's own columns.
fn spoilt_view(archived_count: &str, from: &str) -> String {
    format!(
        "set allow_system_table_mods = on;
         create or replace view pg_catalog.pg_stat_archiver as
         select {archived_count} as archived_count, s.last_archived_wal, s.last_archived_time, s.failed_count,
                s.last_failed_wal, s.last_failed_time, s.stats_reset
         from pg_catalog.pg_stat_get_archiver() s{from}"
    )
}

/// A server on which the collector stays in the middle of its work for a minute, holding pg_class as any query does.
fn slow_server() -> Server {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", &spoilt_view("s.archived_count", &slowly())).unwrap();
    server
}

fn slowly() -> String {
    ", pg_catalog.pg_sleep(60), (select from pg_catalog.pg_class limit 1) c".to_owned()
}

/// A collection under way, in a folder of its own.
struct Begun {
    child: Child,
    folder: tempfile::TempDir,
}

/// What came of it.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    said: String,
    document: Option<Value>,
}

const FILE: &str = "snapshot.json";

fn begin(program: &str, dsn: &str, arguments: &[&str]) -> Begun {
    begin_through(&["env"], program, dsn, arguments)
}

/// The same through another program, which becomes this one.
fn begin_through(first: &[&str], program: &str, dsn: &str, arguments: &[&str]) -> Begun {
    build();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(first[0]);
    command.args(&first[1..]).arg(paths::target().join("debug").join(program));
    command.args((program == "pgdba").then_some("inspect"));
    command.args(["--dsn", dsn, "-o"]).arg(folder.path().join(FILE)).args(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    Begun { child, folder }
}

impl Begun {
    /// Waits for its end. The document is whole or not there, nothing else lies beside it, and each line on standard
    /// error is a sentence for people.
    fn end(self) -> Outcome {
        let done = self.child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<_> = names.collect();
        assert!(names.iter().all(|name| name == FILE), "{names:?}: {said}");
        let document = (!names.is_empty()).then(|| {
            let file = self.folder.path().join(FILE);
            let read = pgdba_snapshot::read(&fs::read(&file).unwrap()).unwrap();
            assert_eq!(read.problems, Vec::<String>::new());
            let document = document(&file);
            assert!(document["checksum"].is_string(), "torn: {said}");
            document
        });
        let outcome = Outcome { code: done.status.code(), said, document };
        outcome.is_told();
        outcome
    }
}

impl Outcome {
    fn is_told(&self) {
        let is_sentence = |line: &str| {
            let starts = ["pgdba: error: ", "pgdba: warning: ", "pgdba-collect: ", "warning: ", "hint: "];
            starts.iter().any(|start| line.starts_with(start)) && !line.contains("panicked") && !line.contains("Error")
        };
        assert!(self.said.lines().all(is_sentence), "{}", self.said);
        let is_error = |line: &&str| line.starts_with("pgdba: error: ") || line.starts_with("pgdba-collect: ");
        // With --strict, an incomplete document is an error too.
        let is_strict = |line: &&str| line.contains("which --strict treats as a failure");
        let errors = self.said.lines().filter(is_error).filter(|line| !is_strict(line)).count();
        assert_eq!(errors, usize::from(self.document.is_none()), "{}", self.said);
    }

    /// A document in which what is missing says `why`, and what came before is there.
    fn is_partial(&self, code: i32, why: &str) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        assert!(self.said.contains(why), "{why}: {}", self.said);
        let document = self.document.as_ref().unwrap_or_else(|| panic!("no document: {}", self.said));
        assert_eq!(document["sections"]["pg_settings"]["available"], true, "{}", self.said);
        let error = document["sections"][SPOILT]["error"].as_str().unwrap_or_default();
        assert!(error.contains(why), "{why}: {error}");
        // Each reason once, however many sections share it, and why that is a failure.
        assert!(self.said.lines().count() <= if code == 0 { 3 } else { 5 }, "{}", self.said);
    }

    /// No document, and `why` in one sentence.
    fn is_nothing(&self, why: &str) {
        assert_eq!((self.code, &self.document), (Some(1), &None), "{}", self.said);
        assert!(self.said.contains(why), "{why}: {}", self.said);
    }
}

/// Waits until the collector sleeps in the spoilt section; gives its server process.
fn wait_until_it_sleeps(server: &Server) -> String {
    let sleeping = "select pid from pg_catalog.pg_stat_activity
                    where application_name like 'pgdba%' and wait_event = 'PgSleep'";
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(row) = server.query("postgres", sleeping).unwrap().first() {
            return row[0].clone().unwrap();
        }
        assert!(Instant::now() < deadline, "no collector came");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_that_goes_while_it_is_read_leaves_what_was_complete() {
    let server = slow_server();
    let fast: fn(&Server) -> _ = Server::stop_fast;
    for (program, arguments, stop, code) in [
        ("pgdba", &[][..], Server::kill as fn(&Server) -> _, 0),
        ("pgdba-collect", &["--strict"], Server::kill, 1),
        ("pgdba", &["--strict"], Server::stop_immediate, 1),
        ("pgdba-collect", &["--all-databases"], fast, 0),
    ] {
        let begun = begin(program, &server.dsn("postgres", "postgres"), arguments);
        wait_until_it_sleeps(&server);
        stop(&server).unwrap();
        let outcome = begun.end();
        outcome.is_partial(code, "the connection was lost (");
        let missing = unavailable(outcome.document.as_ref().unwrap()).into_iter().collect::<BTreeSet<_>>();
        assert!(missing.contains("pg_class") && !missing.contains("pg_stat_database"), "{missing:?}");
        server.start_again().unwrap();
    }
    let begun = begin("pgdba", &server.dsn("postgres", "postgres"), &["--sections", SPOILT]);
    wait_until_it_sleeps(&server);
    server.kill().unwrap();
    begun.end().is_nothing("was lost before any section was complete: ");
}

#[test]
fn a_network_that_is_cut_costs_no_more_than_the_time_limit() {
    let server = slow_server();
    let _stopping = Stopping(&server);
    for (program, arguments, code) in
        [("pgdba-collect", &["--max-time", "4s"][..], 0), ("pgdba", &["--max-time", "4s", "--strict"], 1)]
    {
        let proxy = Proxy::to(&server);
        let begun = begin(program, &proxy.dsn(), arguments);
        let clock = Instant::now();
        wait_until_it_sleeps(&server);
        proxy.fall_silent();
        begun.end().is_partial(code, "the time limit of 4 s was reached");
        assert!(clock.elapsed() < Duration::from_secs(12), "{:?}", clock.elapsed());
        end_sessions(&server);
    }
    let proxy = Proxy::to(&server);
    let begun = begin("pgdba", &proxy.dsn(), &["--sections", SPOILT, "--max-time", "3s"]);
    wait_until_it_sleeps(&server);
    proxy.fall_silent();
    begun.end().is_nothing("the time limit of 3 s was reached before any section was complete");
    end_sessions(&server);

    // The server ends the session, and the network ends before it can say so.
    let proxy = Proxy::to(&server);
    let begun = begin("pgdba", &proxy.dsn(), &[]);
    wait_until_it_sleeps(&server);
    proxy.break_on_next();
    end_sessions(&server);
    begun.end().is_partial(0, "the connection was lost (");

    // Cut before the session came about.
    let proxy = Proxy::to(&server);
    proxy.fall_silent();
    begin("pgdba-collect", &proxy.dsn(), &["--max-time", "2s"]).end().is_nothing("timed out after 2 s");
}

/// Ends the sessions that a lost collector left, which the server does not know to be lost.
fn end_sessions(server: &Server) {
    let end = "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
               where application_name like 'pgdba%'";
    server.execute("postgres", end).unwrap();
    let left = "select 1 from pg_catalog.pg_stat_activity where application_name like 'pgdba%'";
    while !server.query("postgres", left).unwrap().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_process_that_hangs_is_left_at_the_time_limit() {
    let server = slow_server();
    let _stopping = Stopping(&server);
    let begun = begin("pgdba", &server.dsn("postgres", "postgres"), &["--max-time", "4s"]);
    let hanging = Stopped::process(wait_until_it_sleeps(&server));
    begun.end().is_partial(0, "the time limit of 4 s was reached");
    drop(hanging);
    end_sessions(&server);

    // In the interval of a delta, of which there is the first look.
    let arguments =
        ["--delta", "--interval", "3s", "--max-time", "2s", "--sections", "pg_stat_database,pg_stat_bgwriter"];
    let begun = begin("pgdba-collect", &server.dsn("postgres", "postgres"), &arguments);
    let idle = "select pid from pg_catalog.pg_stat_activity where application_name like 'pgdba%' and state = 'idle'
                and backend_start < pg_catalog.clock_timestamp() - interval '1 second'";
    let deadline = Instant::now() + Duration::from_secs(30);
    let pid = loop {
        if let Some(row) = server.query("postgres", idle).unwrap().first() {
            break row[0].clone().unwrap();
        }
        assert!(Instant::now() < deadline, "no collector came");
    };
    let hanging = Stopped::process(pid);
    let ended = begun.end();
    assert!(ended.said.contains("at its beginning: the time limit of 5 s was reached"), "{}", ended.said);
    assert_eq!(ended.document.as_ref().unwrap()["sections"]["pg_stat_bgwriter"]["available"], true, "{}", ended.said);
    drop(hanging);
}

/// A process that stands still; it goes on when this value goes.
struct Stopped(String);

impl Stopped {
    fn process(pid: String) -> Self {
        assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        Command::new("kill").args(["-CONT", &self.0]).status().ok();
    }
}

#[test]
fn a_view_that_fails_costs_its_own_section() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", &spoilt_view("s.failed_count / (s.failed_count - s.failed_count)", "")).unwrap();
    for (program, arguments, code) in [("pgdba", &[][..], 0), ("pgdba-collect", &["--strict"], 1)] {
        let outcome = begin(program, &server.dsn("postgres", "postgres"), arguments).end();
        outcome.is_partial(code, "division by zero (SQLSTATE 22012)");
        assert_eq!(
            unavailable(outcome.document.as_ref().unwrap()),
            [SPOILT, "pg_stat_statements", "pg_stat_statements_info"]
        );
    }
}

#[test]
fn a_standby_that_cancels_leaves_what_was_complete() {
    let primary = slow_server();
    let options = ServerOptions::fast().with("max_standby_streaming_delay", "0").with("hot_standby_feedback", "off");
    let standby = primary.standby(&options).unwrap();
    let _stopping = Stopping(&standby);
    for (arguments, code) in [(&[][..], 0), (&["--strict"], 1)] {
        let begun = begin("pgdba", &standby.dsn("postgres", "postgres"), arguments);
        wait_until_it_sleeps(&standby);
        primary.execute("postgres", "vacuum full pg_catalog.pg_class").unwrap();
        let outcome = begun.end();
        outcome.is_partial(code, "conflict with recovery");
        assert_eq!(outcome.document.unwrap()["sections"]["pg_class"]["available"], true, "{}", outcome.said);
    }
    // And at any moment of the collection: each of them is partial, or nothing.
    primary.execute("postgres", &spoilt_view("s.archived_count", "")).unwrap();
    thread::scope(|scope| {
        let stopping = Stopping(&primary);
        let rewrite = |table| primary.execute("postgres", &format!("vacuum full pg_catalog.{table}")).is_ok();
        scope.spawn(move || while ["pg_class", "pg_attribute", "pg_index", "pg_proc"].into_iter().all(rewrite) {});
        for _ in 0..4 {
            let outcome = begin("pgdba-collect", &standby.dsn("postgres", "postgres"), &[]).end();
            match &outcome.document {
                Some(document) => {
                    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
                    for name in unavailable(document) {
                        assert!(outcome.said.contains(name), "{name}: {}", outcome.said);
                    }
                }
                None => outcome.is_nothing("conflict with recovery"),
            }
        }
        drop(stopping);
    });
}

#[test]
fn where_no_session_is_left_there_is_no_file() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with("max_connections", "6")).unwrap();
    let run = |sql: &str| server.execute("postgres", sql).unwrap();
    run("create role limited login connection limit 0");
    run("create role plain login");
    run("create database closed connection limit 0");
    let refused = begin("pgdba", &server.dsn("limited", "postgres"), &[]).end();
    refused.is_nothing("too many connections for role \"limited\"");
    begin("pgdba-collect", &server.dsn("plain", "closed"), &[])
        .end()
        .is_nothing("too many connections for database \"closed\"");
    let outcome = begin("pgdba", &server.dsn("plain", "postgres"), &["--all-databases"]).end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
    assert!(outcome.said.contains("database \"closed\" could not be read: "), "{}", outcome.said);
    let partial = outcome.document.unwrap()["sections"]["pg_class"]["partial"].clone();
    assert!(partial[0]["error"].as_str().unwrap().contains("too many connections for database"), "{partial}");

    thread::scope(|scope| {
        let stopping = Stopping(&server);
        let held = "select count(*) from pg_catalog.pg_stat_activity where wait_event = 'PgSleep'";
        for count in 1..=3 {
            scope.spawn(|| server.execute("postgres", "select pg_catalog.pg_sleep(60)"));
            while server.query("postgres", held).unwrap()[0][0].as_deref() != Some(&count.to_string()) {
                thread::sleep(Duration::from_millis(10));
            }
        }
        begin("pgdba", &server.dsn("plain", "postgres"), &[])
            .end()
            .is_nothing("remaining connection slots are reserved");
        drop(stopping);
    });
}

#[test]
fn the_end_of_the_terminal_leaves_nothing_unless_the_program_shall_outlive_it() {
    let server = slow_server();
    let _stopping = Stopping(&server);
    let outliving = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    // The test itself may have been started by something that ignores the signal.
    let ending = ["env", "--default-signal=HUP"];
    for first in [&ending[..], &outliving] {
        let begun = begin_through(first, "pgdba-collect", &server.dsn("postgres", "postgres"), &[]);
        wait_until_it_sleeps(&server);
        process::run(Command::new("kill").args(["-HUP", &begun.child.id().to_string()])).unwrap();
        if first == ending {
            begun.end().is_nothing("interrupted");
            end_sessions(&server); // Or the next one is taken for asleep before it has begun.
        } else {
            thread::sleep(Duration::from_millis(300));
            end_sessions(&server);
            begun.end().is_partial(0, "the connection was lost (");
        }
    }
}
