//! Sessions that really wait for one another, on servers that differ in what they tell about it.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_analysis::{Options, analyze};
use serde_json::{Value, json};
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::program::{build, pgdba};
use crate::stopping::Stopping;

/// Since 14 the server tells when a wait began.
const VERSIONS: [u32; 3] = [12, 15, NEWEST];

/// Sessions that wait for one row.
const WIDE: usize = 50;

/// How long sessions may take to come to their wait.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a cause is made to last by moving the time at which it was seen.
const LATER: &str = "2 h";

/// A server that lets a deadlock stand, so that it can be seen in the making.
fn options() -> ServerOptions {
    let options = ServerOptions::fast().with("deadlock_timeout", "10min").with("autovacuum", "off");
    options.with("max_prepared_transactions", "5").with("max_connections", "120")
}

/// A session that runs these statements and then stays until the server ends it.
fn session(server: &Server, statements: &[&str]) {
    let dsn = server.dsn("postgres", "postgres");
    let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&dsn, tokio_postgres::NoTls).await.unwrap();
            let driver = tokio::spawn(connection);
            for sql in statements {
                // A statement that a remedy cancels fails.
                client.batch_execute(&sql).await.ok();
            }
            driver.await.ok();
        });
    });
}

fn wait_until(server: &Server, sql: &str) {
    let deadline = Instant::now() + PATIENCE;
    while server.query("postgres", sql).unwrap_or_default().is_empty() {
        assert!(Instant::now() < deadline, "{}: {sql}", server.major());
        thread::sleep(Duration::from_millis(50));
    }
}

/// Until so many processes wait for a lock.
fn wait_for_waiters(server: &Server, count: usize) {
    let waiting = "select 1 from (select distinct pid from pg_locks where not granted) w having count(*)";
    wait_until(server, &format!("{waiting} = {count}"));
}

fn until_locked(relation: &str) -> String {
    format!(
        "do $$ begin while not exists (select from pg_locks where relation = '{relation}'::regclass and granted
         and mode = 'AccessExclusiveLock') loop perform pg_sleep(0.05); end loop; end $$"
    )
}

/// Sessions that block one another in every way; returns how many wait.
fn crowd(server: &Server) -> usize {
    for table in ["chain", "wide", "fast", "prep", "d1", "d2"] {
        let sql = format!(
            "create table {table} (id int primary key, v int); insert into {table} select g, 0 from generate_series(1, 3) g"
        );
        server.execute("postgres", &sql).unwrap();
    }
    server.execute("postgres", "begin; update prep set v = 1 where id = 1; prepare transaction 'it''s'").unwrap();
    session(server, &["begin", "update chain set v = 1 where id = 1"]);
    session(server, &["begin", "update wide set v = 1 where id = 1"]);
    session(server, &["select pg_advisory_lock(-5)"]);
    session(server, &["begin", "select * from fast"]);
    session(server, &["begin", "lock table d1", &until_locked("d2"), "lock table d2"]);
    session(server, &["begin", "lock table d2", &until_locked("d1"), "lock table d1"]);
    wait_until(
        server,
        "select 1 from pg_stat_activity where state like 'idle%' and backend_type = 'client backend' having count(*) = 4",
    );
    session(server, &["begin", "update chain set v = 2 where id = 2", "update chain set v = 2 where id = 1"]);
    session(server, &["select pg_advisory_lock(-5)"]);
    session(server, &["alter table fast add c int"]);
    session(server, &["update prep set v = 2 where id = 1"]);
    session(server, &["update wide set v = 2 where id = 1"]);
    wait_for_waiters(server, 7);
    session(server, &["begin", "update chain set v = 3 where id = 3", "update chain set v = 3 where id = 2"]);
    session(server, &["select * from fast"]);
    wait_for_waiters(server, 9);
    session(server, &["update chain set v = 4 where id = 3"]);
    for _ in 1..WIDE {
        session(server, &["update wide set v = 3 where id = 1"]);
    }
    wait_for_waiters(server, 9 + WIDE);
    9 + WIDE
}

fn locks(server: &Server, arguments: &[&str]) -> Value {
    let dsn = server.dsn("postgres", "postgres");
    let run = pgdba(&[&["query", "locks", "--format", "json", "--dsn", &dsn], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.envelope()["data"].clone()
}

fn sessions(data: &Value) -> &[Value] {
    data["sessions"].as_array().unwrap()
}

/// Sessions that wait for what is called so.
fn waiting_for<'d>(data: &'d Value, object: &str) -> Vec<&'d Value> {
    let is = |one: &&Value| one["waits_for"]["object"].as_str().is_some_and(|name| name.contains(object));
    sessions(data).iter().filter(is).collect()
}

