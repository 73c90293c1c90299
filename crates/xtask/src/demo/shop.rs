//! The throwaway server of the demo: a small shop with some realistic faults.

use anyhow::{Context, Result};

use crate::servers::{NEWEST, Server, ServerOptions};

/// The shop's database.
pub(super) const DATABASE: &str = "shop";

const SCHEMA: &str = include_str!("../../demo/shop.sql");
const DATA: &str = include_str!("../../demo/data.sql");
const FAULTS: &str = include_str!("../../demo/faults.sql");

/// Starts the newest PostgreSQL and fills the shop.
pub(super) fn open() -> Result<Server> {
    // A max_wal_size this small is a fault too: checkpoints are then requested by WAL, not by time.
    let options = ServerOptions::default()
        .with_statements()
        .with("cluster_name", "shop-demo")
        .with("max_wal_size", "48MB")
        .with("min_wal_size", "32MB");
    let server = Server::start(NEWEST, &options)?;
    server.execute("postgres", &format!("create database {DATABASE}"))?;
    for (name, script) in [("shop.sql", SCHEMA), ("data.sql", DATA), ("faults.sql", FAULTS)] {
        run_script(&server, script).with_context(|| format!("demo/{name}"))?;
    }
    // What filled the shop is not what it does all day.
    server.execute(DATABASE, "select pg_stat_statements_reset()")?;
    Ok(server)
}

/// Sends statement by statement, because VACUUM and ALTER SYSTEM refuse to share a message with others.
fn run_script(server: &Server, script: &str) -> Result<()> {
    statements(script).into_iter().try_for_each(|statement| server.execute(DATABASE, &statement))
}

/// The statements of a script whose statements end with a semicolon at the end of a line.
fn statements(script: &str) -> Vec<String> {
    let code = script.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    code.split(";\n").map(|part| part.trim().trim_end_matches(';').to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_cut_into_statements() {
        assert_eq!(statements("-- one;\nselect 1;\n\n-- two\nselect\n 2;\n"), ["select 1", "select\n 2"]);
        assert_eq!(statements(FAULTS).last().map(String::as_str), Some("select pg_reload_conf()"));
    }
}
