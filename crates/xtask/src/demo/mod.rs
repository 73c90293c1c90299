//! `cargo xtask demo`: from nothing to the report of a real server under load, and the page.

mod load;
mod shop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use self::load::Load;
use crate::servers::Server;
use crate::{paths, process, web};

/// How long the shop is busy before it is looked at.
const LOAD: Duration = Duration::from_secs(10);

/// Stands in for a server where none can be had.
const RECORDED: &str = "fixtures/example.json.gz";

/// Builds, collects and writes `target/demo/`: snapshot, report and page.
pub fn run() -> Result<()> {
    let place = paths::target().join("demo");
    fs::create_dir_all(&place).with_context(|| format!("could not create {}", place.display()))?;
    let snapshot = place.join("snapshot.json.gz");
    let report = place.join("report.html");

    println!("building pgdba");
    // Not quietly: it takes minutes, in which cargo shows that it goes on.
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "-p", "pgdba-cli", "-p", "pgdba-collector"]);
    process::run(build.current_dir(paths::root()))?;

    println!("starting a throwaway PostgreSQL with a small shop in it");
    match shop::open() {
        Ok(server) => collect_under_load(&server, &snapshot)?,
        Err(error) => use_recorded(&error, &snapshot)?,
    }
    process::run(pgdba().arg("report").arg(&snapshot).arg("-o").arg(&report))?;
    let page = build_page(&place.join("pgdba.html"));
    farewell(&snapshot, &report, page.as_deref());
    Ok(())
}

/// Records the shop under load: the example of the page, and the demo's stand-in where no server can be had.
pub fn record(snapshot: &Path) -> Result<()> {
    collect_under_load(&shop::open()?, snapshot)
}

fn collect_under_load(server: &Server, snapshot: &Path) -> Result<()> {
    let dsn = server.dsn("postgres", shop::DATABASE);
    println!("the shop is open for {} seconds", LOAD.as_secs());
    let load = Load::start(&dsn);
    std::thread::sleep(LOAD);
    println!("collecting, while it stays open");
    let collected = process::run(pgdba().args(["inspect", "--dsn", &dsn, "-o"]).arg(snapshot));
    // The load's own error says more than what it made the collector meet.
    let orders = load.stop()?;
    collected?;
    println!("{orders} orders were placed");
    Ok(())
}

fn use_recorded(error: &anyhow::Error, snapshot: &Path) -> Result<()> {
    println!("no server can be had here: {error:#}");
    println!("using the recorded snapshot {RECORDED} instead");
    let copied = fs::copy(paths::root().join(RECORDED), snapshot);
    copied.map(drop).with_context(|| format!("could not copy {RECORDED} to {}", snapshot.display()))
}

/// The page needs a compiler target that the report does not, so the demo is worth having without it.
fn build_page(place: &Path) -> Option<PathBuf> {
    println!("building the page");
    let built = web::build().and_then(|page| Ok(fs::copy(page, place)?));
    match built {
        Ok(_) => Some(place.to_path_buf()),
        Err(error) => {
            eprintln!("warning: the page could not be built: {error:#}");
            None
        }
    }
}

fn farewell(snapshot: &Path, report: &Path, page: Option<&Path>) {
    println!("\nThe report of this server; open it in a browser:\n  file://{}", report.display());
    if let Some(page) = page {
        println!("\nThe page; open it and drop the snapshot on it:\n  file://{}", page.display());
        println!("  {}", snapshot.display());
    }
}

/// The program that was just built.
pub(crate) fn pgdba() -> Command {
    Command::new(paths::target().join("release/pgdba"))
}
