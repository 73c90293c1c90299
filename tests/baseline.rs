//! `pgdba baseline diff` on real servers: what was done between two snapshots is what it reports.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::collect::begin_at;
use crate::program::{Run, pgdba};
use crate::schemas::{assert_valid, validator};

/// Versions whose query IDs, counters and views differ.
const VERSIONS: [u32; 3] = [12, 15, 18];

/// What runs in each window: a query that uses an index, and some that do not.
const LOAD: [&str; 4] = [
    "select count(*) from orders where customer = 7",
    "select count(*) from small where id < 20",
    "select max(id) from small",
    "select id from small where id = 5",
];

fn server(major: u32) -> Server {
    let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
    for sql in [
        "create table orders (id int, customer int, note text)",
        "insert into orders select g, g % 1000, repeat('x', 100) from generate_series(1, 20000) g",
        "create index orders_customer on orders (customer)",
        "create table small (id int)",
        "insert into small select generate_series(1, 1000)",
        "vacuum analyze",
    ] {
        server.execute("postgres", sql).unwrap();
    }
    server
}

/// A snapshot of a server, in a file.
fn inspect(server: &Server, folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let file = folder.join(name);
    let done = begin_at(&server.dsn("postgres", "postgres"), arguments, &file).wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    file
}

/// A delta of 6 s in which the load runs.
fn delta(server: &Server, folder: &Path, name: &str) -> PathBuf {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for sql in LOAD {
                    server.execute("postgres", sql).unwrap();
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let file = inspect(server, folder, name, &["--delta", "--interval", "6s"]);
        is_over.store(true, Ordering::Relaxed);
        file
    })
}

fn diff(before: &Path, after: &Path, arguments: &[&str]) -> Run {
    let files = ["--before", before.to_str().unwrap(), "--after", after.to_str().unwrap()];
    pgdba(&[&["baseline", "diff"][..], &files, arguments].concat())
}

fn data(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{} {}", run.stdout, run.stderr);
    run.envelope()["data"].clone()
}

/// No number below zero but for differences, and none that is not finite.
fn assert_sound(found: &Value) {
    assert_valid(&validator("diff.json"), found, "diff");
    for rate in found["rates"].as_array().unwrap() {
        for side in ["before", "after"] {
            let per_second = rate[side]["per_second"].as_f64();
            assert!(per_second.is_none_or(|rate| rate >= 0.0), "{rate}");
            assert!(per_second.is_some() || rate[side]["absence"].is_string(), "{rate}");
        }
    }
}

fn notes(found: &Value) -> Vec<&str> {
    found["identity"]["notes"].as_array().unwrap().iter().filter_map(|note| note["kind"].as_str()).collect()
}

#[test]
fn a_dropped_index_and_a_changed_setting_are_found() {
    thread::scope(|scope| {
        for major in VERSIONS {
            scope.spawn(move || dropped_index(major));
        }
    });
}

fn dropped_index(major: u32) {
    let folder = tempfile::tempdir().unwrap();
    let server = server(major);
    let before = delta(&server, folder.path(), "before.json");
    for sql in [
        "drop index orders_customer",
        "alter system set effective_io_concurrency = 3",
        "alter system set max_connections = 123",
        "select pg_reload_conf()",
    ] {
        server.execute("postgres", sql).unwrap();
    }
    let after = delta(&server, folder.path(), "after.json");

    let found = data(&diff(&before, &after, &["--format", "json"]));
    assert_sound(&found);
    assert_eq!(found["identity"]["relation"], "same_server", "{major}: {}", found["identity"]);
    let compared = found["statements"]["compared"].as_array().unwrap();
    let slow = compared.iter().find(|one| one["query"].as_str().is_some_and(|text| text.contains("orders"))).unwrap();
    assert!(slow["changes"].as_array().unwrap().contains(&"more_work".into()), "{major}: {slow}");
    assert!(slow["cause"].as_str().unwrap().contains("orders_customer"), "{major}: {slow}");
    assert!(slow["pages"]["ratio"].as_f64() > Some(3.0), "{major}: {slow}");
    let others: Vec<_> = compared.iter().filter(|one| one["changes"].to_string().contains("more_work")).collect();
    assert_eq!(others.len(), 1, "{major}: {others:#?}");
    let settings: Vec<&str> =
        found["settings"]["changed"].as_array().unwrap().iter().filter_map(|one| one["parameter"].as_str()).collect();
    assert_eq!(settings, ["effective_io_concurrency"], "{major}: {}", found["settings"]);
    let changed = &found["settings"]["changed"][0]["after"];
    assert!(changed["origin"].as_str().unwrap().starts_with("ALTER SYSTEM"), "{major}: {changed}");
    assert_eq!(found["settings"]["pending"][0]["parameter"], "max_connections", "{major}: {}", found["settings"]);
    assert_eq!(found["settings"]["pending"][0]["needs"], "restart");
    let indexes = found["relations"]["indexes"].as_array().unwrap();
    let dropped: Vec<_> = indexes.iter().filter(|one| one["presence"] == "dropped").map(|one| &one["label"]).collect();
    assert_eq!(dropped, ["public.orders_customer"], "{major}");
    assert_eq!(found["regressions"][0]["kind"], "more_work", "{major}: {}", found["regressions"]);

    assert_eq!(diff(&before, &after, &["--fail-on", "regression"]).code, Some(3), "{major}");
    assert_eq!(diff(&before, &before, &["--fail-on", "regression"]).code, Some(0), "{major}");
    for format in ["text", "markdown", "html"] {
        let run = diff(&before, &after, &["--format", format]);
        let (first, second) = (run.stdout.find("Regressions"), run.stdout.find("effective"));
        assert!(run.code == Some(0) && first.is_some() && first < second, "{major} {format}: {}", run.stdout);
    }
}

