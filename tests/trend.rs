//! `pgdba baseline`, its list and its trend on real servers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::collect::begin_at;
use crate::fixtures::{self, unpacked};
use crate::program::{Run, pgdba_with};
use crate::schemas::{assert_valid, validator};

/// A home of its own for each test, and other files beside it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    fn run(&self, args: &[&str]) -> Run {
        pgdba_with(&[("PGDBA_HOME", Some(self.home().to_str().unwrap()))], args)
    }

    /// The data of `baseline …` as JSON.
    fn data(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["baseline"][..], args, &["--format", "json"]].concat());
        assert_eq!(run.code, Some(0), "{args:?}: {} {}", run.stdout, run.stderr);
        run.envelope()["data"].clone()
    }

    /// The files below `baselines`.
    fn stored(&self) -> Vec<PathBuf> {
        let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let folders: Vec<PathBuf> = entries(&self.home().join("baselines"));
        folders.iter().flat_map(|folder| -> Vec<PathBuf> { entries(folder) }).collect()
    }
}

fn names(members: &Value) -> Vec<&str> {
    members.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_baseline_has_the_sections_that_were_requested_and_reads_no_more() {
    for major in [12, 18] {
        let server = Server::start(major, &ServerOptions::default().with_statements()).unwrap();
        let (desk, dsn) = (Desk::new(), server.dsn("postgres", "postgres"));
        let document = desk.data(&["--dsn", &dsn, "--sections", "config,locks"]);
        assert_valid(&validator("baseline.json"), &document, &major.to_string());
        assert_valid(&validator("snapshot.json"), &document["snapshot"], &major.to_string());
        assert_eq!(names(&document["sections"]), ["config", "locks"], "{major}");
        assert_eq!(document["mode"], "instant");
        let read = names(&document["snapshot"]["sections"]);
        assert!(read.contains(&"pg_settings") && read.contains(&"pg_locks"), "{major}: {read:?}");
        assert!(!read.contains(&"pg_stat_statements") && !read.contains(&"pg_stats"), "{major}: {read:?}");
        let whole = desk.data(&["--dsn", &dsn, "--no-store"]);
        assert_valid(&validator("baseline.json"), &whole, &major.to_string());
        let parts = ["config", "io", "locks", "queries", "replication", "system", "tables"];
        assert_eq!(names(&whole["sections"]), parts);
        for part in parts {
            assert_eq!(whole["sections"][part]["absence"], Value::Null, "{major} {part}: {}", whole["sections"][part]);
        }
        assert_eq!(desk.stored().len(), 1, "{major}: the second was not to be stored");
    }
}

#[test]
fn a_delta_has_rates_per_second_of_its_window() {
    let server = Server::start(NEWEST, &ServerOptions::default().with_statements()).unwrap();
    let (desk, dsn) = (Desk::new(), server.dsn("postgres", "postgres"));
    let document = desk.data(&["--dsn", &dsn, "--delta", "--interval", "2s", "--sections", "system,io"]);
    assert_valid(&validator("baseline.json"), &document, "delta");
    assert_eq!(document["mode"], "delta");
    let rates = document["sections"]["system"]["data"]["rates"].as_array().unwrap();
    let commits = rates.iter().find(|rate| rate["key"] == "commits").unwrap();
    assert_eq!(commits["period"], "delta", "{commits}");
    assert!(commits["seconds"].as_f64() >= Some(1.5) && commits["seconds"].as_f64() < Some(30.0), "{commits}");
}

#[test]
fn stored_baselines_are_listed_and_read_like_snapshots() {
    let server = Server::start(NEWEST, &ServerOptions::default()).unwrap();
    let (desk, dsn) = (Desk::new(), server.dsn("postgres", "postgres"));
    assert!(desk.run(&["baseline", "list"]).stdout.starts_with("No baselines are stored"));
    for _ in 0..2 {
        let run = desk.run(&["baseline", "--dsn", &dsn]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("Configuration:") && run.stdout.contains("Stored as"), "{}", run.stdout);
        thread::sleep(Duration::from_millis(1100));
    }
    let mut files = desk.stored();
    files.sort();
    assert_eq!(files.len(), 2);
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);

    let [first, second] = [&files[0], &files[1]].map(|file| file.to_str().unwrap());
    let found = desk.data(&["diff", "--before", first, "--after", second]);
    assert_eq!(found["identity"]["relation"], "same_server", "{}", found["identity"]);
    let check = desk.run(&["check", "--snapshot", first, "--format", "json"]);
    assert_eq!(check.envelope()["ok"], true, "{}", check.stdout);
    assert_eq!(desk.run(&["snapshot", "verify", first]).code, Some(0));

    // One that is stored already is not replaced.
    let before = fs::read(first).unwrap();
    let again = desk.run(&["baseline", "--snapshot", first]);
    assert!(again.stderr.contains("was not replaced"), "{}", again.stderr);
    assert_eq!(fs::read(first).unwrap(), before);

    let damaged = files[0].with_file_name("20200101T000000Z.json.gz");
    fs::write(&damaged, &before[..before.len() / 2]).unwrap();
    let listed = desk.data(&["list"]);
    let all = listed["baselines"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    assert!(all[0]["error"].as_str().unwrap().contains("damaged"), "{}", all[0]);
    assert_eq!(all[1]["error"], Value::Null, "{}", all[1]);
    assert_eq!(desk.data(&["list", "--dsn", &dsn])["baselines"].as_array().unwrap().len(), 3);
    assert_eq!(desk.data(&["list", "--fingerprint", "none"])["baselines"], json!([]));
    assert_eq!(desk.run(&["baseline", "--format", "json", "list"]).envelope()["data"], listed);
    let before_it = desk.run(&["baseline", "--format", "json", "--no-store", "list"]);
    let code = &before_it.envelope()["error"]["code"];
    assert_eq!((before_it.code, code), (Some(2), &"options_before_subcommand".into()), "{}", before_it.stdout);
    let text = desk.run(&["baseline", "list"]);
    assert!(text.code == Some(0) && text.stdout.contains("unreadable: "), "{}", text.stdout);
    let trend = desk.run(&["baseline", "trend", "--dsn", &dsn]);
    assert!(trend.code == Some(0) && trend.stderr.contains("damaged"), "{} {}", trend.stdout, trend.stderr);
}

/// The name of a table that a terminal and a browser would act on.
const HOSTILE: &str = "\u{1b}[31m<script>|`x";

/// The year of a time.
fn year(time: &Value) -> i64 {
    time.as_str().and_then(|text| text.get(..4)?.parse().ok()).unwrap_or_else(|| panic!("{time} is not a time"))
}

/// A snapshot as if it had been collected some years later.
fn later(document: &mut Value, years: i64) {
    let shift = |value: &mut Value| {
        if let Some(rest) = value.as_str().and_then(|text| text.get(4..)) {
            *value = json!(format!("{}{rest}", year(value) + years));
        }
    };
    shift(&mut document["collected_at"]);
    for section in document["sections"].as_object_mut().unwrap().values_mut() {
        shift(&mut section["collected_at"]);
    }
    let system = &mut document["sections"]["system"];
    let position = system["columns"].as_array().unwrap().iter().position(|name| name == "server_time").unwrap();
    shift(&mut system["rows"][0][position]);
    document.as_object_mut().unwrap().remove("checksum");
}

/// Six snapshots, a year apart: a table grows, a sequence advances, and the statistics are reset after the third.
fn six(server: &Server, folder: &Path) -> Vec<PathBuf> {
    let execute = |sql: &str| server.execute("postgres", sql).unwrap();
    let quoted = format!("\"{HOSTILE}\"");
    execute(&format!("create table {quoted} (id int, note text)"));
    execute("create sequence ids as int");
    let one = |number: i64| {
        execute(&format!("insert into {quoted} select g, repeat('x', 100) from generate_series(1, 5000) g"));
        execute(&format!("select setval('ids', {})", 2_000_000_000 + number * 10_000_000));
        if number == 3 {
            execute("select pg_stat_reset()");
        }
        // Until version 14, a process collects the statistics and shows them half a second later.
        thread::sleep(Duration::from_millis(1200));
        let file = folder.join(format!("{number}.json"));
        let done = begin_at(&server.dsn("postgres", "postgres"), &[], &file).wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        let mut document: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        later(&mut document, number);
        fs::write(&file, document.to_string()).unwrap();
        file
    };
    (0..6).map(one).collect()
}

#[test]
fn a_trend_shows_what_grows_and_when_it_ends() {
    for major in [12, NEWEST] {
        let server = Server::start(major, &ServerOptions::default()).unwrap();
        let desk = Desk::new();
        let files = six(&server, desk.0.path());
        let mut files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        files.reverse();
        let found = desk.data(&[&["trend"][..], &files].concat());
        assert_valid(&validator("trend.json"), &found, &major.to_string());
        assert_eq!(found["snapshots"].as_array().unwrap().len(), 6);
        let of = |key: &str| {
            let series = found["series"].as_array().unwrap();
            series.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{major}: no {key}")).clone()
        };
        let table = of("table_bytes");
        assert!(table["of"].as_str().unwrap().contains("<script>"), "{table}");
        assert!(table["per_day"].as_f64() > Some(100.0), "{table}");
        let points = of("transactions")["points"].clone();
        let gaps: Vec<bool> = points.as_array().unwrap().iter().map(|point| point["value"].is_null()).collect();
        assert_eq!(gaps, [false, false, true, false, false], "{major}: {points}");
        assert!(points[2]["absence"].as_str().unwrap().contains("reset"), "{points}");
        assert!(of("wal_bytes")["points"].as_array().unwrap().iter().all(|point| point["value"].as_f64() > Some(0.0)));
        let end = of("sequence_left")["projection"].clone();
        // 147 million numbers are left in the first snapshot, and ten million are given out a year.
        let years = year(&end["at"]) - year(&found["snapshots"][0]);
        assert!([14, 15].contains(&years), "{major}: {end}");

        for format in ["text", "markdown", "html"] {
            let run = desk.run(&[&["baseline", "trend", "--format", format][..], &files].concat());
            assert_eq!(run.code, Some(0), "{major} {format}: {}", run.stderr);
            assert!(run.stdout.contains("no more numbers") && !run.stdout.contains('\u{1b}'), "{major} {format}");
            assert!(format != "html" || !run.stdout.contains("<script>|"), "{major}");
        }

        // The same of stored baselines, each of which contains one of the snapshots.
        for file in &files {
            assert_eq!(desk.run(&["baseline", "--snapshot", file]).code, Some(0));
        }
        let fingerprint = found["cluster"]["fingerprint"].as_str().unwrap();
        let stored = desk.data(&["trend", "--fingerprint", &fingerprint[..8]]);
        assert_eq!(stored["series"], found["series"], "{major}");
    }
}

#[test]
fn a_trend_of_different_clusters_is_refused() {
    let desk = Desk::new();
    let files: Vec<String> = (0..2)
        .map(|number| {
            let server = Server::start(NEWEST, &ServerOptions::default()).unwrap();
            let file = desk.0.path().join(format!("{number}.json"));
            let done = begin_at(&server.dsn("postgres", "postgres"), &[], &file).wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(0));
            file.to_str().unwrap().to_owned()
        })
        .collect();
    let trend = ["baseline", "trend", "--format", "json", files[0].as_str(), files[1].as_str()];
    let refused = desk.run(&trend);
    assert_eq!((refused.code, &refused.envelope()["error"]["code"]), (Some(1), &"different_clusters".into()));
    let forced = desk.run(&[&trend[..], &["--force"]].concat());
    assert_eq!(forced.code, Some(0), "{}", forced.stdout);
    assert_eq!(desk.run(&["baseline", "trend"]).code, Some(2), "no cluster was chosen");
    assert_eq!(desk.run(&["baseline", "trend", &files[0]]).code, Some(1), "one snapshot is not a trend");
}

#[test]
fn the_names_of_stored_clusters_are_only_texts() {
    let desk = Desk::new();
    let mut document: Value = serde_json::from_slice(&unpacked(&fixtures::bytes("pg18.json.gz"))).unwrap();
    document["identity"]["config_host"] = json!(HOSTILE);
    document.as_object_mut().unwrap().remove("checksum");
    let file = desk.0.path().join("hostile.json");
    fs::write(&file, document.to_string()).unwrap();
    let stored = desk.run(&["baseline", "--snapshot", file.to_str().unwrap()]);
    assert_eq!((stored.code, desk.stored().len()), (Some(0), 1), "{}", stored.stderr);
    for format in ["text", "markdown", "html", "json"] {
        let run = desk.run(&["baseline", "list", "--format", format]);
        assert!(run.code == Some(0) && run.stdout.contains("script"), "{format}: {}", run.stdout);
        assert!(!run.stdout.contains('\u{1b}'), "{format}");
        assert!(format != "html" || !run.stdout.contains("<script>|"));
        assert!(format != "markdown" || !run.stdout.contains("<script>|`x"), "{}", run.stdout);
    }
}
