//! A real server whose every name is marked.

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use xtask::servers::{Server, ServerOptions};

use super::done;
use crate::program::pgdba;

/// What the schema marks, and what the options below do.
const SCHEMA: &str = include_str!("marked.sql");

/// Sessions that sleep: one with a marked application that shows a marked statement, one that holds locks whose keys are hashes of
/// marked names.
const SLEEPING: [&str; 2] = [
    "select zqid, set_config('application_name', 'zqapplication on zqhost', false), pg_sleep(3600) from zqplain.zqorders",
    "select set_config('application_name', 'zqapplication', false), pg_advisory_lock(hashtext('zqmigration')),
            pg_advisory_lock(hashtextextended('zqtenant', 0)), pg_sleep(3600)",
];

/// Sessions that wait for those locks.
const WAITING: [&str; 2] =
    ["select pg_advisory_lock(hashtext('zqmigration'))", "select pg_advisory_lock(hashtextextended('zqtenant', 0))"];

/// A server on which every name that a user can give is marked.
pub(super) struct Marked {
    pub(super) server: Arc<Server>,
    pub(super) folder: tempfile::TempDir,
    /// They end with the server.
    _sessions: Vec<JoinHandle<()>>,
}

impl Marked {
    pub(super) fn start(major: u32) -> Self {
        let options = ServerOptions::fast()
            .with_statements()
            .with("wal_level", "logical")
            .with("max_prepared_transactions", "2")
            .with("autovacuum", "off")
            .with("cluster_name", "zqcluster")
            .with("log_directory", "zqlogs")
            .with("synchronous_standby_names", "ANY 1 (zqstandby, \"zqStandby x\")")
            .with("synchronous_commit", "off")
            .with("archive_command", "/opt/zqfolder/zqarchive %p")
            .with("zqextension.zqparameter", "zqvalue");
        let server = Arc::new(Server::start(major, &options).unwrap());
        let run = |sql: &str| server.execute("postgres", sql).unwrap();
        for sql in [
            "create role zqsuper superuser login",
            "create role \"zqReader x\"",
            "create database zqempty",
            "create database zqdatabase",
            "create database zqarchive",
            "create role zqgroup",
            "alter database zqdatabase owner to zqsuper",
            "alter role zqgroup set zqextension.zqparameter = 'zqvalue'",
            "alter role zqgroup set zqaddon.zqparameter = 'zqvalue'",
            "alter role zqgroup set zqmodule.zqparameter = 'zqvalue'",
        ] {
            run(sql);
        }
        run("create role zqlimited login");
        run("revoke connect on database zqempty from public");
        run("alter role zqsuper in database zqempty set timezone = 'ZQZONE-3'");
        run("alter database zqdatabase set search_path = zqplain, \"$user\"");
        run("alter role zqsuper in database zqdatabase set application_name = 'zqrole_application'");
        for statement in SCHEMA.split(";\n") {
            server.execute("zqdatabase", statement).unwrap();
        }
        // A server without ICU has no such collation.
        server.execute("zqdatabase", "create collation zqplain.zqicu (provider = icu, locale = 'und-x-zqicu')").ok();
        server.execute("zqdatabase", "begin; select 1; prepare transaction 'zqtransaction'").unwrap();
        let folder = tempfile::tempdir().unwrap();
        // The server makes the folder, so that it is its own.
        let space = server.data_dir().join("zqspace");
        // Reads what it is given: a program that ends before makes the server's write fail.
        run(&format!("copy (select 1) to program 'cat > /dev/null && mkdir {}'", space.display()));
        run(&format!("create tablespace zqtablespace location '{}'", space.display()));
        run("alter role zqsuper set default_tablespace = zqtablespace");
        let mut hba = fs::OpenOptions::new().append(true).open(server.data_dir().join("pg_hba.conf")).unwrap();
        hba.write_all(
            b"host zqdatabase zqowner,+zqreader zqhost.example trust\nhost all zqowner 10.77.0.0/16 md5\nzqerror\n",
        )
        .unwrap();
        let mut conf = fs::OpenOptions::new().append(true).open(server.data_dir().join("postgresql.conf")).unwrap();
        conf.write_all(b"zqunknown_parameter = zqvalue\nwork_mem = zqmuch\nlc_monetary = 'zqmonetary'\ndatestyle = 'ISO, zqstyle'\n\
              ssl_ciphers = 'HIGH:zqcipher'\nssl_ecdh_curve = 'zqcurve'\nlog_timezone = 'zqlogzone'\n").unwrap();
        let mut sessions = Self::sessions(&server, &SLEEPING, "PgSleep");
        sessions.extend(Self::sessions(&server, &WAITING, "advisory"));
        Self { server, folder, _sessions: sessions }
    }

    /// Starts a session for each of `statements`, and returns when all show the wait event.
    fn sessions(server: &Arc<Server>, statements: &[&'static str], wait_event: &str) -> Vec<JoinHandle<()>> {
        let sessions = statements.iter().map(|sql| Self::session(server, sql)).collect();
        let begun = format!("select 1 from pg_stat_activity where wait_event = '{wait_event}'");
        let deadline = Instant::now() + Duration::from_secs(60);
        while server.query("postgres", &begun).unwrap().len() < statements.len() {
            assert!(Instant::now() < deadline, "the sessions have not begun");
            thread::sleep(Duration::from_millis(20));
        }
        sessions
    }

    fn session(server: &Arc<Server>, sql: &'static str) -> JoinHandle<()> {
        let other = Arc::clone(server);
        // It fails when it is ended; that is how it ends.
        thread::spawn(move || drop(other.execute("zqdatabase", sql)))
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Collects with `arguments` besides; gives the path of the document.
    pub(super) fn collect(&self, name: &str, arguments: &[&str]) -> String {
        let file = self.path(name);
        let dsn = self.server.dsn("zqsuper", "zqdatabase");
        let all = [&["inspect", "--all-databases", "--dsn", &dsn, "-o", &file], arguments].concat();
        done(pgdba(&all));
        file
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        self.server.stop_immediate().ok();
    }
}
