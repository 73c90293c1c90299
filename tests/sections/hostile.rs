//! A server with something for every section.

use std::io::Write;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use xtask::servers::{Server, ServerOptions};

use super::document::Document;

/// The objects, and what must never be seen of them.
const SCHEMA: &str = include_str!("hostile.sql");

/// The key of the advisory lock that one session holds and another waits for.
const KEY: u32 = 42;

/// A line of pg_hba.conf without a method.
const BROKEN_LINE: &str = "host all MARKER_line_with_an_error 10.0.0.0/8\n";

pub(crate) struct Hostile {
    server: Arc<Server>,
}

/// Sessions that hold or wait; they end with this value.
pub(crate) struct Held {
    server: Arc<Server>,
    sessions: Vec<JoinHandle<()>>,
}

impl Hostile {
    pub(crate) fn start(major: u32) -> Self {
        let options = ServerOptions::fast()
            .with_statements()
            .with("wal_level", "logical")
            .with("max_prepared_transactions", "2")
            .with("autovacuum", "off")
            .with("log_line_prefix", "MARKER_prefix %m [%p] ")
            .with("app.secret", "MARKER_setting")
            .with("archive_command", "PASSWORD=MARKER_archive /bin/cp %p /archive/MARKER_archive");
        let server = Server::start(major, &options).unwrap();
        for statement in SCHEMA.split(";\n") {
            server.execute("postgres", statement).unwrap();
        }
        // Neither may stand in a transaction with others.
        server.execute("postgres", "begin; insert into parent values (7); prepare transaction 'MARKER_gid'").unwrap();
        server.execute("postgres", "vacuum analyze").unwrap();
        let mut hba = std::fs::OpenOptions::new().append(true).open(server.data_dir().join("pg_hba.conf")).unwrap();
        hba.write_all(b"host all all 10.0.0.0/8 radius radiusservers=\"127.0.0.1\" radiussecrets=\"MARKER_hba\"\n")
            .unwrap();
        hba.write_all(BROKEN_LINE.as_bytes()).unwrap();
        Self { server: Arc::new(server) }
    }

    pub(crate) fn log(&self) -> String {
        self.server.log().unwrap()
    }

    /// Starts the server again as a standby: it replays what it has itself, and waits for more that never comes.
    pub(crate) fn turn_into_standby(&self) {
        self.server.stop_fast().unwrap();
        // No server starts with a line that it cannot read.
        let hba = self.server.data_dir().join("pg_hba.conf");
        let sound = std::fs::read_to_string(&hba).unwrap().replace(BROKEN_LINE, "");
        std::fs::write(hba, sound).unwrap();
        std::fs::write(self.server.data_dir().join("standby.signal"), "").unwrap();
        self.server.start_again().unwrap();
    }

    pub(crate) fn dsn(&self, role: &str) -> String {
        self.server.dsn(role, "postgres")
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.server.execute("postgres", sql).unwrap();
    }

    /// What `pgdba inspect` writes.
    pub(crate) fn collect(&self, role: &str) -> Document {
        Document::collected(&self.dsn(role))
    }

    /// One session holds a lock, with a marker as its application name and in its statement; another waits for it.
    pub(crate) fn hold_and_wait(&self) -> Held {
        let holding = format!(
            "set application_name = 'job postgres://u:MARKER_application@h';
             select pg_advisory_lock({KEY}), pg_sleep(60), 'MARKER_activity' -- MARKER_activity_remark"
        );
        let mut held = Held { server: Arc::clone(&self.server), sessions: Vec::new() };
        held.session(holding, "select from pg_locks where locktype = 'advisory' and granted");
        held.session(
            format!("select pg_advisory_lock({KEY})"),
            "select from pg_locks where locktype = 'advisory' and not granted",
        );
        held
    }

    /// One session holds a table with its indexes, a partitioned table, a view and a sequence.
    pub(crate) fn hold_exclusively(&self) -> Held {
        let holding = "begin;
             lock table \"Schéma \"\"x\"\"\".\"tab\nle'☃\", part, part_1, marker_view in access exclusive mode;
             drop sequence doomed;
             select pg_sleep(60)";
        let mut held = Held { server: Arc::clone(&self.server), sessions: Vec::new() };
        held.session(
            holding.to_owned(),
            "select from pg_stat_activity where query ~ 'doomed' and wait_event = 'PgSleep'
                                            and pid <> pg_backend_pid()",
        );
        held
    }
}

impl Held {
    /// Begins a session and waits until `begun` gives a row.
    fn session(&mut self, sql: String, begun: &str) {
        let server = Arc::clone(&self.server);
        // It fails when it is ended; that is how it ends.
        self.sessions.push(thread::spawn(move || drop(server.execute("postgres", &sql))));
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.server.query("postgres", &begun.replacen("select", "select 1", 1)).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "not begun: {begun}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
                   where backend_type = 'client backend' and pid <> pg_backend_pid()";
        self.server.execute("postgres", end).ok();
        for session in self.sessions.drain(..) {
            session.join().ok();
        }
    }
}
