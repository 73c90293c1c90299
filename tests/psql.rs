//! The psql script against the native collection: real servers of every version, through a real psql.

mod compare;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use pgdba_analysis::{Options, Outcome, analyze};
use pgdba_snapshot::section::read_table;
use pgdba_snapshot::{DiagSnapshot, Identity};
use xtask::paths;
use xtask::servers::{self, MAJORS, NEWEST, Server, ServerOptions};

use self::compare::differences;
use crate::program::pgdba;
use crate::sections::document::Document;
use crate::sections::hostile::Hostile;

/// The script, as it is handed out.
pub(crate) fn handed_out() -> String {
    std::fs::read_to_string(paths::root().join("docs/pgdba.sql")).unwrap()
}

/// Runs a script as its head says.
pub(crate) fn run(script: &str, dsn: &str) -> Output {
    run_with(script, dsn, &["-X"], None)
}

fn run_with(script: &str, dsn: &str, options: &[&str], home: Option<&Path>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pgdba.sql");
    std::fs::write(&file, script).unwrap();
    let mut psql = servers::psql().unwrap();
    if let Some(home) = home {
        psql.env("HOME", home).env("PSQLRC", home.join(".psqlrc"));
    }
    psql.args(options).arg("-f").arg(&file).arg(dsn).output().unwrap()
}

/// The document of a run that nothing was wrong with.
pub(crate) fn document(output: &Output) -> Document {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    Document::parse(std::str::from_utf8(&output.stdout).unwrap())
}

/// Nothing but what is listed in [`compare`] may differ, for this role on this server.
fn compare_with_native(dsn: &str, what: &str) -> Document {
    let before = Document::collected(dsn);
    let script = document(&run(&handed_out(), dsn));
    let after = Document::collected(dsn);
    let found = differences(&before, &script, &after);
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
    assert_eq!(script.mistyped(), Vec::<String>::new(), "{what}");
    let (native, written) = (before.snapshot(), script.snapshot());
    assert_eq!(written.identity.fingerprint_of(), native.identity.fingerprint_of(), "{what}");
    let without_digest = |identity: &Identity| Identity { tier: None, fingerprint: None, ..identity.clone() };
    assert_eq!(without_digest(&written.identity), without_digest(&native.identity), "{what}");
    let (written, mut native) = (outcomes(&written), outcomes(&native));
    native.retain(|rule, _| written.contains_key(rule));
    assert_eq!(written, native, "{what}");
    script
}

/// What each rule came to, but for those that need what is unknown of the host: psql sees less of it.
fn outcomes(snapshot: &DiagSnapshot) -> BTreeMap<String, String> {
    let mut assessments = analyze(snapshot, &Options::default()).assessments;
    let is_about_host = |outcome: &Outcome| matches!(outcome, Outcome::NotAssessed { reason, .. } if reason.contains("of the host is unknown"));
    assessments.retain(|assessment| !is_about_host(&assessment.outcome));
    let outcome = |outcome| match outcome {
        Outcome::Found { subjects } => format!("found {subjects}"),
        Outcome::SetAside { subjects } => format!("set aside {subjects}"),
        Outcome::Ignored { .. } => "ignored".to_owned(),
        Outcome::Passed => "passed".to_owned(),
        Outcome::NotAssessed { .. } => "not assessed".to_owned(),
    };
    assessments.into_iter().map(|assessment| (assessment.name, outcome(assessment.outcome))).collect()
}

#[test]
fn the_script_writes_what_the_native_collection_writes() {
    for major in MAJORS {
        let server = Hostile::start(major);
        let _waiting = server.hold_and_wait();
        for role in ["postgres", "monitor", "plain"] {
            let log = server.log().len();
            let script = compare_with_native(&server.dsn(role), &format!("{major} {role}"));
            for marker in MARKERS {
                let places = script.places_of(marker);
                assert!(places.is_empty(), "{major} {role}: {marker} in {places:?}");
            }
            let log = server.log().split_off(log);
            assert!(!log.contains("ERROR") && !log.contains("WARNING"), "{major} {role}: {log}");
        }
    }
}

/// What never may reach a document, see the schema.
const MARKERS: [&str; 5] = ["MARKER", "771177117", "881188118", "991199119", "661166116"];

#[test]
fn nobodys_settings_change_what_the_script_writes() {
    for major in [MAJORS[0], NEWEST] {
        let server = Hostile::start(major);
        server.execute(
            "create role hostile superuser login;
             alter role hostile set datestyle = 'German, DMY';
             alter role hostile set intervalstyle = 'sql_standard';
             alter role hostile set timezone = 'Asia/Tokyo';
             alter role hostile set extra_float_digits = -10;
             alter role hostile set bytea_output = 'escape';
             alter role hostile set standard_conforming_strings = off;
             alter role hostile set client_encoding = 'LATIN1';
             alter role hostile set quote_all_identifiers = on;
             alter role hostile set default_transaction_isolation = 'serializable';
             alter role hostile set default_transaction_deferrable = on;
             alter role hostile set enable_seqscan = off;
             alter role hostile set search_path = trap, pg_catalog;
             create schema trap;
             create table trap.pg_class as select 1 as oid, 'trapped'::text as relname;
             create table trap.pg_settings as select 'trapped'::text as name;
             create function trap.replace(text, text, text) returns text language sql as $$ select 'trapped' $$;
             create function trap.trapped(text, text) returns boolean language sql as $$ select 1 / 0 = 1 $$;
             create operator trap.<> (leftarg = text, rightarg = text, function = trap.trapped);
             create operator trap.~ (leftarg = text, rightarg = text, function = trap.trapped)",
        );
        compare_with_native(&server.dsn("hostile"), &major.to_string());
    }
}

