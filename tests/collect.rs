//! The collector on the sites it is made for: many databases, deltas, any bytes, locked catalogues, lost connections,
//! a standby.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::paths;
use xtask::servers::{NEWEST, Pooler, Server, ServerOptions};

use crate::program::{build, pgdba};
use crate::stopping::Stopping;

/// Begins a collection with `pgdba inspect`.
fn begin(server: &Server, database: &str, arguments: &[&str], file: &Path) -> Child {
    begin_at(&server.dsn("postgres", database), arguments, file)
}

pub(crate) fn begin_at(dsn: &str, arguments: &[&str], file: &Path) -> Child {
    build();
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    command.args(["inspect", "--dsn", dsn, "-o"]).arg(file).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A whole collection: its document and what was said on the way.
fn collected(server: &Server, database: &str, arguments: &[&str]) -> (Value, String) {
    collected_at(&server.dsn("postgres", database), arguments)
}

fn collected_at(dsn: &str, arguments: &[&str]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    let done = begin_at(dsn, arguments, &file).wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}");
    (document(&file), said)
}

pub(crate) fn document(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// The column `name` of a section, row by row.
fn column<'d>(document: &'d Value, section: &str, name: &str) -> Vec<&'d Value> {
    let section = &document["sections"][section];
    let at = section["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
    section["rows"].as_array().unwrap().iter().map(|row| &row[at]).collect()
}

pub(crate) fn unavailable(document: &Value) -> Vec<&str> {
    let sections = document["sections"].as_object().unwrap();
    sections.iter().filter(|(_, section)| section["available"] == false).map(|(name, _)| name.as_str()).collect()
}

#[test]
fn rules_do_not_pass_for_databases_that_the_role_cannot_read() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", "create database hidden").unwrap();
    server.execute("postgres", "create role plain login; grant pg_monitor to plain").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.json");
    let check = || {
        let done = begin_at(&server.dsn("plain", "postgres"), &["--all-databases"], &file).wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        let run = pgdba(&[
            "check",
            "--format",
            "json",
            "--snapshot",
            file.to_str().unwrap(),
            "--fail-on",
            "warning",
            "--ignore",
            "PGD101,PGD102",
        ]);
        let rules = run.envelope()["data"]["assessments"].as_array().unwrap().clone();
        let of = |code: &str| rules.iter().find(|rule| rule["code"] == code).unwrap()["outcome"].clone();
        (run.code, ["PGD502", "PGD601", "PGD602", "PGD801"].map(of), of("PGD401"))
    };
    let (_, whole, _) = check();
    assert!(
        whole
            .iter()
            .all(|outcome| outcome["result"] != "not_assessed" || outcome["reason"].as_str().unwrap().contains("1 h")),
        "{whole:?}"
    );
    server.execute("postgres", "revoke connect on database hidden from public").unwrap();
    let (code, part, connections) = check();
    assert_eq!((code, &connections["result"]), (Some(1), &Value::from("passed")));
    for outcome in part {
        assert_eq!(outcome["result"], "not_assessed", "{outcome}");
        assert!(
            outcome["reason"].as_str().unwrap().contains("database \"hidden\" could not be read: no CONNECT privilege"),
            "{outcome}"
        );
    }
}

