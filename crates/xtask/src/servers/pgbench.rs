//! Load for a server.

use std::process::Command;

use anyhow::{Context, Result};

use super::Server;
use super::client_tools::{find, install_client_tools};
use crate::process;

/// Runs pgbench against `server` as the superuser, and returns what it prints. The database is the last argument.
pub fn pgbench(server: &Server, arguments: &[&str]) -> Result<String> {
    install_client_tools()?;
    let program = find("pgbench").context("pgbench is not there even after its installation")?;
    let mut command = Command::new(program);
    command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &server.port().to_string()]);
    process::output(command.args(arguments))
}
