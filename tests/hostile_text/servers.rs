//! Real servers on which every name is hostile: what pgdba prints is harmless, and the SQL it gives runs and hits the right object.

use std::io::Write;
use std::process::Stdio;

use pgdba_pg::quote::{quote_identifier, quote_identifier_raw, quote_literal, quote_literal_raw};
use pgdba_pg::text::is_dangerous;
use serde_json::Value;
use xtask::servers::{self, Server, ServerOptions};

use super::poison::CHARACTERS;
use super::{Form, assert_run_harmless};
use crate::program::{pgdba, pgdba_with};

/// The oldest version, the newest, and one between.
const MAJORS: [u32; 3] = [12, 15, 18];

/// A name of at most 63 bytes, the server's limit: it steers, hides, breaks lines and comments, ends quotes, and is a
/// command and a variable of psql.
fn hostile(kind: &str) -> String {
    let name = format!("{kind}\u{1b}\u{7}\r\u{202e}\u{2066}\u{200b}\t\nDROP TABLE victim;--\n\\! :v :'v'\"';");
    assert!(name.len() <= 63, "{}", name.len());
    name
}

/// As a part of a connection URL.
fn encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What psql prints for these statements, which all run.
fn psql(server: &Server, database: &str, sql: &str) -> String {
    let mut psql = servers::psql().unwrap();
    psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-v", "v=victim", "-h", "127.0.0.1", "-U", "postgres"]);
    psql.args(["-p", &server.port().to_string(), "-f", "-"])
        .env("PGDATABASE", database)
        .env("PGCLIENTENCODING", "UTF8");
    let piped = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{sql}: {told}");
    String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
}

/// A database with something to find; the names in the SQL are as they are.
fn prepare(server: &Server) {
    let (database, role) = (quote_identifier_raw(&hostile("d")), quote_identifier_raw(&hostile("r")));
    server.execute("postgres", &format!("create role {role} superuser login")).unwrap();
    server.execute("postgres", &format!("create database {database} owner {role}")).unwrap();
    // With relations of two databases in a snapshot, a remedy says where to run it.
    server.execute("postgres", "create table public.other ()").unwrap();
    let (schema, table) = (quote_identifier_raw(&hostile("s")), quote_identifier_raw(&hostile("t")));
    let [column, kept, spare, broken] = ["c", "k", "x", "b"].map(|kind| quote_identifier_raw(&hostile(kind)));
    let sql = format!(
        "create table public.victim ();
         create schema {schema};
         create table {schema}.{table} ({column} int, other int) with (autovacuum_enabled = off);
         create index {kept} on {schema}.{table} ({column});
         create index {spare} on {schema}.{table} ({column});
         create index {broken} on {schema}.{table} (other);
         update pg_index set indisvalid = false where indexrelid = {}::regclass;
         insert into {schema}.{table} select g, g from generate_series(1, 30000) g;
         delete from {schema}.{table} where {column} > 100;
         alter role {role} in database {database} set work_mem = '5MB';",
        quote_literal_raw(&format!("{schema}.{broken}"))
    );
    server.execute(&encoded(&hostile("d")), &sql).unwrap();
}

/// The findings of a snapshot by code.
fn findings(file: &str) -> Vec<Value> {
    let run = pgdba(&["check", "--snapshot", file, "--format", "json"]);
    run.envelope()["data"]["findings"].as_array().unwrap().clone()
}

#[test]
fn the_sql_of_a_remedy_runs_in_psql_and_hits_the_object_of_the_hostile_name() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        prepare(&server);
        // What version 12 counts arrives late.
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        let file = file.to_str().unwrap();
        let dsn = server.dsn(&encoded(&hostile("r")), &encoded(&hostile("d")));
        let run = pgdba(&["inspect", "--dsn", &dsn, "--all-databases", "-o", file]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_run_harmless(&run, Form::Text, "inspect");
        assert_faces_harmless(file);
        let found = findings(file);
        for code in ["PGD502", "PGD601", "PGD602", "PGD801"] {
            let of_code = found.iter().filter(|finding| finding["code"] == code);
            let mut subjects = of_code.flat_map(|finding| finding["subjects"].as_array().unwrap());
            let is_hostile = |subject: &&Value| subject["label"].as_str().unwrap().contains("U&");
            let subject = subjects.find(is_hostile).unwrap_or_else(|| panic!("{major}: no {code} in {found:#?}"));
            let sql = subject["sql"].as_str().unwrap();
            assert!(sql.starts_with("-- in database d") && !sql.replace('\n', "").contains(is_dangerous), "{sql:?}");
            psql(&server, &hostile("d"), sql);
        }
        assert_remedied(&server);
    }
}

fn assert_faces_harmless(file: &str) {
    for (format, form) in [("text", Form::Text), ("markdown", Form::Markdown), ("json", Form::Json)] {
        for words in [["check", "--snapshot", file], ["snapshot", "info", file]] {
            let words = [&words[..], &["--format", format]].concat();
            assert_run_harmless(&pgdba(&words), form, &format!("{words:?}"));
        }
    }
    assert_run_harmless(&pgdba(&["report", file, "-o", "-"]), Form::Html, "report");
}

