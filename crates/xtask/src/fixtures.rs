//! `cargo xtask fixtures`: records the snapshots of real servers that other tests read.
//!
//! What must be in them is not read from them, so that recording anew cannot hide a loss: `fixtures/rules` declares by
//! hand where each rule fires, and [`SECTIONS`] holds the sections and columns that the code declared at the time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::sections::ALL;

use crate::servers::{MAJORS, Pooler, Server, ServerOptions};
use crate::{demo, paths, process};

/// What every recorded server holds: a sound table, a duplicate index, an index whose build failed, a partitioned table
/// with a partial index on an expression.
const SCHEMA: &str = include_str!("fixtures.sql");

/// The role that may log in and nothing else, and the one that may watch.
const ROLES: [&str; 2] = ["plain", "monitor"];

/// The folder of the recorded snapshots.
#[must_use]
pub fn folder() -> PathBuf {
    paths::root().join("fixtures")
}

/// What a cluster of many databases holds besides: names that mean something to a shell, to SQL, to a connection string.
const HOSTILE: &str = include_str!("fixtures_hostile.sql");

/// The file beside the fixtures with the columns of every section that was declared when all of them were recorded.
pub const SECTIONS: &str = "sections.toml";

/// What stands at its top.
const SECTIONS_HEAD: &str = "\
# The sections and their columns as the code declared them when `cargo xtask fixtures` recorded all fixtures, whatever they hold.
# What the code declares beyond them is newer than the recordings; what is here must be in them. Not to be edited.
";

/// A database whose name is a connection string.
const HOSTILE_DATABASE: &str = "host=nowhere port=1 \"';--";

/// Records every fixture, or of each version only the `kinds` named. Servers, dates and sizes are new each time; what
/// rules say of them is not.
pub fn run(kinds: &[String]) -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "-p", "pgdba-cli", "-p", "pgdba-collector"]);
    process::run(build.current_dir(paths::root()))?;
    let folder = folder();
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    for major in MAJORS {
        record(&Recorder { major, folder: &folder, kinds })?;
    }
    if !kinds.is_empty() {
        return Ok(());
    }
    demo::record(&folder.join("example.json.gz"))?;
    let file = folder.join(SECTIONS);
    fs::write(&file, declared_sections()).with_context(|| format!("could not write {}", file.display()))
}

/// The text of [`SECTIONS`]: a line a section, in the order of collection.
#[must_use]
pub fn declared_sections() -> String {
    let line = |spec: &&SectionSpec| {
        let columns: Vec<String> = spec.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        format!("{} = [{}]\n", spec.name, columns.join(", "))
    };
    std::iter::once(SECTIONS_HEAD.to_owned()).chain(ALL.iter().map(line)).collect()
}

/// Records the snapshots of one version.
struct Recorder<'a> {
    major: u32,
    folder: &'a Path,
    /// The kinds to record; none means all.
    kinds: &'a [String],
}

impl Recorder<'_> {
    /// `pgNN-KIND`, and `pgNN` of the superuser.
    fn inspect(&self, kind: &str, dsn: &str, arguments: &[&str]) -> Result<()> {
        if !self.kinds.is_empty() && self.kinds.iter().all(|wanted| wanted != kind) {
            return Ok(());
        }
        let suffix = if kind == "superuser" { String::new() } else { format!("-{kind}") };
        let mut inspect = demo::pgdba();
        inspect.args(["inspect", "--dsn", dsn]).args(arguments).arg("-o");
        process::run(inspect.arg(self.folder.join(format!("pg{}{suffix}.json.gz", self.major))))
    }
}

/// One version, in every way it can be met.
fn record(recorder: &Recorder<'_>) -> Result<()> {
    let bare = Server::start(recorder.major, &ServerOptions::default())?;
    fill(&bare)?;
    recorder.inspect("bare", &bare.dsn("postgres", "postgres"), &[])?;
    drop(bare);

    let options = ServerOptions::default().with_statements().with("max_prepared_transactions", "5");
    let server = Server::start(recorder.major, &options)?;
    fill(&server)?;
    recorder.inspect("superuser", &server.dsn("postgres", "postgres"), &[])?;
    for role in ROLES {
        recorder.inspect(role, &server.dsn(role, "postgres"), &[])?;
    }
    let pooler = Pooler::start(&server)?;
    recorder.inspect("pooler", &pooler.dsn("postgres", "postgres"), &[])?;
    drop(pooler);
    delta(recorder, &server)?;

    let standby = server.standby(&options)?;
    recorder.inspect("standby", &standby.dsn("postgres", "postgres"), &[])?;
    server.execute("postgres", &format!("create database {}", quoted(HOSTILE_DATABASE)))?;
    for statements in HOSTILE.split("\n\n") {
        server.execute(HOSTILE_DATABASE, statements)?;
    }
    // The standby still follows, so that its primary has something to say of it.
    recorder.inspect("databases", &server.dsn("postgres", "postgres"), &["--all-databases"])?;
    drop(standby);
    Ok(())
}

fn fill(server: &Server) -> Result<()> {
    server.execute("postgres", SCHEMA)?;
    // Fails on its duplicate rows and leaves the invalid index behind; it cannot run beside other statements.
    let failed = server.execute("postgres", "create unique index concurrently readings_at_key on readings (at)");
    anyhow::ensure!(failed.is_err(), "the index that must fail was built");
    Ok(())
}

/// A delta while one session waits for the lock of another, to its end.
fn delta(recorder: &Recorder<'_>, server: &Server) -> Result<()> {
    std::thread::scope(|scope| {
        let lock = "begin; lock table orders; select pg_sleep(9); commit";
        scope.spawn(|| server.execute("postgres", lock));
        scope.spawn(|| server.execute("postgres", "select pg_sleep(1); select count(*) from orders"));
        recorder.inspect("delta", &server.dsn("postgres", "postgres"), &["--delta", "--interval", "6s"])
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
