//! Which statements are taken where there are more than asked for.

use xtask::servers::{MAJORS, Server, ServerOptions};

use super::document::Document;
use crate::program::pgdba;

/// One statement for each measure by which statements are chosen: how it begins, and what runs it.
const FOREMOST: [(&str, &str); 5] = [
    ("select pg_sleep", "select pg_sleep(2)"),
    ("select ? as often", ""),
    ("select count(*) from wide", "select count(*) from wide"),
    (
        "select count(*) from (select g",
        "set work_mem = '64kB'; select count(*) from (select g from generate_series(1, 100000) g order by -g) s",
    ),
    ("insert into target", "insert into target select generate_series(1, 50000)"),
];

/// Statements that are foremost in nothing.
const COLUMNS: [&str; 12] = [
    "oid",
    "relname",
    "relkind",
    "relpages",
    "reltuples",
    "relam",
    "relowner",
    "relnatts",
    "reltype",
    "relchecks",
    "reloptions",
    "relacl",
];

#[test]
fn the_foremost_statement_by_each_measure_is_among_the_few_that_are_taken() {
    for major in MAJORS {
        let server = start(major);
        let document = collect(&server, "postgres");
        let rows = document.rows("pg_stat_statements");
        assert_eq!(rows.len(), FOREMOST.len(), "{major}");
        let texts: Vec<&str> = rows.iter().map(|row| row["query"].as_str().unwrap()).collect();
        // The extension's version of 12 does not count WAL.
        for (begin, _) in FOREMOST.iter().filter(|(begin, _)| major > 12 || !begin.starts_with("insert")) {
            let begin = begin.replace('?', "$1");
            assert!(texts.iter().any(|text| text.starts_with(&begin)), "{major}: no {begin} in {texts:?}");
        }
        let hidden = collect(&server, "plain").rows("pg_stat_statements");
        let hidden = hidden.iter().filter(|row| row["queryid"].is_null() && row["calls"].is_i64());
        assert!(hidden.count() > 0, "{major}: others' statements count, though their texts are hidden");
    }
}

fn start(major: u32) -> Server {
    // So few buffers that the wide table must be read.
    let options = ServerOptions::fast().with_statements().with("shared_buffers", "1MB").with("autovacuum", "off");
    let server = Server::start(major, &options).unwrap();
    let run = |sql: &str| server.execute("postgres", sql).unwrap();
    run("create role plain login; create table target (id int);
         create table wide as select repeat('x', 1000) as x from generate_series(1, 20000)");
    run("select pg_stat_statements_reset()");
    for column in COLUMNS {
        run(&format!("select {column} from pg_class where false"));
    }
    run(&"select 1 as often;".repeat(300));
    FOREMOST.iter().for_each(|(_, sql)| run(sql));
    server
}

fn collect(server: &Server, role: &str) -> Document {
    let dsn = server.dsn(role, "postgres");
    let few = FOREMOST.len().to_string();
    let arguments =
        ["inspect", "--sections", "pg_stat_statements", "--statements", &few, "--format", "json", "--dsn", &dsn];
    let run = pgdba(&arguments);
    assert_eq!(run.code, Some(0), "{role}: {}", run.stderr);
    Document::of(run.envelope()["data"].clone())
}