#[test]
fn all_databases_stand_in_one_document_and_what_is_missing_is_named() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let evil = "host=nowhere port=1";
    server.execute("postgres", &format!("create database \"{evil}\"")).unwrap();
    server.execute("postgres", "create database closed allow_connections false").unwrap();
    server.execute("postgres", "create database interrupted").unwrap();
    server.execute("postgres", "update pg_database set datconnlimit = -2 where datname = 'interrupted'").unwrap();
    server.execute("postgres", "create role plain login").unwrap();
    server.execute("postgres", "create database mine; revoke connect on database mine from public").ok();
    for (database, rows) in [(evil, 30_000), ("postgres", 10)] {
        // The same oids on both sides are possible; the names must not be mixed up.
        let sql = format!("create table orders as select g as id, 0 as v from generate_series(1, {rows}) g");
        server.execute(database, &format!("{sql}; alter table orders set (autovacuum_enabled = off)")).unwrap();
    }
    server.execute(evil, "update orders set v = 1").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.json");
    let done = begin(&server, "postgres", &["--all-databases"], &file).wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}");
    // Nobody can connect to them, so they have nothing to check; an interrupted DROP DATABASE is a finding of its own.
    assert!(!said.contains("closed") && !said.contains("interrupted"), "{said}");
    let document = document(&file);
    let names = column(&document, "pg_class", "relname");
    let databases = column(&document, "pg_class", "datname");
    let orders: Vec<_> = databases.iter().zip(&names).filter(|(_, name)| **name == "orders").map(|(d, _)| *d).collect();
    assert_eq!(orders, [evil, "postgres"]);
    assert!(document["sections"]["pg_class"]["partial"].as_array().is_none_or(Vec::is_empty));

    let run = pgdba(&["check", "--format", "json", "--snapshot", file.to_str().unwrap()]);
    let envelope = run.envelope();
    let dead = envelope["data"]["findings"].as_array().unwrap().iter().find(|f| f["code"] == "PGD502").unwrap();
    assert_eq!(dead["subjects"][0]["label"], format!("public.orders in database {evil}"));
    assert!(
        dead["subjects"][0]["sql"].as_str().unwrap().starts_with(&format!("-- in database {evil}\nVACUUM")),
        "{dead}"
    );
}

#[test]
fn a_delta_has_looks_before_and_between_and_counts_waits() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    server.execute("postgres", "create table t (id int); insert into t values (1)").unwrap();
    let document = thread::scope(|scope| {
        let stopping = Stopping(&server);
        scope.spawn(|| server.execute("postgres", "begin; update t set id = 2; select pg_sleep(3600)"));
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(500));
            server.execute("postgres", "update t set id = 3")
        });
        let (document, _) = collected(&server, "postgres", &["--delta", "--interval", "6s"]);
        drop(stopping);
        document
    });
    let sampling = &document["sampling"];
    assert_eq!((sampling["mode"].as_str(), sampling["requested_seconds"].as_f64()), (Some("delta"), Some(6.0)));
    assert!(sampling["interval_seconds"].as_f64().unwrap() >= 6.0, "{sampling}");
    for section in ["pg_stat_database", "pg_stat_user_tables", "pg_stat_statements", "pg_stat_io"] {
        let section = &document["sections"][section];
        assert!(!section["earlier"]["rows"].as_array().unwrap().is_empty(), "{section}");
        assert!(section["earlier"]["collected_at"].as_str() < section["collected_at"].as_str(), "{section}");
    }
    let between = document["sections"]["pg_stat_statements"]["between"].as_array().unwrap();
    assert_eq!(between.len(), 5);
    let types = column(&document, "wait_samples", "wait_event_type");
    let samples = column(&document, "wait_samples", "samples");
    let locked = types.iter().zip(&samples).find(|(ty, _)| **ty == "Lock").map(|(_, count)| count.as_i64().unwrap());
    assert!(locked.is_some_and(|count| count >= 4), "{types:?} {samples:?}");
    assert_eq!(unavailable(&document), Vec::<&str>::new());
}

#[test]
fn the_first_interrupt_ends_the_interval_and_the_second_everything() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut.json");
    let interrupt = |child: &Child| {
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    };
    let child = begin(&server, "postgres", &["--delta", "--interval", "10min"], &file);
    wait_for_collector(&server);
    interrupt(&child);
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("the delta was interrupted"), "{said}");
    let document = document(&file);
    assert_eq!(document["sampling"]["requested_seconds"], 600.0);
    assert!(document["sampling"]["interval_seconds"].as_f64().unwrap() < 60.0);
    assert!(document["checksum"].is_string());

    let gone = folder.path().join("gone.json");
    let child = begin(&server, "postgres", &[], &gone);
    interrupt(&child);
    let done = child.wait_with_output().unwrap();
    // Either it was quicker than the signal, or nothing is left of it.
    assert_eq!(done.status.success(), gone.exists(), "{done:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + usize::from(gone.exists()));
}