#[test]
fn nothing_waits_for_relations_that_somebody_holds_exclusively() {
    for major in [MAJORS[0], NEWEST] {
        let server = Hostile::start(major);
        let _held = server.hold_exclusively();
        let log = server.log().len();
        let script = document(&run(&handed_out(), &server.dsn("postgres")));
        assert!(script.names(|section| section["available"] == false).is_empty());
        assert_eq!(script.find("pg_class", "relname", "tab\nle'☃")["size_source"], "locked", "{major}");
        let log = server.log().split_off(log);
        assert!(!log.contains("ERROR"), "{major}: {log}");
    }
}

#[test]
fn a_section_that_fails_says_why_and_the_others_are_read() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let whole = handed_out();
    // Refused before it begins; after its first rows; in the question before it.
    let spoilt = replaced(&whole, "from pg_catalog.pg_stat_archiver\n", "from pg_catalog.\"no \\ 'such'\"\n");
    let spoilt = replaced(
        &spoilt,
        "select name,\n",
        "select case when name > 'm' then (1 / (name < 'a')::int)::text else name end as name,\n",
    );
    let spoilt = replaced(&spoilt, "'pg_catalog.pg_hba_file_rules()'", "'pg_catalog.no_such_function()'");
    let output = run(&spoilt, &server.dsn("postgres", "postgres"));
    assert!(output.status.success());
    let document = Document::parse(std::str::from_utf8(&output.stdout).unwrap());
    let failed = document.names(|section| section["available"] == false);
    let expected =
        ["pg_hba_file_rules", "pg_settings", "pg_stat_archiver", "pg_stat_statements", "pg_stat_statements_info"];
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), expected);
    let error = |name: &str| document.section(name)["error"].as_str().unwrap().to_owned();
    assert_eq!(error("pg_stat_archiver"), "relation \"pg_catalog.no \\ 'such'\" does not exist (SQLSTATE 42P01)");
    assert_eq!(error("pg_settings"), "division by zero (SQLSTATE 22012)");
    assert_eq!(
        error("pg_hba_file_rules"),
        "function \"pg_catalog.no_such_function()\" does not exist (SQLSTATE 42883)"
    );
    assert_eq!(document.rows("pg_settings").len(), 0);
    let read = pgdba_snapshot::read(&output.stdout).unwrap();
    assert_eq!(read.problems, Vec::<String>::new());
}

#[test]
fn a_lost_connection_leaves_a_document_that_is_known_to_be_cut_off() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let end =
        "from pg_catalog.pg_stat_archiver, pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()) as ended\n";
    let spoilt = replaced(&handed_out(), "from pg_catalog.pg_stat_archiver\n", end);
    let output = run(&spoilt, &server.dsn("postgres", "postgres"));
    assert_eq!(output.status.code(), Some(2));
    let error = pgdba_snapshot::read(&output.stdout).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "snapshot_truncated");
}

/// `script` with `old` replaced, which must be there.
fn replaced(script: &str, old: &str, new: &str) -> String {
    assert!(script.contains(old), "{old}");
    script.replace(old, new)
}

#[test]
fn what_was_taken_from_everybody_is_asked_before() {
    for major in [MAJORS[0], NEWEST] {
        let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        server.execute("postgres", "create role plain login; revoke select on pg_locks, pg_roles from public").unwrap();
        let document = compare_with_native(&server.dsn("plain", "postgres"), "revoked");
        let error = &document.section("pg_class")["error"];
        assert_eq!(error, "no SELECT privilege on pg_catalog.pg_locks", "{major}");
        let log = server.log().unwrap();
        assert!(!log.contains("ERROR"), "{major}: {log}");
    }
}

