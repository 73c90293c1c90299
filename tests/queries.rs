//! `pgdba query top`, `slow-log` and `show` on real servers, compared with what the servers themselves say.

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::program::{Run, pgdba};

/// Versions of pg_stat_statements that differ in what they count.
const VERSIONS: [u32; 3] = [12, 15, 18];

/// A table that a query reads as a whole, statements of two roles, and one slow call.
const WORKLOAD: [&str; 9] = [
    "create role app login",
    "create role report login",
    "create table orders (id int, state text)",
    "insert into orders select g, md5(g::text) from generate_series(1, 200000) g",
    "analyze orders",
    "grant all on orders to app, report",
    "select pg_stat_statements_reset()",
    "set work_mem = '64kB'; select count(*) from (select id from orders order by -id offset 1) s",
    "select pg_sleep(0.4)",
];

fn server(major: u32) -> Server {
    let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
    for sql in WORKLOAD {
        server.execute("postgres", sql).unwrap();
    }
    for (role, calls) in [("app", 25), ("report", 5)] {
        let one = format!("set role {role}; {}", "select * from orders where state = 'x';".repeat(calls));
        server.execute("postgres", &one).unwrap();
    }
    server
}

fn query(server: &Server, words: &[&str]) -> Run {
    let dsn = server.dsn("postgres", "postgres");
    pgdba(&[&["query"][..], words, &["--format", "json", "--dsn", &dsn][..]].concat())
}

fn data(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{} {}", run.stdout, run.stderr);
    run.envelope()["data"].clone()
}

fn cell(server: &Server, sql: &str) -> String {
    server.query("postgres", sql).unwrap()[0][0].clone().unwrap()
}

#[test]
fn the_top_statement_is_the_one_that_the_server_ranks_first() {
    for major in VERSIONS {
        let server = server(major);
        let time = if major == 12 { "total_time" } else { "total_exec_time" };
        for (sort, order) in [
            ("total_time", time),
            ("calls", "calls"),
            ("rows", "rows"),
            ("temp", "temp_blks_read + temp_blks_written"),
            ("cache_miss", "shared_blks_read"),
            ("io", "shared_blks_read + shared_blks_written + temp_blks_read + temp_blks_written"),
            ("wal", "wal_bytes"),
        ] {
            let run = query(&server, &["top", "--sort", sort, "--limit", "3"]);
            if major == 12 && sort == "wal" {
                assert_eq!((run.code, &run.envelope()["error"]["code"]), (Some(1), &"not_assessed".into()));
                continue;
            }
            let top = data(&run);
            // Several statements can be first.
            let others = "from pg_stat_statements where query !~ 'pgdba'";
            let greatest = format!("select max({order}) {others}");
            let first = format!("select string_agg(queryid::text, ' ') {others} and {order} = ({greatest})");
            let first = cell(&server, &first);
            let Some(found) = top["statements"][0]["query_id"].as_str() else { continue };
            assert!(first.split(' ').any(|id| id == found), "{major} {sort}: not {first}: {top}");
            assert!(top["statements"].as_array().unwrap().len() <= 3, "{top}");
            let shares = top["owners"].as_array().unwrap().iter().filter_map(|owner| owner["share"].as_f64());
            assert!((shares.sum::<f64>() - 1.0).abs() < 1e-6, "{major} {sort}: {top}");
        }
        let planning = query(&server, &["top", "--sort", "plan_time"]);
        assert_eq!(planning.code, Some(1), "planning is not measured: {}", planning.stdout);
        let app = data(&query(&server, &["top", "--user", "app", "--sort", "calls"]));
        assert_eq!(app["statements"][0]["calls"], 25, "{app}");
    }
}

