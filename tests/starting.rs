//! Warnings about the next start against real starts, and the model of shared memory against what running servers say.

use std::collections::BTreeSet;

use pgdba_pg::ServerVersion;
use pgdba_pg::parameter::{Declaration, Kind};
use pgdba_pg::start::{Settings, shared_memory};
use serde_json::Value;
use xtask::servers::{Server, ServerOptions};
use xtask::starting::{Case, Outcome, State, cases, try_all};

use crate::program::{build, pgdba_with};

/// Of the cases that start one in so many is tried here.
const STARTING_SHARE: usize = 8;

/// What a server says of a value that it takes from nobody, so that no warning is needed.
const REFUSALS: [&str; 4] = ["for parameter", "unrecognized", "cannot be changed", "requires a Boolean"];

macro_rules! on_each_version {
    ($($name:ident: $major:literal),*) => {
        $(#[test]
        fn $name() {
            warnings_are_right($major);
        })*
    };
}

on_each_version!(
    on_12_what_is_warned_about_is_what_stops: 12,
    on_15_what_is_warned_about_is_what_stops: 15,
    on_17_what_is_warned_about_is_what_stops: 17,
    on_18_what_is_warned_about_is_what_stops: 18
);

/// One case for each reason not to start, and some that start. All of them: `cargo xtask starting`.
fn warnings_are_right(major: u32) {
    build();
    let all = cases().unwrap();
    let sample = sample(&all, major);
    let trials = try_all(major, &sample).unwrap();
    let wrong: Vec<String> = trials.iter().filter(|trial| !trial.agrees()).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let count = |wanted| trials.iter().filter(|trial| trial.outcome == wanted).count();
    let (stops, starts) = (count(Outcome::Stops), count(Outcome::Starts));
    assert!(stops >= 20 && starts >= 6, "only {stops} stopped and {starts} started");
}

fn sample(all: &[Case], major: u32) -> Vec<&Case> {
    let mut reasons = BTreeSet::new();
    let mut starting = 0;
    let is_chosen = |case: &&Case| match case.result(major) {
        _ if State::of(case).is_none() => false,
        Some(("stops", message)) => {
            let is_refused = REFUSALS.iter().any(|words| message.contains(words));
            // The reason without what it is about.
            let reason: String =
                message.split('"').step_by(2).flat_map(str::chars).filter(|c| !c.is_ascii_digit()).collect();
            !is_refused && reasons.insert(reason)
        }
        Some(("starts", _)) => {
            starting += 1;
            starting % STARTING_SHARE == 0
        }
        _ => false,
    };
    all.iter().filter(is_chosen).collect()
}

#[test]
fn running_servers_request_what_the_model_says() {
    // A generator of whole numbers, so that each run is the same.
    let mut state = 20_261_128_u64;
    let mut draw = move |least: u64, most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (least + (state >> 33) % (most - least)).to_string()
    };
    for major in [15, 17, 18] {
        for preload in ["", "pg_stat_statements", "auto_explain"] {
            let options = ServerOptions::fast()
                .with("shared_buffers", &draw(16, 40_000))
                .with("max_connections", &draw(30, 3000))
                .with("max_prepared_transactions", &draw(0, 200))
                .with("max_locks_per_transaction", &draw(10, 500))
                .with("max_pred_locks_per_transaction", &draw(10, 500))
                .with("max_worker_processes", &draw(0, 100))
                .with("max_wal_senders", &draw(0, 50))
                .with("track_activity_query_size", &draw(100, 9000))
                .with("min_dynamic_shared_memory", &draw(0, 20))
                .with("shared_preload_libraries", preload);
            let server = Server::start(major, &options).unwrap();
            let shown =
                server.query("postgres", "select setting from pg_settings where name = 'shared_memory_size'").unwrap();
            let found = shared_memory(&settings(&server), Some(false)).unwrap();
            let megabytes: i64 = shown[0][0].as_deref().unwrap().parse().unwrap();
            // A step of 8 kB may be just the one that begins another MB.
            assert!(
                (found.megabytes() - megabytes).abs() <= i64::from(found.bytes.0 % (1 << 20) <= 8192),
                "{major}: {options:?}: {found:?}, shown {megabytes}"
            );
            assert!(!found.is_at_least());
        }
    }
}