/// Waits until a collector is in its interval: a single look takes less than a second.
fn wait_for_collector(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let waits = "select count(*) from pg_stat_activity
                 where application_name like 'pgdba%' and backend_start < now() - interval '2 seconds'";
    while server.query("postgres", waits).unwrap()[0][0].as_deref() == Some("0") {
        assert!(Instant::now() < deadline, "no collector came");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn bytes_that_are_no_utf8_cost_nothing_but_themselves() {
    for major in [12, NEWEST] {
        let options = ServerOptions::fast().with_statements().with("pg_stat_statements.track", "all");
        let server = Server::start(major, &options).unwrap();
        let create = "create database bytes encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'";
        server.execute("postgres", create).unwrap();
        server.execute("bytes", "create extension pg_stat_statements").unwrap();
        // `caf` and a byte that is no UTF-8, in a name and in the text of a statement.
        let hostile =
            "do $$ begin execute format('create table %I (id int)', convert_from('\\x636166e9', 'SQL_ASCII')); end $$;
            create table \"back\\slash\" (id int)";
        server.execute("bytes", hostile).unwrap();
        let (document, said) = collected(&server, "bytes", &[]);
        assert_eq!(unavailable(&document), Vec::<&str>::new(), "{major}: {said}");
        let names = column(&document, "pg_class", "relname");
        assert!(names.iter().any(|name| *name == "caf\u{fffd}"), "{major}: {names:?}");
        assert!(names.iter().any(|name| *name == "back\\slash"), "{major}: {names:?}");
        assert!(said.contains("pg_class are not complete: text that is not valid UTF-8"), "{major}: {said}");
        let log = server.log().unwrap();
        assert!(!log.contains("ERROR"), "{major}: {log}");

        // From a database with an encoding the texts of all statements are lost, and only they.
        let (document, said) = collected(&server, "postgres", &[]);
        assert_eq!(unavailable(&document), Vec::<&str>::new(), "{major}: {said}");
        assert!(said.contains("statement texts are missing"), "{major}: {said}");
        assert!(column(&document, "pg_stat_statements", "query").iter().all(|text| text.is_null()), "{major}");
        assert!(!column(&document, "pg_stat_statements", "calls").is_empty(), "{major}");
    }
}

#[test]
fn a_locked_catalogue_index_costs_its_sections_only_and_little_time() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    server.execute("postgres", "create table t (id int primary key)").unwrap();
    let clock = Instant::now();
    let (whole, _) = collected(&server, "postgres", &[]);
    let usual = clock.elapsed();
    assert_eq!(unavailable(&whole), Vec::<&str>::new());
    thread::scope(|scope| {
        let stopping = Stopping(&server);
        let lock = "begin; lock table t in access exclusive mode; reindex index pg_policy_oid_index; reindex table pg_publication; select pg_sleep(3600)";
        scope.spawn(|| server.execute("postgres", lock));
        wait_for_lock(&server);
        let clock = Instant::now();
        let (document, said) = collected(&server, "postgres", &[]);
        let locked = clock.elapsed();
        let missing = unavailable(&document);
        assert!(missing.iter().all(|name| ["pg_policy", "pg_publication"].contains(name)), "{missing:?}: {said}");
        assert!(!missing.is_empty(), "nothing was locked");
        assert!(locked < usual + Duration::from_secs(2), "{locked:?} against {usual:?}");
        drop(stopping);
    });
}

fn wait_for_lock(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let held = "select count(*) from pg_locks where relation = 'pg_publication'::regclass and granted";
    while server.query("postgres", held).unwrap()[0][0].as_deref() == Some("0") {
        assert!(Instant::now() < deadline, "no lock came");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_connection_that_is_lost_on_the_way_leaves_what_was_complete() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    for number in 0..12 {
        server.execute("postgres", &format!("create database d{number:02}")).unwrap();
    }
    for (strict, code) in [(false, 0), (true, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cut.json");
        let mut arguments = vec!["--all-databases"];
        arguments.extend(strict.then_some("--strict"));
        let child = begin(&server, "postgres", &arguments, &file);
        let deadline = Instant::now() + Duration::from_secs(60);
        let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname between 'd02' and 'd10'";
        while server.query("postgres", end).unwrap()[0][0].as_deref() == Some("0") {
            assert!(Instant::now() < deadline, "no collector came");
        }
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{said}");
        assert!(said.contains("57P01"), "{said}");
        let document = document(&file);
        assert_eq!(document["sections"]["pg_settings"]["available"], true);
        let missing = document["sections"]["pg_class"]["partial"].as_array().unwrap();
        assert!(missing.iter().any(|database| database["datname"] == "d11"), "{missing:?}");
        assert!(column(&document, "pg_namespace", "datname").iter().any(|name| *name == "d00"), "{said}");
    }
}

#[test]
fn what_was_taken_from_everybody_is_said_and_leaves_no_line_in_the_log() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    server.execute("postgres", "create role plain login; revoke select on pg_locks, pg_roles from public").unwrap();
    let (document, said) = collected_at(&server.dsn("plain", "postgres"), &[]);
    for (section, view) in [("pg_locks", "pg_locks"), ("pg_class", "pg_locks"), ("pg_roles", "pg_roles")] {
        let error = document["sections"][section]["error"].as_str().unwrap_or_default();
        assert_eq!(error, format!("no SELECT privilege on pg_catalog.{view}"), "{section}: {said}");
    }
    assert_eq!(document["sections"]["pg_attribute"]["available"], true, "{said}");
    let log = server.log().unwrap();
    assert!(!log.contains("ERROR"), "{log}");
    // Who may read them all the same is hindered by nothing.
    let (document, said) = collected(&server, "postgres", &[]);
    assert_eq!(unavailable(&document), Vec::<&str>::new(), "{said}");
}

#[test]
fn a_standby_is_read_like_a_primary() {
    let primary = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    let standby = primary.standby(&ServerOptions::fast().with_statements()).unwrap();
    let (document, said) = collected(&standby, "postgres", &[]);
    assert_eq!(unavailable(&document), Vec::<&str>::new(), "{said}");
    assert_eq!(column(&document, "system", "is_in_recovery"), [true]);
    let fingerprint = |document: &Value| document["identity"]["fingerprint"].as_str().unwrap().to_owned();
    let (of_primary, _) = collected(&primary, "postgres", &[]);
    assert_eq!(fingerprint(&document), fingerprint(&of_primary));
    for server in [&primary, &standby] {
        let log = server.log().unwrap();
        assert!(!log.contains("ERROR"), "{log}");
    }
}

#[test]
fn a_pooled_session_is_left_as_it_was() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    let pooler = Pooler::start(&server).unwrap();
    // The next client of the pool gets the very session that was collected through.
    let session = "select pg_backend_pid()";
    let settings = "select name, setting from pg_settings where name <> 'application_name' order by 1";
    let before = (pooler.query("postgres", session).unwrap(), pooler.query("postgres", settings).unwrap());
    let (document, said) = collected_at(&pooler.dsn("postgres", "postgres"), &[]);
    assert_eq!(unavailable(&document), Vec::<&str>::new(), "{said}");
    let after = (pooler.query("postgres", session).unwrap(), pooler.query("postgres", settings).unwrap());
    assert_eq!(before.0, after.0, "it was another session");
    assert_eq!(before.1, after.1);
    let left = "select count(*) from pg_locks where locktype = 'advisory' or granted and pid <> pg_backend_pid()";
    assert_eq!(pooler.query("postgres", left).unwrap()[0][0].as_deref(), Some("0"));
    let log = server.log().unwrap();
    assert!(!log.contains("ERROR") && !log.contains("WARNING"), "{log}");
}

#[test]
fn a_file_is_either_whole_or_not_there() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with_statements()).unwrap();
    let full = PathBuf::from("/dev/full");
    let done = begin(&server, "postgres", &[], &full).wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("could not write \"/dev/full\": no space left on device"), "{said}");
}

#[test]
fn a_run_that_reads_nothing_is_a_failure_that_says_why() {
    let server = Server::start(15, &ServerOptions::fast()).unwrap();
    server.execute("postgres", "create role plain login").unwrap();
    let plain = server.dsn("plain", "postgres");
    for (sections, reason) in [
        ("pg_file_settings", "no SELECT privilege on view pg_file_settings"),
        ("pg_stat_statements", "the extension is not installed in database postgres"),
        ("pg_stat_io", "requires PostgreSQL 16 or newer"),
        ("wait_samples", "collected only by --delta"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nothing.json");
        let done = begin_at(&plain, &["--sections", sections], &file).wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{sections}: {said}");
        assert!(said.contains("nothing could be read from ") && said.contains(reason), "{sections}: {said}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let (document, said) = collected_at(&plain, &["--sections", "pg_file_settings,system"]);
    assert_eq!(unavailable(&document), ["pg_file_settings"], "{said}");
}