#[test]
fn a_reset_and_a_restart_between_are_told() {
    thread::scope(|scope| {
        for major in VERSIONS {
            scope.spawn(move || reset_and_restart(major));
        }
    });
}

fn reset_and_restart(major: u32) {
    let folder = tempfile::tempdir().unwrap();
    let server = server(major);
    let run = || LOAD.iter().for_each(|sql| server.execute("postgres", &format!("{sql};").repeat(30)).unwrap());
    run();
    let first = inspect(&server, folder.path(), "first.json", &[]);
    run();
    let second = inspect(&server, folder.path(), "second.json", &[]);
    let found = data(&diff(&first, &second, &["--format", "json"]));
    assert_sound(&found);
    assert_eq!(found["statements"]["basis"]["kind"], "growth", "{major}: {}", found["statements"]["basis"]);
    let ranked = found["statements"]["ranked"].as_array().unwrap();
    let orders = ranked.iter().find(|one| one["query"].as_str().is_some_and(|text| text.contains("orders")));
    assert_eq!(orders.unwrap()["figures"]["calls"], 30.0, "{major}");
    assert!(diff(&first, &second, &[]).stdout.contains("Not tested"), "{major}");

    server.execute("postgres", "select pg_stat_statements_reset()").unwrap();
    server.execute("postgres", LOAD[0]).unwrap();
    let third = inspect(&server, folder.path(), "third.json", &[]);
    let found = data(&diff(&second, &third, &["--format", "json"]));
    assert_sound(&found);
    let all = found["statements"].to_string();
    assert!(all.contains("reset") || major < 14 && all.contains("decreased"), "{major}: {all}");
    assert_eq!(notes(&found).contains(&"statements_reset"), major >= 14, "{major}: {}", found["identity"]);

    server.restart().unwrap();
    let fourth = inspect(&server, folder.path(), "fourth.json", &[]);
    let found = data(&diff(&third, &fourth, &["--format", "json"]));
    assert_sound(&found);
    assert!(notes(&found).contains(&"restarted"), "{major}: {}", found["identity"]);
    assert_eq!(found["statements"]["basis"]["kind"], "nothing", "{major}: {}", found["statements"]["basis"]);
}

#[test]
fn different_clusters_are_compared_with_force_only() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = [12, 18, 18]
        .into_iter()
        .enumerate()
        .map(|(at, major)| inspect(&server(major), folder.path(), &format!("{at}.json"), &[]))
        .collect();
    for (before, after) in [(&files[0], &files[1]), (&files[1], &files[2])] {
        let refused = diff(before, after, &["--format", "json"]);
        assert_eq!((refused.code, &refused.envelope()["error"]["code"]), (Some(1), &"different_clusters".into()));
        let found = data(&diff(before, after, &["--format", "json", "--force"]));
        assert_sound(&found);
        assert_eq!(notes(&found).first(), Some(&"different_cluster"));
        let tables = found["relations"]["tables"].as_array().unwrap();
        assert!(tables.iter().all(|one| one["presence"] == "kept") && tables.len() == 2, "{tables:#?}");
    }
    let twice = pgdba(&["baseline", "diff", "--before", "-", "--after", "-"]);
    assert_eq!(twice.code, Some(2), "{}", twice.stderr);
}
