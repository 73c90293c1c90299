//! What a collection costs.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::meter::{Cost, measure};
use crate::servers::{Server, ServerOptions};
use crate::{paths, process};

const LARGE: &str = include_str!("large.sql");
const DUMP: &str = include_str!("dump.sql");

/// Tables of the small server.
const SMALL: u32 = 100;

/// The least of this many runs is taken: what others do on the machine only adds.
const RUNS: u32 = 3;

/// Runs on the small server, of which the mean is taken: one costs a few steps of the processor's clock only.
const SMALL_RUNS: u32 = 20;

/// What pg_gather took of a plain dump's processor time on a large server, where both were measured side by side.
const PG_GATHER: f64 = 3.3 / 6.5;

pub(super) fn run(major: u32, tables: u32, statements: u32) -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--quiet", "--locked", "-p", "pgdba-collector"]).current_dir(paths::root());
    process::run(&mut build)?;
    let psql = process::find_in_path("psql").context("psql is needed for the plain dump: cargo xtask setup")?;

    println!("PostgreSQL {major}, {tables} tables, {} indexes, {statements} statements", tables * 3);
    let large = filled(major, tables, statements)?;
    let script = large.socket_dir().join("dump.sql");
    fs::write(&script, DUMP)?;
    let dumped = large.socket_dir().join("dumped.json");
    let dump = least(&large, || {
        let mut command = Command::new(&psql);
        command.args(["-X", "-q", "-o"]).arg(&dumped).arg("-f").arg(&script).arg(large.dsn("postgres", "postgres"));
        command
    })?;
    show("plain dump of the views", &dump, None);
    println!("  {:.0} MB of rows", megabytes(&dumped)?);
    let out = large.socket_dir().join("collected.json");
    for (who, role) in [("superuser", "postgres"), ("pg_monitor, pg_read_all_data", "monitor")] {
        let cost = least(&large, || collect(&large, role, &out))?;
        show(&format!("pgdba-collect as {who}"), &cost, Some(&dump));
        slowest(&out)?;
    }
    println!("document: {:.1} MB, gzip {:.1} MB", megabytes(&out)?, packed(&large, &out)?);
    drop(large);

    let small = filled(major, SMALL, 50)?;
    let out = small.socket_dir().join("collected.json");
    for (who, role) in [("superuser", "postgres"), ("pg_monitor, pg_read_all_data", "monitor")] {
        let cost = mean(&small, || collect(&small, role, &out))?;
        show(&format!("{SMALL} tables, as {who}"), &cost, None);
        slowest(&out)?;
    }
    println!("document: {:.2} MB", megabytes(&out)?);
    Ok(())
}

/// A server with this many tables and statements.
pub(super) fn filled(major: u32, tables: u32, statements: u32) -> Result<Server> {
    let options = ServerOptions::default()
        .with_statements()
        .with("autovacuum", "off")
        .with("fsync", "off")
        .with("max_locks_per_transaction", "1000")
        .with("pg_stat_statements.track", "all")
        .with("pg_stat_statements.max", "10000");
    let server = Server::start(major, &options)?;
    let sql = LARGE.replace("TABLES", &tables.to_string()).replace("STATEMENTS", &statements.to_string());
    // One by one, with an empty line between them: a `DO` that commits must be alone.
    for statement in sql.split("\n\n") {
        server.execute("postgres", statement)?;
    }
    let roles = if major >= 14 { "pg_monitor, pg_read_all_data" } else { "pg_monitor" };
    server.execute("postgres", &format!("create role monitor login; grant {roles} to monitor; checkpoint"))?;
    Ok(server)
}

fn collect(server: &Server, role: &str, out: &Path) -> Command {
    let mut command = Command::new(paths::target().join("release/pgdba-collect"));
    command.args(["--dsn", &server.dsn(role, "postgres"), "-o"]).arg(out).stderr(std::process::Stdio::null());
    command
}

fn least(server: &Server, command: impl Fn() -> Command) -> Result<Cost> {
    let mut best = measure(server, &mut command())?;
    for _ in 1..RUNS {
        let cost = measure(server, &mut command())?;
        best = Cost {
            server_cpu: best.server_cpu.min(cost.server_cpu),
            wall: best.wall.min(cost.wall),
            backend_memory: best.backend_memory.max(cost.backend_memory),
            client_memory: best.client_memory.max(cost.client_memory),
        };
    }
    Ok(best)
}

fn mean(server: &Server, command: impl Fn() -> Command) -> Result<Cost> {
    let mut sum = measure(server, &mut command())?;
    for _ in 1..SMALL_RUNS {
        let cost = measure(server, &mut command())?;
        sum = Cost {
            server_cpu: sum.server_cpu + cost.server_cpu,
            wall: sum.wall + cost.wall,
            backend_memory: sum.backend_memory.max(cost.backend_memory),
            client_memory: sum.client_memory.max(cost.client_memory),
        };
    }
    let runs = f64::from(SMALL_RUNS);
    Ok(Cost { server_cpu: sum.server_cpu / runs, wall: sum.wall / runs, ..sum })
}

fn show(what: &str, cost: &Cost, dump: Option<&Cost>) {
    let mega = |bytes: u64| bytes as f64 / 1_048_576.0;
    print!(
        "{what:<46} server {:.3} s CPU, {:.2} s wall, backend {:.0} MB, client {:.0} MB",
        cost.server_cpu,
        cost.wall,
        mega(cost.backend_memory),
        mega(cost.client_memory)
    );
    match dump {
        Some(dump) => {
            let share = cost.server_cpu / dump.server_cpu;
            println!("; {:.0} % of the dump, about {:.0} % of pg_gather", share * 100.0, share / PG_GATHER * 100.0);
        }
        None => println!(),
    }
}

/// Prints which sections of the document took longest.
fn slowest(document: &Path) -> Result<()> {
    let bytes = fs::read(document)?;
    let snapshot = pgdba_snapshot::read(&bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut times: Vec<(f64, &str)> = snapshot
        .sections
        .keys()
        .filter_map(|name| Some((pgdba_snapshot::section::read_table(&snapshot, name).duration_ms?, name.as_str())))
        .collect();
    times.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = times.iter().map(|(time, _)| time).sum();
    let first: Vec<String> = times.iter().take(8).map(|(time, name)| format!("{name} {time:.0}")).collect();
    println!("  {all:.0} ms of reading in {} sections: {} …", times.len(), first.join(", "));
    Ok(())
}

fn megabytes(file: &Path) -> Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / 1_048_576.0)
}

fn packed(server: &Server, plain: &Path) -> Result<f64> {
    let out = plain.with_extension("json.gz");
    process::run(collect(server, "postgres", &out).stdout(std::process::Stdio::null()))?;
    megabytes(&out)
}