#[test]
fn a_file_of_psql_settings_does_not_matter() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let home = tempfile::tempdir().unwrap();
    // What it prints itself would be in the document, but for QUIET.
    let settings = "\\set QUIET on\n\\timing on\n\\set FETCH_COUNT 2\n\\set ON_ERROR_ROLLBACK on\n\\set ON_ERROR_STOP on\n\
                    \\set AUTOCOMMIT off\n\\set ECHO all\n\\set ECHO_HIDDEN on\n\\pset format html\n\\pset border 2\n\
                    \\pset expanded on\n\\pset null NULL\n\\pset tuples_only off\n\\pset recordsep x\n\\pset footer on\n\
                    \\set SINGLESTEP on\n\\pset numericlocale on\n\\set QUIET off\n";
    std::fs::write(home.path().join(".psqlrc"), settings).unwrap();
    let dsn = server.dsn("postgres", "postgres");
    let plain = document(&run(&handed_out(), &dsn));
    let with_x = document(&run_with(&handed_out(), &dsn, &["-X"], Some(home.path())));
    assert_eq!(with_x.rows("pg_settings"), plain.rows("pg_settings"));
    // Not what the script's head says, and yet.
    let output = run_with(&handed_out(), &dsn, &["-q"], Some(home.path()));
    let text = String::from_utf8(output.stdout).unwrap();
    let (before, document) = text.split_once('{').unwrap();
    assert!(!before.contains("select"), "{before}");
    assert_eq!(Document::parse(&format!("{{{document}")).rows("pg_settings"), plain.rows("pg_settings"));
}

#[test]
fn bytes_of_a_database_without_an_encoding_are_read_as_replacement_characters() {
    for major in [MAJORS[0], NEWEST] {
        let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        let create = "create database raw encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'";
        server.execute("postgres", create).unwrap();
        let name = "do $$ begin execute 'create table \"caf' || chr(233) || '\" (id int)'; end $$";
        server.execute("raw", &format!("set client_encoding = 'SQL_ASCII'; {name}")).unwrap();
        let output = run(&handed_out(), &server.dsn("postgres", "raw"));
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(std::str::from_utf8(&output.stdout).is_err(), "the byte is passed on");
        let snapshot = pgdba_snapshot::read(&output.stdout).unwrap();
        assert_eq!(snapshot.problems.len(), 1, "{:?}", snapshot.problems);
        let classes = read_table(&snapshot, "pg_class");
        assert!(classes.rows.iter().flatten().any(|value| value == "caf\u{fffd}"), "{major}");
    }
}

#[test]
fn a_statement_of_another_encoding_costs_the_texts_and_not_the_section() {
    for major in [MAJORS[0], NEWEST] {
        let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        let create = "create database raw encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'";
        server.execute("postgres", create).unwrap();
        let query = "do $$ begin execute 'select 1 as \"caf' || chr(233) || '\"'; end $$";
        let track = "set pg_stat_statements.track = 'all'; set client_encoding = 'SQL_ASCII'";
        server.execute("raw", &format!("{track}; {query}")).unwrap();
        let output = run(&handed_out(), &server.dsn("postgres", "postgres"));
        let document = Document::parse(std::str::from_utf8(&output.stdout).unwrap());
        let section = document.section("pg_stat_statements");
        assert_eq!(section["available"], true, "{major}: {}", section["error"]);
        assert!(section["limited"].as_str().unwrap().contains("texts"), "{major}");
        let rows = document.rows("pg_stat_statements");
        assert!(!rows.is_empty() && rows.iter().all(|row| row["query"].is_null() && row["calls"].is_i64()), "{major}");
    }
}

#[test]
fn both_programs_print_the_script_that_is_handed_out() {
    let printed = pgdba(&["inspect", "--emit-sql"]);
    assert_eq!((printed.code, printed.stdout == handed_out()), (Some(0), true), "{}", printed.stderr);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("few.sql");
    let options = ["inspect", "--emit-sql", "--sections", "system,pg_settings", "--statements", "7", "-o"];
    let run = pgdba(&[&options[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let few = std::fs::read_to_string(&file).unwrap();
    assert!(few.contains("\"pg_settings\"") && !few.contains("\"pg_class\""));
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let document = document(&self::run(&few, &server.dsn("postgres", "postgres")));
    assert_eq!(
        document.names(|section| section["available"] == true).into_iter().collect::<Vec<_>>(),
        ["pg_settings", "system"]
    );
    assert_eq!(pgdba(&["inspect", "--emit-sql", "--sections", "nothing"]).code, Some(2));
    assert_eq!(pgdba(&["inspect", "--emit-sql", "--dsn", "host=x"]).code, Some(2));
    assert_eq!(pgdba(&["inspect", "--emit-sql", "--name", "x"]).code, Some(2));

    let collector = std::process::Command::new(paths::target().join("debug/pgdba-collect"))
        .args(["--emit-sql", "-o"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(collector.status.success(), "{}", String::from_utf8_lossy(&collector.stderr));
    assert!(std::fs::read_to_string(&file).unwrap() == handed_out(), "what pgdba-collect wrote is another script");
}

#[test]
fn a_standby_is_read_as_a_primary_is() {
    for major in [MAJORS[0], NEWEST] {
        let primary = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        primary.execute("postgres", "create role plain login; create table t (id int primary key)").unwrap();
        let standby = primary.standby(&ServerOptions::fast()).unwrap();
        for role in ["postgres", "plain"] {
            let script = compare_with_native(&standby.dsn(role, "postgres"), &format!("{major} {role}"));
            assert_eq!(script.find("system", "is_in_recovery", true)["is_in_recovery"], true, "{major}");
        }
    }
}