#[test]
fn slow_calls_are_listed_and_each_statement_has_a_page() {
    for major in VERSIONS {
        let server = server(major);
        let slow = data(&query(&server, &["slow-log", "--threshold", "300ms"]));
        let texts: Vec<&str> =
            slow["statements"].as_array().unwrap().iter().filter_map(|s| s["query"].as_str()).collect();
        assert!(texts.iter().any(|text| text.contains("pg_sleep")), "{major}: {slow}");
        assert_eq!(data(&query(&server, &["slow-log", "--threshold", "1h"]))["found"], 0);

        let id = cell(&server, "select queryid from pg_stat_statements where query ~ 'where state = ' limit 1");
        let page = data(&query(&server, &["show", &id[..id.len() - 2]]));
        assert_eq!(
            (page["query_id"].as_str(), page["run_by"].as_array().map(Vec::len)),
            (Some(&*id), Some(2)),
            "{page}"
        );
        assert_eq!(page["tables"].as_array().map(Vec::len), Some(1), "{page}");
        let calls = page["figures"].as_array().unwrap().iter().find(|figure| figure["name"] == "calls").unwrap();
        assert_eq!(calls["total"], 30.0);
        let codes: Vec<&str> = page["findings"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
        assert!(codes.contains(&"PGD711"), "{major}: {page}");
        let none = query(&server, &["show", "0000"]);
        assert_eq!(none.code, Some(1), "{}", none.stdout);
    }
}

#[test]
fn a_query_that_reads_the_whole_table_no_longer_does_with_an_index() {
    for major in VERSIONS {
        let server = server(major);
        let check = || pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]).codes();
        assert!(check().contains(&"PGD711".to_owned()), "{major}: {:?}", check());
        server.execute("postgres", "create index on orders (state)").unwrap();
        server.execute("postgres", "select pg_stat_statements_reset()").unwrap();
        server.execute("postgres", &"select * from orders where state = 'x';".repeat(40)).unwrap();
        assert!(!check().contains(&"PGD711".to_owned()), "{major}: {:?}", check());
    }
}

#[test]
fn where_statements_are_not_recorded_the_hint_tells_how_to() {
    for major in VERSIONS {
        let bare = Server::start(major, &ServerOptions::fast()).unwrap();
        let run = query(&bare, &["top"]);
        let envelope = run.envelope();
        let hint = envelope["error"]["hint"].as_str().unwrap().to_owned();
        assert_eq!(run.code, Some(1));
        assert!(hint.starts_with("Run ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';"), "{hint}");
        // What the hint says is what has to be done.
        let parts: Vec<&str> = hint.split("; ").collect();
        bare.execute("postgres", parts[0].trim_start_matches("Run ")).unwrap();
        let waiting = query(&bare, &["slow-log"]).envelope()["error"]["hint"].to_string();
        assert!(waiting.contains("already. Restart the server"), "{waiting}");
        bare.restart().unwrap();
        let created = query(&bare, &["top"]).envelope()["error"]["hint"].to_string();
        assert!(created.contains("The library is loaded"), "{created}");
        bare.execute("postgres", hint.rsplit(": ").next().unwrap()).unwrap();
        assert_eq!(query(&bare, &["top"]).code, Some(0));
    }
}

#[test]
fn recording_that_was_disabled_is_found_and_the_remedy_enables_it() {
    for major in [13, 18] {
        let options = ServerOptions::fast().with_statements().with("pg_stat_statements.track", "none");
        let server = Server::start(major, &options).unwrap();
        let check = || pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
        let run = check();
        assert!(run.codes().contains(&"PGD710".to_owned()), "{major}: {:?}", run.codes());
        let findings = run.envelope()["data"]["findings"].clone();
        let finding = findings.as_array().unwrap().iter().find(|finding| finding["code"] == "PGD710").unwrap().clone();
        for statement in finding["remedy"]["script"]["text"].as_str().unwrap().lines() {
            server.execute("postgres", statement).unwrap();
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while check().codes().contains(&"PGD710".to_owned()) {
            assert!(std::time::Instant::now() < deadline, "{major}");
        }
    }
}

#[test]
fn a_list_of_statements_fits_a_terminal_of_eighty_columns() {
    let file = xtask::paths::root().join("fixtures/example.json.gz");
    for words in [&["top"][..], &["top", "--sort", "wal"], &["slow-log", "--threshold", "1ms"]] {
        let run = pgdba(&[&["query"][..], words, &["--snapshot", file.to_str().unwrap()][..]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let wide: Vec<&str> = run.stdout.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }
}