/// The root of the chain that a session is in.
fn root<'d>(data: &'d Value, waiter: &Value) -> &'d Value {
    let all = sessions(data);
    let at = all.iter().position(|one| one == waiter).unwrap();
    all[..at].iter().rev().find(|one| one["depth"] == 0).unwrap()
}

fn sql(root: &Value) -> &str {
    root["remedy"]["sql"].as_str().unwrap()
}

#[test]
fn every_kind_of_chain_is_shown_and_its_remedy_dissolves_it() {
    build();
    for major in VERSIONS {
        let server = Server::start(major, &options()).unwrap();
        let stopped_at_the_end = Stopping(&server);
        let waiting = crowd(&server);
        let begun = Instant::now();
        let data = locks(&server, &["--limit", "500"]);
        assert_eq!(data["waiting"], waiting, "{major}");
        // 6 of those that wait block others too; 4 sessions and the prepared transaction only block.
        assert_eq!(sessions(&data).len(), waiting + 5, "{major}");
        chains_are_as_made(major, &data);
        a_plain_role_sees_the_chains(&server);
        let text = pgdba(&["query", "locks", "--dsn", &server.dsn("postgres", "postgres")]).stdout;
        assert!(text.contains("root blocker") && text.lines().count() < 600, "{major}: {text}");
        thread::sleep(Duration::from_secs(6).saturating_sub(begun.elapsed()));
        rules_find_it(&server);
        the_waits_are_sampled(&server);
        dissolve(&server);
        drop(stopped_at_the_end);
    }
}

fn chains_are_as_made(major: u32, data: &Value) {
    let chain = waiting_for(data, "relation public.chain");
    let depths: Vec<_> = chain.iter().map(|one| one["depth"].as_u64().unwrap()).collect();
    assert_eq!(depths, [1, 2, 3], "{major}: {chain:#?}");
    assert!(chain.iter().all(|one| one["waits_for"]["locktype"] == "transactionid"), "{major}");
    assert_eq!(root(data, chain[2])["state"], "idle in transaction", "{major}");
    assert!(sql(root(data, chain[2])).starts_with("SELECT pg_terminate_backend"), "{major}");

    let wide = waiting_for(data, "row (0,1) of relation public.wide");
    assert_eq!(wide.len(), WIDE, "{major}");
    assert_eq!(wide[0]["depth"], 1, "{major}");
    assert!(wide[1..].iter().all(|one| one["depth"] == 2 && one["waits_for"]["is_queued"] == false), "{major}");
    assert_eq!(sessions(data)[0]["sessions_behind"], WIDE, "{major}: the largest chain comes first");

    let deadlocks = data["deadlocks"].as_array().unwrap();
    assert_eq!(deadlocks.iter().map(|circle| circle.as_array().unwrap().len()).collect::<Vec<_>>(), [2], "{major}");
    assert_eq!(sessions(data).iter().filter(|one| one["is_in_deadlock"] == true).count(), 2, "{major}");

    let advisory = waiting_for(data, "advisory lock -5");
    assert_eq!((advisory.len(), &root(data, advisory[0])["state"]), (1, &json!("idle")), "{major}");

    let fast = waiting_for(data, "relation public.fast");
    assert_eq!(fast.len(), 2, "{major}");
    assert_eq!(
        (&fast[0]["waits_for"]["mode"], &fast[0]["waits_for"]["is_queued"]),
        (&json!("AccessExclusiveLock"), &json!(false))
    );
    assert_eq!(
        (&fast[1]["waits_for"]["mode"], &fast[1]["waits_for"]["is_queued"]),
        (&json!("AccessShareLock"), &json!(true))
    );

    let prepared = waiting_for(data, "relation public.prep");
    let root = root(data, prepared[0]);
    assert!(root["prepared_transaction"].is_string() && root["pid"].is_null(), "{major}: {root}");
    assert_eq!(root["role"], "postgres", "{major}");
    let is_exact = sessions(data).iter().filter_map(|one| one["waits_for"]["is_exact"].as_bool());
    assert!(is_exact.clone().all(|is| is == (major >= 14)) && is_exact.count() > WIDE, "{major}");
    let waited = |one: &Value| one["waits_for"]["waited_ms"].as_f64().is_some_and(|time| time < 120_000.0);
    assert!(wide.iter().all(|one| waited(one)), "{major}: {:#?}", wide[0]);
}