/// Each object of a hostile name is as its remedy leaves it, and nothing else was touched.
fn assert_remedied(server: &Server) {
    let name = |kind: &str| quote_literal_raw(&hostile(kind));
    let sql = format!(
        "select to_regclass('public.victim') is not null,
                (select reloptions is null and reltuples > 0 from pg_class where relname = {}),
                (select count(*) from pg_class where relname in ({}, {})),
                (select bool_and(indisvalid) from pg_index),
                (select count(*) from pg_class where relnamespace = (select oid from pg_namespace where nspname = {}))",
        name("t"),
        name("k"),
        name("x"),
        name("s")
    );
    let rows = server.query(&encoded(&hostile("d")), &sql).unwrap();
    let row: Vec<&str> = rows[0].iter().map(|cell| cell.as_deref().unwrap_or("null")).collect();
    assert_eq!(row, ["t", "t", "1", "t", "3"], "version {}", server.major());
}

/// Every dangerous character up to U+FFFF and some beyond, in names that a server takes.
fn names() -> Vec<String> {
    let all = ('\u{1}'..='\u{ffff}').chain("\u{e0001}\u{e0041}\u{1d173}\u{1bca0}\u{1fffe}\u{10ffff}".chars());
    let dangerous: Vec<char> = all.filter(|c| is_dangerous(*c)).collect();
    let names = dangerous.chunks(10).map(|chunk| format!("n\\\"'{}", chunk.iter().collect::<String>()));
    names.collect()
}

#[test]
fn escaped_names_and_literals_mean_the_same_on_every_version() {
    assert!(CHARACTERS.iter().all(|c| *c == '\0' || names().concat().contains(*c)));
    for major in servers::MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for conforming in ["on", "off"] {
            let mut sql = format!("set standard_conforming_strings = {conforming}; set escape_string_warning = off;\n");
            for name in names() {
                let (identifier, literal) = (quote_identifier(&name), quote_literal(&name));
                assert!(!format!("{identifier}{literal}").contains(is_dangerous), "{identifier} {literal}");
                sql += &format!("create table {identifier} ();\n");
                // Hexadecimal bytes are the authority on what the name is.
                let bytes: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
                sql += &format!("select {literal} = convert_from(decode('{bytes}', 'hex'), 'UTF8');\n");
                sql += &format!("select count(*) = 1 from pg_class where relname = {literal};\n");
                sql += &format!("drop table {identifier};\n");
            }
            let told = psql(&server, "postgres", &sql);
            assert_eq!(
                told.lines().filter(|line| *line == "t").count(),
                names().len() * 2,
                "{major} {conforming}: {told}"
            );
        }
    }
}

/// What is ASCII runs in any encoding; what only the encoding can write too, where the version converts it.
#[test]
fn escaped_names_run_in_other_encodings_as_far_as_the_server_converts() {
    let ascii = "n\u{1b}\n\t\"'\\";
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for encoding in ["LATIN1", "SQL_ASCII"] {
            let create = format!(
                "create database {encoding} encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0"
            );
            server.execute("postgres", &create).unwrap();
            let latin = "n\u{85}\u{ad}";
            for (name, runs) in [(ascii, true), (latin, major >= 13 && encoding == "LATIN1")] {
                let sql = format!("create table {} (); select {};", quote_identifier(name), quote_literal(name));
                let done = server.execute(&encoding.to_lowercase(), &sql);
                assert_eq!(done.is_ok(), runs, "{major} {encoding} {name:?}: {done:?}");
            }
        }
    }
}

#[test]
fn a_change_by_a_hostile_role_is_told_harmlessly() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        prepare(&server);
        server.execute("postgres", &format!("create role {} login", quote_identifier_raw(&hostile("p")))).unwrap();
        let home = tempfile::tempdir().unwrap();
        let database = encoded(&hostile("d"));
        for (role, exit) in [("r", 0), ("p", 1)] {
            let dsn = server.dsn(&encoded(&hostile(role)), &database);
            for (format, form) in [("text", Form::Text), ("markdown", Form::Markdown), ("json", Form::Json)] {
                for words in [
                    &["config", "apply", "--set", "work_mem=8MB", "--dry-run"][..],
                    &["config", "apply", "--set", "work_mem=8MB", "--yes"],
                    &["config", "show"],
                    &["config", "diff"],
                    &["config", "history"],
                ] {
                    let words = [words, &["--dsn", &dsn, "--format", format]].concat();
                    let run = pgdba_with(&[("PGDBA_HOME", home.path().to_str())], &words);
                    assert_run_harmless(&run, form, &format!("{major} {role} {words:?}"));
                    if words[1] == "apply" {
                        assert_eq!(run.code, Some(exit), "{major} {words:?}: {}{}", run.stdout, run.stderr);
                    }
                }
            }
        }
    }
}
