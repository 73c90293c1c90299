//! The collector's own statements and sessions are kept out of what it reports.

use serde_json::Value;
use xtask::servers::{self, NEWEST, Server, ServerOptions};

use super::document::Document;
use crate::program::pgdba;
use crate::psql;

/// A role that does nothing but collect and run this one statement has no other in the list.
const PLANTED: &str = "select count(*) as planted from pg_class";

const ROLES: [&str; 3] = ["boss", "monitor", "plain"];

#[test]
fn no_statement_of_ours_stands_among_the_statements() {
    for major in [12, 15, NEWEST] {
        let server = start(major);
        for role in ROLES {
            let dsn = server.dsn(role, "postgres");
            let oid = oid_of(&server, role);
            run_as(&dsn, PLANTED);
            let mut seen = Vec::new();
            for _ in 0..2 {
                seen.push(("native", Document::collected(&dsn)));
                seen.push(("psql", psql::document(&psql::run(&psql::handed_out(), &dsn))));
            }
            for (how, document) in seen {
                let texts = texts_of(&document, oid);
                assert_eq!(texts, [PLANTED], "{major} {role} {how}");
            }
            // What is left out was there: few entries of a superuser, all kinds of others.
            let marked = "select count(*)::text from pg_stat_statements where query like '%/* pgdba */%'";
            let counted: u32 = run(&server, &format!("{marked} and userid = {oid}")).parse().unwrap();
            assert!(counted > if role == "boss" { 3 } else { 60 }, "{major} {role}: {counted}");
        }
    }
}

#[test]
fn a_delta_leaves_us_out_of_every_look() {
    let server = start(NEWEST);
    let dsn = server.dsn("monitor", "postgres");
    let oid = oid_of(&server, "monitor");
    run_as(&dsn, PLANTED);
    let arguments = ["inspect", "--delta", "--interval", "6s", "--format", "json", "--dsn", &dsn];
    let ran = pgdba(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let document = Document::of(ran.envelope()["data"].clone());
    assert_eq!(texts_of(&document, oid), [PLANTED]);
    let section = document.section("pg_stat_statements");
    let at = |name| document.columns("pg_stat_statements").iter().position(|column| *column == name).unwrap();
    let (userid, queryid, query) = (at("userid"), at("queryid"), at("query"));
    let own = |rows: &Value| -> Vec<Value> {
        let rows = rows.as_array().unwrap().iter().filter(|row| row[userid] == oid);
        rows.map(|row| row[queryid].clone()).collect()
    };
    let planted = own(&section["rows"]);
    let between = section["between"].as_array().unwrap();
    assert!(between.len() >= 3, "{}", between.len());
    for look in between.iter().chain([&section["earlier"]]) {
        assert_eq!(own(&look["rows"]), planted);
        // Their texts would be those of the last look.
        assert!(look["rows"].as_array().unwrap().iter().all(|row| row[query].is_null()));
    }
    let names = document.rows("pg_stat_activity").into_iter().map(|row| row["application_name"].clone());
    assert!(names.filter_map(|name| name.as_str().map(str::to_owned)).all(|name| !name.contains("pgdba")));
    let waits = document.rows("wait_samples");
    assert!(waits.iter().all(|row| row["backend_type"] != "client backend"), "{waits:?}");
}

fn start(major: u32) -> Server {
    let options = ServerOptions::fast().with_statements().with("pg_stat_statements.track", "all");
    let server = Server::start(major, &options).unwrap();
    let roles = "create role boss superuser login; create role plain login;
                 create role monitor login; grant pg_monitor to monitor";
    server.execute("postgres", roles).unwrap();
    server
}

/// The one value that the superuser is answered.
fn run(server: &Server, sql: &str) -> String {
    server.query("postgres", sql).unwrap()[0][0].clone().unwrap()
}

fn oid_of(server: &Server, role: &str) -> i64 {
    run(server, &format!("select '{role}'::regrole::oid::text")).parse().unwrap()
}

fn run_as(dsn: &str, sql: &str) {
    assert!(servers::psql().unwrap().args(["-X", "-q", "-c", sql, dsn]).output().unwrap().status.success());
}

/// The statements of one role in the section.
fn texts_of(document: &Document, userid: i64) -> Vec<String> {
    let rows = document.rows("pg_stat_statements").into_iter().filter(|row| row["userid"] == userid);
    rows.map(|row| row["query"].as_str().unwrap_or("null").to_owned()).collect()
}
