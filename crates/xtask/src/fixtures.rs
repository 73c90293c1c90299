//! `cargo xtask fixtures`: records the snapshots of real servers that other tests read.
//!
//! `fixtures/manifest.toml` says beside each file which rules must fire on it: written by hand, so that recording
//! anew cannot hide a rule that fell silent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::servers::{MAJORS, Server, ServerOptions};
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

/// One version, as superuser and as a plain role.
fn record(major: u32, folder: &Path) -> Result<()> {
    let server = Server::start(major, &ServerOptions::default().with_statements())?;
    server.execute("postgres", SCHEMA)?;
    // Fails on its duplicate rows and leaves the invalid index behind; it cannot run beside other statements.
    let failed = server.execute("postgres", "create unique index concurrently readings_at_key on readings (at)");
    anyhow::ensure!(failed.is_err(), "the index that must fail was built");
    for (role, suffix) in [("postgres", ""), (PLAIN_ROLE, "-plain")] {
        let file = folder.join(format!("pg{major}{suffix}.json.gz"));
        let mut inspect = demo::pgdba();
        inspect.args(["inspect", "--dsn", &server.dsn(role, "postgres"), "-o"]).arg(file);
        process::run(&mut inspect)?;
    }
    Ok(())
}
