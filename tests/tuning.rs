//! Recommended values on real servers: each is accepted, the server starts with all of them, and they are in force.

use std::collections::BTreeMap;
use std::fs;

use pgdba_analysis::tuning::{Given, Storage, Workload, script, tune};
use pgdba_analysis::{Facts, Options, Recommendation, analyze};
use pgdba_pg::Bytes;
use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::fixtures;
use crate::program::{Run, pgdba, pgdba_with};

const WORKLOADS: [Workload; 6] =
    [Workload::Oltp, Workload::Olap, Workload::Mixed, Workload::Web, Workload::Desktop, Workload::RemoteConservative];

/// The hosts that values are computed for. All of them must start on the machine of the test.
const HOSTS: [Given; 3] = [
    Given {
        workload: None,
        memory: None,
        cpus: None,
        storage: None,
        connections: None,
        data_size: None,
        wal_space: None,
    },
    Given {
        workload: None,
        memory: Some(Bytes(1 << 30)),
        cpus: Some(64),
        storage: Some(Storage::Nvme),
        connections: Some(300),
        data_size: None,
        wal_space: Some(Bytes(4 << 30)),
    },
    Given {
        workload: None,
        memory: Some(Bytes(8 << 30)),
        cpus: Some(4),
        storage: Some(Storage::Hdd),
        connections: Some(20),
        data_size: None,
        wal_space: Some(Bytes(500 << 30)),
    },
];

macro_rules! on_each_version {
    ($($name:ident: $major:literal),*) => {
        $(#[test]
        fn $name() {
            everything_is_accepted($major);
        })*
    };
}

on_each_version!(
    a_server_12_starts_with_what_is_recommended: 12,
    a_server_13_starts_with_what_is_recommended: 13,
    a_server_14_starts_with_what_is_recommended: 14,
    a_server_15_starts_with_what_is_recommended: 15,
    a_server_16_starts_with_what_is_recommended: 16,
    a_server_17_starts_with_what_is_recommended: 17,
    a_server_18_starts_with_what_is_recommended: 18
);

/// What is recommended for the recorded servers of a version, each list once, by what it is for.
fn advice(major: u32) -> BTreeMap<String, (String, Vec<Recommendation>)> {
    let mut lists = BTreeMap::new();
    let prefix = format!("pg{major}");
    for name in fixtures::names().into_iter().filter(|name| name.starts_with(&prefix)) {
        let snapshot = pgdba_snapshot::read(&fixtures::bytes(&name)).unwrap();
        let findings = analyze(&snapshot, &Options::default()).findings;
        for workload in WORKLOADS {
            for host in HOSTS {
                let given = Given { workload: Some(workload), ..host };
                let found = tune(&Facts::of(&snapshot), &findings, &given).unwrap().recommendations;
                let label = format!("{name} {} {host:?}", workload.word());
                lists.entry(script::conf(&found)).or_insert((label, found));
            }
        }
    }
    lists
}

fn everything_is_accepted(major: u32) {
    let lists = advice(major);
    let server = Server::start(major, &ServerOptions::default()).unwrap();
    let mut restarts = 0;
    let mut accepted = BTreeMap::new();
    for (label, recommendations) in lists.values() {
        // A list of values that were all in force in another list needs no start of its own.
        let is_known = |wanted: &Recommendation| accepted.get(&wanted.parameter) == Some(&wanted.recommended);
        if recommendations.iter().all(is_known) {
            continue;
        }
        for line in script::sql(recommendations, i64::from(major)).lines().filter(|line| line.starts_with("ALTER")) {
            server.execute("postgres", line).unwrap_or_else(|error| panic!("{label}: {line} {error:#}"));
        }
        server.restart().unwrap_or_else(|error| panic!("{label}: {recommendations:#?} {error:#}"));
        restarts += 1;
        assert_in_force(&server, label, recommendations);
        accepted.clear();
        accepted.extend(recommendations.iter().map(|wanted| (wanted.parameter.clone(), wanted.recommended.clone())));
        server.execute("postgres", "alter system reset all").unwrap();
    }
    println!("{major}: {} lists of recommendations, {restarts} starts", lists.len());
    assert!(restarts >= 10, "only {restarts} lists were tried");
}

/// No line of the files has an error, and each value is what the server itself makes of the text.
fn assert_in_force(server: &Server, label: &str, recommendations: &[Recommendation]) {
    let errors = server.query("postgres", "select name, error from pg_file_settings where error is not null").unwrap();
    assert!(errors.is_empty(), "{label}: {errors:?}");
    for wanted in recommendations {
        let compare = format!(
            "select unit, setting, pg_size_bytes(case when unit in ('kB', 'MB', '8kB') and setting <> '-1' \
             then current_setting(name) end) from pg_settings where name = '{}'",
            wanted.parameter
        );
        let row = server.query("postgres", &compare).unwrap().remove(0);
        let (setting, bytes) = (row[1].clone().unwrap(), row[2].clone());
        match bytes {
            Some(bytes) => {
                let text = wanted.recommended.replace("kB", " kB").replace("MB", " MB").replace("GB", " GB");
                // The server rounds to its unit.
                let sql = format!("select abs(pg_size_bytes('{text}') - {bytes}) <= 4096");
                assert_eq!(server.query("postgres", &sql).unwrap()[0][0].as_deref(), Some("t"), "{label}: {wanted:?}");
            }
            None => assert!(setting == wanted.recommended, "{label}: {} is {setting}", wanted.parameter),
        }
    }
}

