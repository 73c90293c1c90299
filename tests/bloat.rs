//! Estimates of bloat against what VACUUM FULL and REINDEX really returned.

use std::fs;

use serde_json::Value;
use xtask::bench::bloat::{Comparison, Kind, folder};
use xtask::servers::{Server, ServerOptions};

use crate::program::pgdba;

/// The versions whose measured set is recorded: the first that deduplicates, and one that extends tables ahead.
const RECORDED: [u32; 2] = [13, 17];

#[test]
fn estimates_of_the_recorded_set_are_within_their_bounds() {
    for major in RECORDED {
        let set = Comparison::recorded(&folder(), major).unwrap();
        for (kind, least, median, p95) in [(Kind::Table, 60, 0.5, 3.0), (Kind::Index, 100, 0.5, 4.0)] {
            let ours = set.ours(kind);
            assert!(ours.count >= least, "{major}: only {} were measured", ours.count);
            let worst = set.worst(8).join("\n");
            assert!(ours.median <= median && ours.p95 <= p95, "{major}: {ours:?}\n{worst}");
            assert!(ours.held >= Some(0.97), "{major}: {ours:?}");
            // An interval that holds everything says nothing.
            assert!(ours.interval <= 20.0, "{major}: {ours:?}");
            let peer = set.peers(kind);
            assert!(peer.count > 10 && peer.p95 > ours.p95, "{major}: {peer:?}");
        }
        assert!(set.withheld().iter().all(|line| line.contains("counters were reset")), "{:?}", set.withheld());
    }
}

#[test]
fn the_recorded_set_is_small() {
    let size: u64 = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(size > 10_000 && size < 2_000_000, "{size} bytes");
}

/// A table of about 190 MB with its index, of which a tenth of the rows is left.
const BLOAT: [&str; 4] = [
    "create table thinned (id bigint primary key, v text)",
    "insert into thinned select g, repeat('x', 100) from generate_series(1, 1400000) g",
    "delete from thinned where id % 10 <> 0",
    "vacuum analyze thinned",
];

#[test]
fn a_bloated_table_and_its_index_are_found_and_the_remedy_removes_the_finding() {
    for major in [12, 15, 18] {
        let server = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
        for statement in BLOAT {
            server.execute("postgres", statement).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(1100));
        }
        let dsn = server.dsn("postgres", "postgres");
        let query = || {
            let run = pgdba(&["query", "bloat", "--format", "json", "--dsn", &dsn, "--table", "public.thinned"]);
            assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
            run.envelope()["data"].clone()
        };
        let data = query();
        let table = &data["tables"][0];
        assert_eq!((&table["schema"], &table["name"]), (&"public".into(), &"thinned".into()));
        assert_eq!(
            (&data["indexes"][0]["name"], &data["indexes"][0]["table"]),
            (&"thinned_pkey".into(), &"thinned".into())
        );
        let before = sizes(&server);
        let check = || pgdba(&["check", "--format", "json", "--dsn", &dsn]).envelope();
        for statement in statements(&check()) {
            server.execute("postgres", &statement).unwrap();
        }
        let after = sizes(&server);
        for (row, (before, after)) in [(table, (before[0], after[0])), (&data["indexes"][0], (before[1], after[1]))] {
            let truth = 1.0 - after / before;
            let [low, high] = ["bloat_ratio_low", "bloat_ratio_high"].map(|key| row[key].as_f64().unwrap());
            assert!(low <= truth && truth <= high && truth > 0.5, "{major}: {truth} in {row}");
            assert_eq!(row["bytes"].as_f64(), Some(before), "{major}: {row}");
        }
        assert_eq!(statements(&check()), Vec::<String>::new(), "{major}");
    }
}

/// The statements of the findings about bloat, each alone.
fn statements(envelope: &Value) -> Vec<String> {
    let findings = envelope["data"]["findings"].as_array().unwrap();
    let ours = findings.iter().filter(|finding| finding["code"].as_str().unwrap().starts_with("PGD15"));
    let subjects = ours.flat_map(|finding| finding["subjects"].as_array().unwrap());
    subjects.map(|subject| subject["sql"].as_str().unwrap().to_owned()).collect()
}

/// The bytes of the table and of its index.
fn sizes(server: &Server) -> Vec<f64> {
    let rows =
        server.query("postgres", "select pg_relation_size('thinned'), pg_relation_size('thinned_pkey')").unwrap();
    rows[0].iter().map(|size| size.as_ref().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_table_that_does_not_exist_is_an_error() {
    let file = folder().join("pg17.json.gz");
    let run = pgdba(&["query", "bloat", "--snapshot", file.to_str().unwrap(), "--table", "nowhere"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("\"nowhere\" does not exist"), "{}", run.stderr);
}

#[test]
fn small_relations_and_limits_leave_rows_out() {
    let file = folder().join("pg17.json.gz");
    let rows = |words: &[&str]| {
        let run =
            pgdba(&[&["query", "bloat", "--format", "json", "--snapshot", file.to_str().unwrap()], words].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.envelope()["data"]["tables"].as_array().unwrap().clone()
    };
    assert!(rows(&[]).len() > 60);
    assert_eq!(rows(&["--limit", "3"]).len(), 3);
    let large = rows(&["--min-size", "8MB"]);
    assert!(!large.is_empty() && large.iter().all(|row| row["bytes"].as_i64().unwrap() >= 8 << 20));
    let tiny = rows(&["--table", "history.one_row"]);
    assert!(tiny[0]["bloat_ratio"].is_null() && tiny[0]["reason"].as_str().unwrap().contains("10 pages"), "{tiny:?}");
}
