//! What is said of values and of `postgresql.auto.conf` without a server, against servers of every version.

mod catalogue;
mod file;
mod list;
mod shown;
mod value;

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pgdba_change::auto_conf::Alter;
use xtask::servers::{self, Server, ServerOptions};

/// A server with libraries that bring parameters of their own.
fn server(major: u32) -> Server {
    let options = ServerOptions::fast().with("shared_preload_libraries", "auto_explain, pg_stat_statements");
    Server::start(major, &options).unwrap()
}

fn auto_conf(server: &Server) -> PathBuf {
    server.data_dir().join("postgresql.auto.conf")
}

fn bytes(server: &Server) -> Vec<u8> {
    fs::read(auto_conf(server)).unwrap()
}

/// Runs each statement on its own, all in one session, and returns what each of them failed with.
fn run_all(server: &Server, statements: &[String]) -> Vec<Option<String>> {
    const MARK: &str = "@@outcome";
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("statements.sql");
    let lines = statements.iter().map(|sql| format!("{sql};\n\\echo {MARK} :ERROR :LAST_ERROR_MESSAGE\n"));
    fs::write(&script, lines.collect::<String>()).unwrap();
    let mut psql = servers::psql().unwrap();
    let output = psql.env("PGCLIENTENCODING", "UTF8").args(["-X", "-q", "-f"]).arg(&script);
    let output = output.arg(server.dsn("postgres", "postgres")).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let outcomes: Vec<_> = stdout.lines().filter_map(|line| line.strip_prefix(MARK)).collect();
    assert_eq!(outcomes.len(), statements.len(), "{}", String::from_utf8_lossy(&output.stderr));
    outcomes.iter().map(|outcome| outcome.strip_prefix(" true ").map(str::to_owned)).collect()
}

/// Whether the server took the statement.
fn alter(server: &Server, alter: &Alter) -> Result<(), String> {
    server.execute("postgres", &alter.sql()).map_err(|error| format!("{error:#}"))
}

/// Has the server read its files, and waits until it has.
fn reload(server: &Server) {
    let loaded = || server.query("postgres", "select pg_conf_load_time()").unwrap();
    let before = loaded();
    server.execute("postgres", "select pg_reload_conf()").unwrap();
    let started = Instant::now();
    while loaded() == before {
        assert!(started.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(5));
    }
}
