//! `cargo xtask`: the command line over the library of the same name.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use xtask::servers::command::ServersCommand;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, set-up and generators of pgdba", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// PostgreSQL servers of every supported version that stay up, to try things by hand
    #[command(subcommand)]
    Servers(ServersCommand),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<Command>) -> Result<()> {
    match command {
        None => Ok(Arguments::command().print_help()?),
        Some(Command::Servers(command)) => xtask::servers::command::run(&command),
    }
}
