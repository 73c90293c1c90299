//! What holds VACUUM back, really made on servers of several versions, and databases that have used up most of their IDs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::privilege;
use xtask::servers::{NEWEST, Server, ServerOptions, client_tools};

use crate::program::{build, pgdba};

const VERSIONS: [u32; 3] = [12, 15, NEWEST];

/// A session that stays open after its statements.
struct Session(Child);

impl Session {
    fn open(server: &Server, database: &str, sql: &str) -> Self {
        let mut psql = client_tools::psql().unwrap();
        psql.args(["-X", "-q", &server.dsn("postgres", database)]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = psql.stderr(Stdio::null()).spawn().unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{sql};").unwrap();
        Self(child)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn wait_until(server: &Server, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.query("postgres", &format!("select {condition}")).unwrap()[0][0].as_deref() != Some("t") {
        assert!(Instant::now() < deadline, "{condition} on {}", server.major());
        thread::sleep(Duration::from_millis(50));
    }
}

fn health(server: &Server) -> Value {
    let run = pgdba(&["query", "vacuum-health", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.envelope()["data"].take()
}

/// The findings of `pgdba check` by the names of their rules, each with the IDs of its subjects.
fn findings(server: &Server) -> Vec<(String, Vec<String>)> {
    let run = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
    let envelope = run.envelope();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let subjects = |finding: &Value| finding["subjects"].as_array().unwrap().iter().map(|s| text(&s["id"])).collect();
    let findings = envelope["data"]["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["name"]), subjects(finding))).collect()
}

/// A server with a table `held` that only the tests vacuum.
fn start(major: u32) -> Server {
    let options = ServerOptions::fast()
        .with("max_prepared_transactions", "10")
        .with("wal_level", "logical")
        .with("autovacuum_naptime", "1h");
    let server = Server::start(major, &options).unwrap();
    server.execute("postgres", "create database other").unwrap();
    server.execute("other", "create table written (id int)").unwrap();
    let table = "create table held (id int, v int); insert into held select g, 0 from generate_series(1, 20000) g";
    server.execute("postgres", table).unwrap();
    server.execute("postgres", "vacuum (analyze) held").unwrap();
    server
}

/// Lets rows of the table die and VACUUM fail to remove them, and returns what is said of it, and of the table.
fn held_by(server: &Server) -> (Vec<Value>, Value) {
    server.execute("postgres", "update held set v = v + 1 where id <= 15000").unwrap();
    let dead = |least: &str| format!("n_dead_tup {least} from pg_stat_user_tables where relname = 'held'");
    wait_until(server, &dead(">= 15000"));
    server.execute("postgres", "vacuum held").unwrap();
    thread::sleep(Duration::from_millis(1200));
    wait_until(server, &dead(">= 15000"));
    let health = health(server);
    let table = health["tables"].as_array().unwrap().iter().find(|table| table["name"] == "held").unwrap().clone();
    (health["holders"].as_array().unwrap().clone(), table)
}

/// VACUUM removes the rows after the holder has ended.
fn released(server: &Server) {
    wait_until(server, "count(*) = 0 from pg_stat_activity where pid <> pg_backend_pid() and state like 'idle in%'");
    server.execute("postgres", "vacuum held").unwrap();
    wait_until(server, "n_dead_tup < 1000 from pg_stat_user_tables where relname = 'held'");
}

#[test]
fn each_holder_of_the_horizon_is_named_with_the_rows_that_vacuum_left() {
    build();
    for major in VERSIONS {
        let server = start(major);
        let pid = |server: &Server, database: &str| {
            let sql = format!(
                "select pid::text from pg_stat_activity where datname = '{database}' and state like 'idle in%'"
            );
            server.query("postgres", &sql).unwrap()[0][0].clone().unwrap()
        };
        let idle = |database: &str| {
            format!("count(*) = 1 from pg_stat_activity where datname = '{database}' and state like 'idle in%'")
        };

        let session = Session::open(&server, "postgres", "begin; insert into held values (0, 0)");
        wait_until(&server, &idle("postgres"));
        let (holders, table) = held_by(&server);
        let expected = format!("session {} (idle in transaction) of role postgres", pid(&server, "postgres"));
        assert_eq!((&table["held_by"], &holders[0]["kind"]), (&expected.into(), &"session".into()), "{major}");
        assert_eq!(holders[0]["tables"][0], "public.held", "{major}: {holders:?}");
        drop(session);
        released(&server);

        // A transaction elsewhere keeps rows here through a snapshot that was taken here meanwhile.
        let writer = Session::open(&server, "other", "begin; insert into written values (1)");
        wait_until(&server, &idle("other"));
        let reader = Session::open(&server, "postgres", "begin isolation level repeatable read; select 1");
        wait_until(&server, &idle("postgres"));
        let (holders, table) = held_by(&server);
        let expected = format!("session {} (idle in transaction) of role postgres", pid(&server, "other"));
        assert_eq!((&table["held_by"], &holders[0]["database"]), (&expected.into(), &"other".into()), "{major}");
        assert_eq!(holders[1]["is_copy"], true, "{major}: {holders:?}");
        drop((writer, reader));
        released(&server);

        server.execute("postgres", "begin; insert into held values (0, 0); prepare transaction 'it''s'").unwrap();
        let (holders, table) = held_by(&server);
        assert_eq!(holders[0]["kind"], "prepared transaction", "{major}");
        assert!(table["held_by"].as_str().unwrap().starts_with("prepared transaction "), "{major}: {table}");
        // A transaction manager might be about to complete it.
        let named: Vec<String> = findings(&server).into_iter().map(|(name, _)| name).collect();
        assert!(!named.contains(&"horizon_held_by_prepared_transaction".to_owned()), "{major}: {named:?}");
        server.execute("postgres", "rollback prepared 'it''s'").unwrap();
        released(&server);

        // Only the system catalogs are kept for a logical slot.
        server.execute("postgres", "select pg_create_logical_replication_slot('decoded', 'pgoutput')").unwrap();
        let decoded = health(&server)["holders"][0].take();
        assert_eq!(
            (&decoded["kind"], &decoded["catalogs_only"]),
            (&"replication slot".into(), &true.into()),
            "{major}"
        );
        server.execute("postgres", "select pg_drop_replication_slot('decoded')").unwrap();
    }
}

#[test]
fn a_standby_holds_the_horizon_by_itself_or_through_its_slot() {
    build();
    for major in VERSIONS {
        let server = start(major);
        let feedback =
            ServerOptions::fast().with("hot_standby_feedback", "on").with("wal_receiver_status_interval", "1s");
        let query = "begin isolation level repeatable read; select count(*) from held";

        let standby = server.standby(&feedback).unwrap();
        let session = Session::open(&standby, "postgres", query);
        wait_until(&server, "count(*) = 1 from pg_stat_replication where backend_xmin is not null");
        let (holders, table) = held_by(&server);
        assert_eq!(holders[0]["kind"], "standby", "{major}: {holders:?}");
        assert!(table["held_by"].as_str().unwrap().starts_with("standby "), "{major}: {table}");
        drop((session, standby));
        released(&server);

        server.execute("postgres", "select pg_create_physical_replication_slot('gone')").unwrap();
        let standby = server.standby(&feedback.clone().with("primary_slot_name", "gone")).unwrap();
        let session = Session::open(&standby, "postgres", query);
        wait_until(&server, "count(xmin) = 1 from pg_replication_slots");
        drop((session, standby));
        wait_until(&server, "not active from pg_replication_slots");
        let (holders, table) = held_by(&server);
        assert_eq!(table["held_by"], "replication slot gone (inactive)", "{major}");
        let statement = "SELECT pg_drop_replication_slot('gone');";
        // Its consumer may be connecting again; before 17 it is not known for how long it has been gone.
        let release = holders[0]["release"].as_str();
        assert_eq!(release.is_some(), major < 17, "{major}: {release:?}");
        assert!(
            release.is_none_or(|sql| sql.starts_with("SELECT slot_name, active") && sql.ends_with(statement)),
            "{release:?}"
        );
        let slots = findings(&server).into_iter().find(|(name, _)| name == "horizon_held_by_slot").unwrap().1;
        assert!(slots[0].ends_with("replication slot gone"), "{major}: {slots:?}");
        server.execute("postgres", statement).unwrap();
        released(&server);
    }
}

/// Moves the next transaction ID and the next multixact of the stopped server, as if so many had been used.
fn use_up(server: &Server, xids: u32, multixacts: u32) {
    server.stop_fast().unwrap();
    let account = privilege::server_account().unwrap();
    // The server expects the state of every transaction that it might read.
    for (folder, segment) in [("pg_xact", xids / 1_048_576), ("pg_multixact/offsets", multixacts / 65_536)] {
        let file = server.data_dir().join(folder).join(format!("{segment:04X}"));
        fs::write(&file, [0; 262_144]).unwrap();
        if let Some(account) = account {
            chown(&file, Some(account.uid), Some(account.gid)).unwrap();
        }
    }
    let mut reset = Command::new(client_tools::find("pg_resetwal").unwrap());
    reset.arg("-D").arg(server.data_dir()).args(["-x", &xids.to_string(), "-m", &format!("{multixacts},1")]);
    if let Some(account) = account {
        reset.uid(account.uid).gid(account.gid);
    }
    assert!(reset.current_dir("/").output().unwrap().status.success());
    server.start_again().unwrap();
}

/// The version whose `pg_resetwal` Debian has.
const RESETTABLE: u32 = 15;

#[test]
fn databases_that_have_used_up_most_of_their_ids_are_named_until_they_are_vacuumed() {
    build();
    client_tools::install_client_tools().unwrap();
    let server = start(RESETTABLE);
    // Until it ends, autovacuum cannot freeze anything.
    server.execute("postgres", "begin; insert into held values (0, 0); prepare transaction 'forgotten'").unwrap();
    use_up(&server, 1_700_000_000, 900_000_000);
    let rules = ["transaction_id_wraparound", "multixact_wraparound", "unfrozen_table", "failsafe_near"];
    let subjects = |name: &str| findings(&server).into_iter().find(|(found, _)| found == name).map(|(_, ids)| ids);
    let ids = rules.map(|name| subjects(name).unwrap_or_else(|| panic!("{name}: {:?}", findings(&server))));
    for (ids, of) in ids.iter().zip(["database other", "database other", "public.held", "public.held"]) {
        assert!(ids.iter().any(|id| id.ends_with(of)), "{of}: {ids:?}");
    }
    let database = health(&server)["databases"][0].take();
    assert!(database["xid_age"].as_i64() > Some(1_699_000_000), "{database}");
    server.execute("postgres", "rollback prepared 'forgotten'").unwrap();
    for database in ["postgres", "other", "template1"] {
        server.execute(database, "vacuum").unwrap();
    }
    server.execute("postgres", "alter database template0 allow_connections true").unwrap();
    server.execute("template0", "vacuum").unwrap();
    let left: Vec<String> = findings(&server).into_iter().map(|(name, _)| name).collect();
    assert!(rules.iter().all(|rule| !left.iter().any(|name| name == rule)), "{left:?}");
}
