//! `pgdba query index-suggest` on real servers: what it suggests, what a standby changes, and that it helps.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::servers::{Server, ServerOptions};

use crate::program::{Run, pgdba};

const VERSIONS: [u32; 3] = [12, 15, 18];

const TABLES: [&str; 15] = [
    "create table customers (id int primary key)",
    "create table orders (id int, customer int references customers, day int, note int, code int)",
    "create table kinds (id int primary key)",
    "create table few (kind int references kinds)",
    "insert into customers select generate_series(1, 1000)",
    "insert into orders select g, g % 900 + 1, g % 1000, g, g from generate_series(1, 600000) g",
    "insert into few select null from generate_series(1, 100)",
    "create index orders_note on orders (note)",
    "create index orders_code on orders (code)",
    "create index orders_id on orders (id)",
    "create index orders_id_again on orders (id)",
    "create index orders_day on orders (day, id)",
    "create index orders_day_note on orders (day, id, note)",
    "vacuum analyze",
    "select count(*) from orders",
];

/// The sessions that scan indexes on the primary and on the standby.
const ON_PRIMARY: &str = "set enable_seqscan = off; select * from orders where id = 7; \
                          select * from orders order by day, id, note limit 1";
const ON_STANDBY: &str = "set enable_seqscan = off; select * from orders where note = 7";

fn wait_for(server: &Server, what: &str, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.query("postgres", &format!("select {condition}")).ok() != Some(vec![vec![Some("t".to_owned())]]) {
        assert!(Instant::now() < deadline, "{}: never so: {what}", server.major());
        thread::sleep(Duration::from_millis(300));
    }
}

fn is_scanned(index: &str) -> String {
    format!("pg_stat_get_numscans('{index}'::regclass) > 0")
}

/// A primary with tables, and a standby on which an index is scanned that is not scanned on the primary.
fn pair(major: u32) -> (Server, Server) {
    let primary = Server::start(major, &ServerOptions::fast().with("autovacuum", "off")).unwrap();
    for statement in TABLES {
        primary.execute("postgres", statement).unwrap();
    }
    primary.execute("postgres", ON_PRIMARY).unwrap();
    for index in ["orders_id", "orders_day_note"] {
        // One of two identical indexes is scanned.
        let again = if index == "orders_id" { format!(" or {}", is_scanned("orders_id_again")) } else { String::new() };
        wait_for(&primary, index, &(is_scanned(index) + &again));
    }
    let standby = primary.standby(&ServerOptions::fast()).unwrap();
    wait_for(&primary, "the standby follows", "exists (select from pg_stat_replication where replay_lsn is not null)");
    standby.execute("postgres", ON_STANDBY).unwrap();
    wait_for(&standby, "orders_note on the standby", &is_scanned("orders_note"));
    (primary, standby)
}

