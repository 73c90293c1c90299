//! `cargo xtask`: the command line over the library of the same name.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use xtask::new::New;
use xtask::servers::command::ServersCommand;
use xtask::{bench, demo, doctor, fixtures, generate, install, measure, new, servers, starting, test, web};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, set-up and generators of pgdba", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The report of a real server under load, and the page: target/demo/
    Demo,
    /// Everything that must hold: makes ready what is missing, then format, lints, generated files, page and all tests
    Test {
        /// Only what needs nothing but the compiler: format, lints, generated files, tests of the pure crates
        #[arg(long)]
        quick: bool,
    },
    /// The static page: target/web/pgdba.html (one file) and target/web/folder/
    Web,
    /// Write the files that are made from code
    Gen {
        /// Write nothing; fail when a file is not as the code says
        #[arg(long)]
        check: bool,
    },
    /// Record fixtures/ anew from real servers of every version
    Fixtures {
        /// Only these kinds: superuser, plain, monitor, bare, pooler, delta, standby, databases
        kinds: Vec<String>,
    },
    /// Add a rule, a section, a topic, a chart or a command: a template that compiles, and its place in a list
    #[command(subcommand)]
    New(New),
    /// PostgreSQL servers of every supported version that stay up, to try things by hand
    #[command(subcommand)]
    Servers(ServersCommand),
    /// What things cost on this machine: figures to read, never a test
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Install what the tests need and this machine does not have
    Setup,
    /// What is needed here, whether it is there, and what installs it
    Doctor,
    /// Start real servers with every measured configuration, and compare what happens with what pgdba warns about
    Starting {
        /// Major versions, such as 12 18; none means 12, 15, 17 and 18
        majors: Vec<u32>,
    },
    /// How large files and functions are; fails when the tree is worse than crates/xtask/measure.toml
    Measure,
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
        Some(Command::Demo) => demo::run(),
        Some(Command::Test { quick }) => test::run(quick),
        Some(Command::Web) => web::build().map(drop),
        Some(Command::Gen { check }) => generate::run(check),
        Some(Command::Fixtures { kinds }) => fixtures::run(&kinds),
        Some(Command::New(what)) => new::run(&what),
        Some(Command::Servers(command)) => servers::command::run(&command),
        Some(Command::Bench(what)) => bench::run(&what),
        Some(Command::Setup) => install::everything(),
        Some(Command::Doctor) => doctor::run(),
        Some(Command::Starting { majors }) => starting::run(&majors),
        Some(Command::Measure) => measure::run(),
    }
}
