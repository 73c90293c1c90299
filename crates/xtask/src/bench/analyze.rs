//! What an analysis costs, natively and in WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use pgdba_snapshot::DiagSnapshot;

use super::meter::alone;
use super::{collect, scale};
use crate::{paths, process, web};

/// Tables and statements of the real server whose rows are repeated.
const TABLES: u32 = 1000;
const STATEMENTS: u32 = 100;

/// How many times its rows are repeated.
const TIMES: [u32; 3] = [1, 10, 100];

/// Repetitions of pg_attribute in the snapshot of which nearly nothing is read: about 20 MB.
const UNREAD_TIMES: u32 = 28;

/// Runs of which the least and the middle are shown.
const RUNS: usize = 7;

const SCRIPT: &str = include_str!("analyze.mjs");

pub(super) fn run(major: u32, with_wasm: bool) -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--quiet", "--locked", "-p", "pgdba-cli"]).current_dir(paths::root());
    process::run(&mut build)?;
    let module = with_wasm.then(web::build_module).transpose()?;
    let folder = tempfile::tempdir_in(paths::target())?;
    let real = collected(major, folder.path())?;

    println!("PostgreSQL {major}; the least and the middle of {RUNS} runs");
    let mut smallest = None;
    for times in TIMES {
        let file = folder.path().join("snapshot.json");
        scale::write(&real, times, None, &file)?;
        println!("{} tables, {} indexes, {:.1} MB:", TABLES * times, TABLES * 3 * times, megabytes(&file)?);
        let native = runs(|| {
            let (wall, memory) = alone(pgdba(&["check", "--snapshot"]).arg(&file))?;
            Ok(Cost { seconds: wall, memory })
        })?;
        show("pgdba check", &native, smallest);
        smallest.get_or_insert(native.middle);
        if module.is_some() && times < 100 {
            show("WebAssembly, report", &runs(|| in_node(folder.path(), &file))?, Some(native.middle));
        }
        fs::remove_file(&file)?;
    }
    unread(&real, folder.path())
}

/// What a command costs that reads the settings of a snapshot that is mostly something else.
fn unread(real: &DiagSnapshot, folder: &Path) -> Result<()> {
    let file = folder.join("attributes.json");
    scale::write(real, UNREAD_TIMES, Some(&["system", "pg_settings", "pg_file_settings", "pg_attribute"]), &file)?;
    println!("mostly pg_attribute, {:.1} MB:", megabytes(&file)?);
    let cost = runs(|| {
        let (wall, memory) = alone(pgdba(&["config", "show", "--snapshot"]).arg(&file))?;
        Ok(Cost { seconds: wall, memory })
    })?;
    show("pgdba config show", &cost, None);
    Ok(())
}

/// A snapshot of a real server, of which the large ones are made.
fn collected(major: u32, folder: &Path) -> Result<DiagSnapshot> {
    let server = collect::filled(major, TABLES, STATEMENTS)?;
    let file = folder.join("real.json");
    process::output(pgdba(&["inspect", "--dsn", &server.dsn("postgres", "postgres"), "-o"]).arg(&file))?;
    pgdba_snapshot::read(&fs::read(&file)?).map_err(|error| anyhow!("{error}"))
}

fn pgdba(arguments: &[&str]) -> Command {
    let mut command = Command::new(paths::target().join("release/pgdba"));
    command.args(arguments);
    command
}

fn in_node(folder: &Path, snapshot: &Path) -> Result<Cost> {
    let script: PathBuf = folder.join("analyze.mjs");
    fs::write(&script, SCRIPT)?;
    let printed = process::output(Command::new("node").arg(script).arg(web::folder()).arg(snapshot))?;
    let (time, memory) = printed.trim().split_once(' ').context("node printed no figures")?;
    Ok(Cost { seconds: time.parse::<f64>()? / 1000.0, memory: memory.parse()? })
}

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    seconds: f64,
    memory: u64,
}

/// What several runs took.
struct Runs {
    least: f64,
    middle: f64,
    most_memory: u64,
}

fn runs(run: impl Fn() -> Result<Cost>) -> Result<Runs> {
    let mut costs = (0..RUNS).map(|_| run()).collect::<Result<Vec<Cost>>>()?;
    costs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    Ok(Runs {
        least: costs.first().map_or(0.0, |cost| cost.seconds),
        middle: costs.get(RUNS / 2).map_or(0.0, |cost| cost.seconds),
        most_memory: costs.iter().map(|cost| cost.memory).max().unwrap_or(0),
    })
}

fn show(what: &str, runs: &Runs, beside: Option<f64>) {
    let memory = runs.most_memory as f64 / 1_048_576.0;
    print!("  {what:<20} {:.3} s, middle {:.3} s, {memory:.0} MB", runs.least, runs.middle);
    match beside {
        Some(beside) => println!("; {:.1} times", runs.middle / beside),
        None => println!(),
    }
}

fn megabytes(file: &Path) -> Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / 1_048_576.0)
}
