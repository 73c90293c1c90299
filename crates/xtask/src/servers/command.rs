//! `cargo xtask servers`: one server of each version that stays up, to try things by hand.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use super::{MAJORS, Server, ServerOptions, client_tools, release};
use crate::{paths, process};

/// PostgreSQL 12 listens on 54312, 18 on 54318.
const FIRST_PORT: u16 = 54300;

/// What to do with the servers that stay up.
#[derive(Debug, Subcommand)]
pub enum ServersCommand {
    /// Start a server of each version (or of those named) and print how to connect
    Up {
        /// Major versions, such as 12 18; none means all
        majors: Vec<u32>,
    },
    /// Stop the servers and remove their data
    Down {
        /// Major versions, such as 12 18; none means all
        majors: Vec<u32>,
    },
    /// Open psql on a server, starting it if need be
    Psql {
        /// Major version
        major: u32,
        /// Arguments of psql, such as -c 'select version()'
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Runs the command.
pub fn run(command: &ServersCommand) -> Result<()> {
    match command {
        ServersCommand::Up { majors } => up(&chosen(majors)),
        ServersCommand::Down { majors } => down(&chosen(majors)),
        ServersCommand::Psql { major, arguments } => psql(*major, arguments),
    }
}

fn chosen(majors: &[u32]) -> Vec<u32> {
    if majors.is_empty() { MAJORS.to_vec() } else { majors.to_vec() }
}

fn up(majors: &[u32]) -> Result<()> {
    for major in majors {
        let server = open(*major)?;
        println!("{major}  {}", server.dsn("postgres", "postgres"));
    }
    Ok(())
}

fn down(majors: &[u32]) -> Result<()> {
    for major in majors {
        let folder = folder(*major)?;
        if !folder.exists() {
            continue;
        }
        super::control::quit(&folder.join("data")).ok();
        fs::remove_dir_all(&folder).with_context(|| format!("could not remove {}", folder.display()))?;
        println!("{major}  stopped, data removed");
    }
    Ok(())
}

fn psql(major: u32, arguments: &[String]) -> Result<()> {
    client_tools::install_client_tools()?;
    let server = open(major)?;
    let program = client_tools::find("psql").context("psql is not there even after its installation")?;
    process::run(Command::new(program).arg(server.dsn("postgres", "postgres")).args(arguments))
}

fn open(major: u32) -> Result<Server> {
    if !MAJORS.contains(&major) {
        bail!("PostgreSQL {major} is not one of {MAJORS:?}");
    }
    release::install(major)?;
    let port = FIRST_PORT + u16::try_from(major)?;
    Server::persistent(major, folder(major)?, port, &ServerOptions::fast().with_statements())
}

fn folder(major: u32) -> Result<PathBuf> {
    Ok(paths::cache()?.join("servers").join(major.to_string()))
}