#[test]
fn pgtune_only_needs_no_server() {
    let run = pgdba(&[
        "config",
        "tune",
        "--pgtune-only",
        "--format",
        "json",
        "--pg-version",
        "17",
        "--os",
        "linux",
        "--workload",
        "oltp",
        "--memory",
        "64GB",
        "--cpus",
        "8",
        "--storage",
        "ssd",
        "--connections",
        "200",
        "--db-size",
        "mid-ram",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let values = values(&run);
    let expected = [
        ("max_connections", "200"),
        ("shared_buffers", "16GB"),
        ("effective_cache_size", "48GB"),
        ("maintenance_work_mem", "4GB"),
        ("random_page_cost", "1.1"),
        ("work_mem", "80659kB"),
        ("autovacuum_work_mem", "2GB"),
    ];
    for (parameter, value) in expected {
        assert_eq!(values.get(parameter).map(String::as_str), Some(value), "{parameter}");
    }
    let all = |run: &Run| run.envelope()["data"]["recommendations"].as_array().unwrap().len();
    assert_eq!(all(&run), 20);
    for wrong in [
        &["--pgtune-only"][..],
        &["--pgtune-only", "--memory", "64"],
        &["--pgtune-only", "--memory", "1GB", "--name", "x"],
        &["--pgtune-only", "--memory", "1GB", "--workload", "remote-conservative"],
        &["--os", "linux"],
        &["--dry-run"],
    ] {
        let run = pgdba(&[&["config", "tune"], wrong].concat());
        assert_eq!(run.code, Some(2), "{wrong:?}: {}", run.stderr);
    }
}

fn values(run: &Run) -> BTreeMap<String, String> {
    let envelope = run.envelope();
    let of = |wanted: &Value| {
        (wanted["parameter"].as_str().unwrap().to_owned(), wanted["recommended"].as_str().unwrap().to_owned())
    };
    envelope["data"]["recommendations"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_live_server_is_tuned_and_then_needs_no_more() {
    let server = Server::start(16, &ServerOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let dsn = server.dsn("postgres", "postgres");
    let tune = |words: &[&str]| {
        let fixed =
            ["config", "tune", "--dsn", &dsn, "--no-policy", "--memory", "2GB", "--cpus", "4", "--storage", "ssd"];
        pgdba_with(&[("PGDBA_HOME", home.to_str())], &[&fixed, words].concat())
    };
    let json = |words: &[&str]| tune(&[words, &["--format", "json"]].concat());
    let wanted = values(&json(&[]));
    assert!(wanted.len() > 8 && wanted["shared_buffers"] == "512MB", "{wanted:?}");

    let plan = json(&["--apply", "--dry-run"]);
    assert_eq!((plan.code, &plan.envelope()["data"]["dry_run"]), (Some(0), &Value::Bool(true)), "{}", plan.stdout);
    assert_eq!(values(&json(&[])), wanted);

    let applied = json(&["--apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.stdout);
    server.restart().unwrap();
    let left = json(&[]);
    assert_eq!(values(&left), BTreeMap::new(), "{}", left.stdout);
    let text = tune(&[]).stdout;
    assert!(text.contains("No change is recommended for the workload mixed."), "{text}");
    let again = json(&["--apply", "--yes"]);
    assert_eq!((again.code, again.envelope()["ok"].as_bool()), (Some(0), Some(true)), "{}", again.stdout);
}

#[test]
fn each_form_is_one_that_a_server_or_pgdba_reads() {
    let server = Server::start(18, &ServerOptions::default()).unwrap();
    let dsn = server.dsn("postgres", "postgres");
    let tune = |words: &[&str]| {
        let fixed =
            ["config", "tune", "--dsn", &dsn, "--no-policy", "--memory", "3GB", "--cpus", "6", "--workload", "web"];
        let run = pgdba(&[&fixed, words].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    let conf = server.data_dir().join("postgresql.conf");
    let former = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{former}{}", tune(&["--output", "conf"]))).unwrap();
    server.restart().unwrap();
    assert_eq!(server.query("postgres", "show shared_buffers").unwrap()[0][0].as_deref(), Some("768MB"));
    fs::write(&conf, former).unwrap();
    server.restart().unwrap();

    for line in tune(&["--output", "sql"]).lines().filter(|line| !line.starts_with("--")) {
        server.execute("postgres", line).unwrap();
    }
    server.restart().unwrap();
    assert_eq!(server.query("postgres", "show shared_buffers").unwrap()[0][0].as_deref(), Some("768MB"));
    server.execute("postgres", "alter system reset all").unwrap();
    server.restart().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.json");
    fs::write(&file, tune(&["--output", "changeset"])).unwrap();
    let home = folder.path().join("home");
    let run = pgdba_with(
        &[("PGDBA_HOME", home.to_str())],
        &["config", "apply", "--dsn", &dsn, "--file", file.to_str().unwrap(), "--yes", "--format", "json"],
    );
    assert_eq!(run.code, Some(0), "{}", run.stdout);

    let diff = pgdba(&[
        "config",
        "diff",
        "--dsn",
        &dsn,
        "--no-policy",
        "--workload",
        "web",
        "--memory",
        "3GB",
        "--format",
        "json",
    ]);
    let envelope = diff.envelope();
    assert_eq!(envelope["data"]["tuning"]["workload"], "web", "{}", diff.stdout);
}
