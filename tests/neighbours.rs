//! Databases of one cluster that are made of one template share the oids of their relations, and nothing else.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::program::pgdba;
use crate::sections::document::Document;

fn collected(server: &Server, database: &str, arguments: &[&str]) -> Document {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    let dsn = server.dsn("postgres", database);
    let run = pgdba(&[&["inspect", "--dsn", &dsn, "-o", file.to_str().unwrap()], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    Document::parse(&fs::read_to_string(file).unwrap())
}

fn wait_until(server: &Server, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.query("postgres", what).unwrap()[0][0].as_deref() != Some("t") {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A server whose databases `one` and `two` have the same tables under the same oids.
fn twins(major: u32) -> Server {
    let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
    server.execute("postgres", "create database one").unwrap();
    let tables =
        "create table big as select g as id, g / 2 as half, repeat('x', 500) as filler from generate_series(1, 4000) g;
        create index by_expression on big (lower(filler)); create table parent (id int); create table other (id int);
        create table child () inherits (parent, other); alter table child no inherit parent; analyze";
    server.execute("one", tables).unwrap();
    // It fails on the doubles and leaves an invalid index.
    server.execute("one", "create unique index concurrently unfinished on big (half)").unwrap_err();
    server
        .execute(
            "one",
            "create function slow(int) returns int language sql immutable as 'select $1 from pg_sleep(0.02)'",
        )
        .unwrap();
    server.execute("postgres", "create database two template one").unwrap();
    server
}

#[test]
fn what_goes_on_in_another_database_is_not_taken_for_ones_own() {
    for major in [12, NEWEST] {
        let server = twins(major);
        let quiet = collected(&server, "one", &[]);
        let relation = |document: &Document, name: &str| document.find("pg_class", "relname", name);
        let invalid = |document: &Document| {
            document.find("pg_index", "indexrelid", relation(document, "unfinished")["oid"].clone())["in_progress"]
                .clone()
        };
        assert_eq!(relation(&quiet, "big")["size_source"], "pg_relation_size", "{major}");
        assert_eq!(invalid(&quiet), Value::Bool(false), "{major}");
        assert_eq!(relation(&quiet, "child")["inhparent"], relation(&quiet, "other")["oid"], "{major}");

        thread::scope(|scope| {
            scope.spawn(|| server.execute("two", "create index slowly on big (slow(id))"));
            scope.spawn(|| {
                server.execute("two", "begin; lock table parent in access exclusive mode; select pg_sleep(3600)")
            });
            wait_until(&server, "select count(*) = 1 from pg_stat_progress_create_index");
            wait_until(&server, "select count(*) > 0 from pg_locks where mode = 'AccessExclusiveLock' and granted");
            let here = collected(&server, "one", &[]);
            let there = collected(&server, "two", &[]);
            server
                .execute("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'two'")
                .unwrap();
            assert_eq!(invalid(&here), Value::Bool(false), "{major}: another database's index is built");
            assert_eq!(invalid(&there), Value::Bool(false), "{major}: it is another index that is built");
            assert_eq!(relation(&here, "parent")["size_source"], "pg_relation_size", "{major}");
            assert_eq!(relation(&there, "parent")["size_source"], "locked", "{major}");
        });
    }
}

#[test]
fn each_database_is_read_under_the_guards_it_needs() {
    for major in [12, NEWEST] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        for (name, encoding) in [("bytes", "SQL_ASCII"), ("latin", "LATIN1")] {
            let create =
                format!("create database {name} encoding '{encoding}' template template0 lc_collate 'C' lc_ctype 'C'");
            server.execute("postgres", &create).unwrap();
        }
        server.execute("latin", "create table café (id int)").unwrap();
        for name in ["hampered", "invalid"] {
            server.execute("postgres", &format!("create database {name}")).unwrap();
        }
        server.execute("postgres", "alter database hampered set random_page_cost = 1000").unwrap();
        server.execute("postgres", "update pg_database set datconnlimit = -2 where datname = 'invalid'").unwrap();
        let document = collected(&server, "bytes", &["--all-databases", "--sections", "pg_class"]);
        assert_eq!(document.find("pg_class", "datname", "latin")["relname"], "café", "{major}");
        let log = server.log().unwrap();
        assert!(!log.contains("FATAL"), "{major}: an invalid database is not tried: {log}");

        // What the collector's own session has set has no source to tell.
        let source = |database: &str| {
            let document = collected(&server, database, &["--sections", "pg_settings"]);
            let cost = document.find("pg_settings", "name", "random_page_cost");
            (cost["setting"].clone(), cost["source"].clone())
        };
        assert_eq!(source("hampered"), ("1000".into(), Value::Null), "{major}: indexes are used all the same");
        assert_eq!(source("postgres"), ("4".into(), "default".into()), "{major}");
    }
}