/// A snapshot of the server, as if it had been read 40 days later by the server's clock.
fn snapshot_later(server: &Server, folder: &Path, name: &str) -> String {
    let file = folder.join(format!("{}-{name}.json", server.major())).to_str().unwrap().to_owned();
    let run = pgdba(&["inspect", "--dsn", &server.dsn("postgres", "postgres"), "-o", &file]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let later = "to_char((now() + interval '40 days') at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let later = server.query("postgres", &format!("select {later}")).unwrap()[0][0].clone();
    let mut document: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let system = &mut document["sections"]["system"];
    let columns = system["columns"].as_array().unwrap();
    let column = columns.iter().position(|column| column == "server_time").unwrap();
    system["rows"][0][column] = later.into();
    fs::write(&file, document.to_string()).unwrap();
    file
}

fn suggest(arguments: &[&str]) -> Run {
    pgdba(&[&["query", "index-suggest", "--format", "json"], arguments].concat())
}

/// What is suggested: action, source, index or columns, severity, and standbys of which nothing is known.
fn suggestions(run: &Run) -> Vec<String> {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let data = run.envelope()["data"].take();
    let row = |row: &Value| {
        let columns = row["columns"].as_array().unwrap().iter().map(|column| column.as_str().unwrap());
        let what = row["index"].as_str().map_or_else(|| columns.collect::<Vec<_>>().join(","), str::to_owned);
        let [action, source, severity] = ["action", "source", "severity"].map(|key| row[key].as_str().unwrap());
        format!("{action} {source} {what} {severity} {}", row["unknown_standbys"])
    };
    let mut rows: Vec<String> = data["suggestions"].as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

const CERTAIN: [&str; 3] = [
    "create foreign_key_without_index customer notice 0",
    "drop duplicate_index orders_id_again warning 0",
    "drop redundant_index orders_day notice 0",
];

/// Whether the other of two identical indexes was scanned makes no difference.
fn named(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().map(|row| row.replace(" orders_id ", " orders_id_again ")).collect()
}

#[test]
fn suggestions_take_the_standbys_into_account_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let mut others: Vec<String> = Vec::new();
    for major in VERSIONS {
        let (primary, standby) = pair(major);
        let first = snapshot_later(&primary, folder.path(), "primary");
        let second = snapshot_later(&standby, folder.path(), "standby");

        let alone = suggest(&["--snapshot", &first]);
        let unsure = ["drop unused_index orders_code info 1", "drop unused_index orders_note info 1"];
        assert_eq!(named(suggestions(&alone)), [&CERTAIN[..], &unsure].concat(), "{major}");
        let data = alone.envelope()["data"].take();
        assert_eq!(data["unadvised"][0]["table"], "few", "{major}: {}", data["unadvised"]);

        let both = suggest(&["--snapshot", &first, "--node", &second]);
        let sure = ["drop unused_index orders_code notice 0"];
        assert_eq!(named(suggestions(&both)), [&CERTAIN[..], &sure].concat(), "{major}");

        let standby_alone = suggest(&["--snapshot", &second]);
        assert_eq!(suggestions(&standby_alone).len(), CERTAIN.len(), "{major}");
        assert!(
            standby_alone.stdout.contains("a standby does not count the scans"),
            "{major}: {}",
            standby_alone.stdout
        );

        let check = pgdba(&["check", "--format", "json", "--snapshot", &first, "--node", &second]);
        // The rule also names the unscanned ones that are duplicate or redundant.
        let unused = unused(&check);
        assert!(unused.contains(&"orders_code".to_owned()), "{major}: {unused:?}");
        assert!(!unused.contains(&"orders_note".to_owned()), "{major}: {unused:?}");
        for other in others.iter().chain([&second]) {
            let refused = suggest(&["--snapshot", other, "--node", &first]);
            let code = refused.envelope()["error"]["code"].as_str().map(str::to_owned);
            let expected = (other != &second).then(|| "other_cluster".to_owned());
            assert_eq!(
                (refused.code, code),
                (Some(i32::from(expected.is_some())), expected),
                "{major}: {}",
                refused.stdout
            );
        }
        others.push(second);

        for statement in statements(&both) {
            primary.execute("postgres", &statement).unwrap_or_else(|error| panic!("{major}: {statement}: {error:?}"));
        }
        let after = suggest(&["--dsn", &primary.dsn("postgres", "postgres")]);
        assert_eq!(suggestions(&after), Vec::<String>::new(), "{major}");
    }
}

/// The unused indexes that `pgdba check` names.
fn unused(check: &Run) -> Vec<String> {
    let envelope = check.envelope();
    let findings = envelope["data"]["findings"].as_array().unwrap();
    let found = findings.iter().filter(|finding| finding["name"] == "unused_index");
    let subjects = found.flat_map(|finding| finding["subjects"].as_array().unwrap());
    subjects.map(|affected| affected["subject"]["name"].as_str().unwrap().to_owned()).collect()
}

/// The statements of the suggestions, each alone.
fn statements(run: &Run) -> Vec<String> {
    let data = run.envelope()["data"].take();
    let sql = data["suggestions"].as_array().unwrap().iter().map(|row| row["sql"].as_str().unwrap().to_owned());
    sql.flat_map(|sql| sql.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}
