//! `cargo xtask fixtures`: records the snapshots of real servers that other tests read.
//!
//! `fixtures/manifest.toml` says beside each file which rules must fire on it: written by hand, so that recording
//! anew cannot hide a rule that fell silent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::servers::{MAJORS, Pooler, Server, ServerOptions};
use crate::{demo, paths, process};

/// What every recorded server holds: a sound table, a duplicate index, an index whose build failed, a partitioned table
/// with a partial index on an expression.
const SCHEMA: &str = include_str!("fixtures.sql");

/// The role that may log in and nothing else.
const PLAIN_ROLE: &str = "plain";

/// The folder of the recorded snapshots.
#[must_use]
pub fn folder() -> PathBuf {
    paths::root().join("fixtures")
}

/// What a cluster of many databases holds besides: names that mean something to a shell, to SQL, to a connection string.
const HOSTILE: &str = include_str!("fixtures_hostile.sql");

/// A database whose name is a connection string.
const HOSTILE_DATABASE: &str = "host=nowhere port=1 \"';--";

/// Records every fixture. Servers, dates and sizes are new each time; what rules say of them is not.
pub fn run() -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "-p", "pgdba-cli", "-p", "pgdba-collector"]);
    process::run(build.current_dir(paths::root()))?;
    let folder = folder();
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    for major in MAJORS {
        record(major, &folder)?;
    }
    demo::record(&folder.join("example.json.gz"))
}

/// One version, in every way it can be met: `pgNN` as superuser, then what the suffix says.
fn record(major: u32, folder: &Path) -> Result<()> {
    let file = |suffix: &str| folder.join(format!("pg{major}{suffix}.json.gz"));
    let bare = Server::start(major, &ServerOptions::default())?;
    fill(&bare)?;
    inspect(&bare.dsn("postgres", "postgres"), &[], &file("-bare"))?;
    drop(bare);

    let server = Server::start(major, &ServerOptions::default().with_statements())?;
    fill(&server)?;
    inspect(&server.dsn("postgres", "postgres"), &[], &file(""))?;
    inspect(&server.dsn(PLAIN_ROLE, "postgres"), &[], &file("-plain"))?;
    let pooler = Pooler::start(&server)?;
    inspect(&pooler.dsn("postgres", "postgres"), &[], &file("-pooler"))?;
    drop(pooler);
    delta(&server, &file("-delta"))?;

    let standby = server.standby(&ServerOptions::default().with_statements())?;
    inspect(&standby.dsn("postgres", "postgres"), &[], &file("-standby"))?;
    drop(standby);

    server.execute("postgres", &format!("create database {}", quoted(HOSTILE_DATABASE)))?;
    server.execute(HOSTILE_DATABASE, HOSTILE)?;
    inspect(&server.dsn("postgres", "postgres"), &["--all-databases"], &file("-databases"))
}

fn fill(server: &Server) -> Result<()> {
    server.execute("postgres", SCHEMA)?;
    // Fails on its duplicate rows and leaves the invalid index behind; it cannot run beside other statements.
    let failed = server.execute("postgres", "create unique index concurrently readings_at_key on readings (at)");
    anyhow::ensure!(failed.is_err(), "the index that must fail was built");
    Ok(())
}

/// A delta while one session waits for the lock of another.
fn delta(server: &Server, file: &Path) -> Result<()> {
    std::thread::scope(|scope| {
        let lock = "begin; lock table orders; select pg_sleep(5); commit";
        scope.spawn(|| server.execute("postgres", lock));
        scope.spawn(|| server.execute("postgres", "select pg_sleep(1); select count(*) from orders"));
        inspect(&server.dsn("postgres", "postgres"), &["--delta", "--interval", "6s"], file)
    })
}

fn inspect(dsn: &str, arguments: &[&str], file: &Path) -> Result<()> {
    let mut inspect = demo::pgdba();
    inspect.args(["inspect", "--dsn", dsn]).args(arguments).arg("-o").arg(file);
    process::run(&mut inspect)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