/// The chains are not secret, only what the sessions do is.
fn a_plain_role_sees_the_chains(server: &Server) {
    server.execute("postgres", "create role plain login").unwrap();
    let run = pgdba(&["query", "locks", "--dsn", &server.dsn("plain", "postgres")]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("hidden from the collecting role"), "{}", run.stdout);
    assert!(
        run.stdout.contains("prepared transaction") && !run.stdout.contains("pg_terminate_backend(pid)"),
        "{}",
        run.stdout
    );
}

/// What rules find now, and what they would find if all this lasted.
fn rules_find_it(server: &Server) {
    let major = server.major();
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("snapshot.json");
    let path = path.to_str().unwrap();
    let run = pgdba(&["inspect", "--dsn", &server.dsn("postgres", "postgres"), "-o", path]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = std::fs::read_to_string(path).unwrap();
    let codes = |text: &str| {
        let snapshot = pgdba_snapshot::read(text.as_bytes()).unwrap();
        let findings = analyze(&snapshot, &Options::default()).findings;
        findings.into_iter().map(|finding| finding.code).filter(|code| code.starts_with("PGD11")).collect::<Vec<_>>()
    };
    let mut now = codes(&text);
    // On a slow machine the waits are long enough already to ask for a log.
    now.retain(|code| code != "PGD1110");
    now.sort();
    assert_eq!(now, ["PGD1102", "PGD1103"], "{major}: many behind one, and a queue behind DDL");
    let mut document: Value = serde_json::from_str(&text).unwrap();
    for section in ["pg_stat_activity", "pg_locks", "pg_prepared_xacts"] {
        let read_at = &mut document["sections"][section]["collected_at"];
        let later = server.query("postgres", &format!("select to_char(('{}'::timestamptz + interval '{LATER}') at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')", read_at.as_str().unwrap())).unwrap();
        *read_at = json!(later[0][0]);
    }
    let mut later = codes(&document.to_string());
    later.sort();
    let expected = ["PGD1101", "PGD1103", "PGD1104", "PGD1106", "PGD1110", "PGD1111"];
    assert_eq!(later, expected, "{major}: long waits, idle transactions, the prepared one, and what would have helped");
}

fn the_waits_are_sampled(server: &Server) {
    let dsn = server.dsn("postgres", "postgres");
    let run = pgdba(&["query", "waits", "--interval", "3", "--format", "json", "--dsn", &dsn]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let data = &run.envelope()["data"];
    let lock = data["classes"].as_array().unwrap().iter().find(|class| class["class"] == "Lock").unwrap();
    let average = lock["average_sessions"].as_f64().unwrap();
    assert!(average > WIDE as f64, "{}: {lock}", server.major());
    let tuple = data["events"].as_array().unwrap().iter().find(|event| event["event"] == "tuple").unwrap();
    assert!(tuple["meaning"].is_string() && data["idle_in_transaction"]["samples"].as_i64() > Some(0), "{data}");
}

/// Runs what is advised for the root blockers until nobody waits.
fn dissolve(server: &Server) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let data = locks(server, &[]);
        if data["waiting"] == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{}: {data:#}", server.major());
        for root in sessions(&data).iter().filter(|one| one["depth"] == 0) {
            let printed = server.query("postgres", sql(root)).unwrap();
            if root["prepared_transaction"].is_string() {
                let roll_back = printed[0].last().and_then(Option::as_deref).unwrap();
                server.execute("postgres", roll_back).unwrap();
            }
        }
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn nobody_waiting_is_an_answer_and_a_snapshot_without_samples_is_none() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let data = locks(&server, &[]);
    assert_eq!((&data["waiting"], &data["sessions"]), (&json!(0), &json!([])));
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("snapshot.json.gz");
    let path = path.to_str().unwrap();
    assert_eq!(pgdba(&["inspect", "--dsn", &server.dsn("postgres", "postgres"), "-o", path]).code, Some(0));
    let run = pgdba(&["query", "waits", "--snapshot", path]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("wait events are sampled only in a delta"), "{}", run.stderr);
}
