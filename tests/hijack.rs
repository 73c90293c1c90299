//! A database whose owner has put traps into it, for whoever names a function, operator or relation without its schema:
//! a superuser who collects steps into none of them.
//!
//! A trap tells the server's log, which works in a transaction that only reads. Casts are no traps: one between the
//! server's own types is made by superusers only.

use xtask::servers::{Pooler, Server, ServerOptions};

use crate::collect::{begin_at, document, unavailable};
use crate::psql;
use crate::sections::document::Document;

const MAJORS: [u32; 2] = [12, 18];

const TRAPS: &str = include_str!("hijack/traps.sql");

/// What a trap says.
const TRIPPED: &str = "HIJACKED";

/// What nobody should write: a function, an operator, an aggregate, a relation, each without its schema.
const NAIVE: [&str; 4] = [
    "select left(c.relname, 5) from pg_catalog.pg_class c limit 1",
    "select c.relname operator(public.=) 'pg_class'::pg_catalog.name, c.relname = 'pg_class'::pg_catalog.name
     from pg_catalog.pg_class c limit 1",
    "select count(*) from pg_catalog.pg_class c",
    "select relname from pg_class limit 1",
];

/// Two databases full of traps. In the first the search path leads to them, in both it does for the role `victim`.
fn trapped(major: u32) -> Server {
    let server = Server::start(major, &ServerOptions::fast().with_statements().with("autovacuum", "off")).unwrap();
    server.execute("postgres", "create database trapped").unwrap();
    server.execute("trapped", TRAPS).unwrap();
    server.execute("postgres", "create database as_usual template trapped").unwrap();
    server.execute("postgres", "alter database trapped set search_path = public, pg_catalog").unwrap();
    server.execute("postgres", "create role victim superuser login").unwrap();
    server.execute("postgres", "alter role victim set search_path = public, pg_catalog").unwrap();
    server
}

/// What was tripped since the log was `before` bytes long.
fn tripped(server: &Server, before: usize) -> Vec<String> {
    let log = server.log().unwrap().split_off(before);
    assert!(!log.contains("ERROR"), "{log}");
    log.lines().filter(|line| line.contains(TRIPPED)).map(str::to_owned).collect()
}

fn length(server: &Server) -> usize {
    server.log().unwrap().len()
}

#[test]
fn a_superuser_who_collects_runs_nothing_of_a_hostile_schema() {
    for major in MAJORS {
        let server = trapped(major);
        the_traps_are_set(&server);
        let before = length(&server);
        for (role, database) in [("victim", "trapped"), ("victim", "as_usual"), ("postgres", "as_usual")] {
            let dsn = server.dsn(role, database);
            let what = format!("{major} {role} {database}");
            let native = Document::collected(&dsn);
            assert_eq!(tripped(&server, before), Vec::<String>::new(), "{what}");
            is_whole(&native, &what);
            is_whole(&psql::document(&psql::run(&psql::handed_out(), &dsn)), &what);
            assert_eq!(tripped(&server, before), Vec::<String>::new(), "{what}: the script");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("all.json");
        let arguments = ["--all-databases", "--delta", "--interval", "2s"];
        let done = begin_at(&server.dsn("victim", "trapped"), &arguments, &file).wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{major}: {done:?}");
        assert_eq!(unavailable(&document(&file)), Vec::<&str>::new(), "{major}");
        assert_eq!(tripped(&server, before), Vec::<String>::new(), "{major}: all databases");
    }
}

fn is_whole(document: &Document, what: &str) {
    assert!(document.names(|section| section["available"] == false).is_empty(), "{what}");
    // The traps stand beside what is meant, and are not taken for it.
    assert_eq!(document.find("pg_class", "relname", "pg_stat_activity")["nspname"], "public", "{what}");
    assert!(!document.rows("pg_stat_statements").is_empty(), "{what}");
}

/// Else this test would show nothing.
fn the_traps_are_set(server: &Server) {
    for sql in NAIVE {
        let before = length(server);
        // Some of the traps give nothing to go on with.
        server.execute("trapped", sql).unwrap();
        assert!(!tripped(server, before).is_empty(), "{}: {sql}", server.major());
    }
    let before = length(server);
    server.execute("as_usual", NAIVE[0]).unwrap();
    assert_eq!(tripped(server, before).len(), 1, "{}", server.major());
}

#[test]
fn what_another_client_of_a_pool_left_in_the_session_is_not_run() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let pooler = Pooler::start(&server).unwrap();
        let left = "create function pg_temp.trap(text) returns boolean language plpgsql as
                      $$ begin raise log 'HIJACKED relation %', $1; return true; end $$;
                    create temp view pg_class as select * from pg_catalog.pg_class where pg_temp.trap('pg_class');
                    create temp view pg_settings as select * from pg_catalog.pg_settings where pg_temp.trap('pg_settings');
                    set search_path = pg_temp, pg_catalog";
        let session = "select pg_catalog.pg_backend_pid()";
        pooler.query("postgres", left).unwrap();
        let before = (pooler.query("postgres", session).unwrap(), length(&server));
        let native = Document::collected(&pooler.dsn("postgres", "postgres"));
        assert!(!native.rows("pg_settings").is_empty());
        assert_eq!(tripped(&server, before.1), Vec::<String>::new(), "{major}");
        pooler.query("postgres", "select relname from pg_class limit 1").unwrap();
        assert_eq!(tripped(&server, before.1).len(), 1, "{major}: no trap was set");
        assert_eq!(pooler.query("postgres", session).unwrap(), before.0, "{major}: it was another session");
    }
}