/// Everything that `pg_settings` shows.
fn settings(server: &Server) -> Settings {
    let major = i64::from(server.major());
    let mut settings = Settings::new(ServerVersion::from_major(major));
    let rows = "select name, setting, vartype, unit, array_to_json(enumvals) from pg_catalog.pg_settings";
    for row in server.query("postgres", rows).unwrap() {
        let text = |index: usize| row[index].as_deref();
        let enumvals: Vec<String> = text(4).map(|json| serde_json::from_str(json).unwrap()).unwrap_or_default();
        let declared = Declaration {
            name: text(0).unwrap(),
            vartype: text(2).unwrap(),
            unit: text(3),
            min_val: None,
            max_val: None,
            enumvals: &enumvals,
            major,
        };
        settings.insert(declared.name, &Kind::of(&declared), text(1).unwrap_or_default());
    }
    settings
}

/// Changes that raise every question.
const ASKING: [&str; 12] = [
    "hba_file=/root/x/hba",
    "listen_addresses=192.0.2.7",
    "port=81",
    "shared_buffers=8TB",
    "shared_preload_libraries=nolib",
    "ssl=on",
    "unix_socket_directories=/root/x",
    "unix_socket_group=daemon",
    "synchronous_standby_names=s9",
    "max_replication_slots=0",
    "max_connections=50",
    "max_prepared_transactions=1",
];

#[test]
fn facts_are_asked_without_an_error_in_the_log_and_what_is_refused_is_named() {
    for major in [12, 15, 18] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let parameters = ASKING.map(|pair| pair.split('=').next().unwrap());
        server.execute("postgres", "create role ops login; grant execute on function pg_reload_conf() to ops").unwrap();
        let mut roles = vec!["postgres"];
        if major >= 15 {
            let grant = |name: &str| format!("grant alter system on parameter {name} to ops;");
            server.execute("postgres", &parameters.map(grant).concat()).unwrap();
            let sees = "grant pg_read_all_settings to ops; grant select on pg_file_settings to ops;
                        grant execute on function pg_show_all_file_settings() to ops";
            server.execute("postgres", sees).unwrap();
            roles.push("ops");
        }
        for role in roles {
            // What is out of range would be refused, and the rest not be judged.
            let set = ASKING.map(|pair| pair.replace("8TB", "7TB"));
            let warnings = warnings(&server, role, &set);
            let certain = warnings.iter().filter(|text| text.contains("would not start")).count();
            let doubtful = warnings.iter().filter(|text| text.contains("will not start unless")).count();
            match role {
                "postgres" => assert!(certain >= 8 && doubtful == 0, "{major}: {warnings:#?}"),
                _ => assert!(certain == 0 && doubtful >= 6, "{major}: {warnings:#?}"),
            }
        }
        let log = server.log().unwrap();
        assert!(!log.contains("ERROR"), "{major}: {log}");
    }
}

fn warnings(server: &Server, role: &str, set: &[String]) -> Vec<String> {
    let dsn = server.dsn(role, "postgres");
    let home = tempfile::tempdir().unwrap();
    let mut words = vec!["config", "apply", "--dry-run", "--format", "json", "--dsn", dsn.as_str()];
    words.extend(set.iter().flat_map(|pair| ["--set", pair.as_str()]));
    let run = pgdba_with(&[("PGDBA_HOME", home.path().to_str())], &words);
    let envelope = run.envelope();
    assert_eq!(envelope["data"]["refusals"], Value::Array(Vec::new()), "{role}: {}", run.stdout);
    let warnings = envelope["data"]["result"]["warnings"].as_array().unwrap();
    warnings.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
