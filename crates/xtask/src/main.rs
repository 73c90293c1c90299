//! `cargo xtask`: the command line over the library of the same name.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use xtask::new::New;
use xtask::servers::command::ServersCommand;
use xtask::{bench, demo, doctor, fixtures, generate, install, measure, new, plans, servers, starting, test, web};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, setup and generators of pgdba", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Write the report of a real server under load, and the page, to target/demo/
    Demo,
    /// Set up what is missing, then run all checks: format, lints, generated files, page and all tests
    Test {
        /// Only checks that need nothing but the compiler: format, lints, generated files, tests of the pure crates
        #[arg(long)]
        quick: bool,
    },
    /// Build the static page: target/web/pgdba.html (one file) and target/web/folder/
    Web,
    /// Write the generated files
    Gen {
        /// Write nothing; fail if a generated file is out of date
        #[arg(long)]
        check: bool,
    },
    /// Record fixtures/ again from real servers of every version
    Fixtures {
        /// Only these kinds: superuser, plain, monitor, bare, pooler, delta, standby, databases
        kinds: Vec<String>,
    },
    /// Add a rule, a section, a topic, a chart or a command: a template that compiles, and its place in a list
    #[command(subcommand)]
    New(New),
    /// Start and stop PostgreSQL servers of every supported version, to try things by hand
    #[command(subcommand)]
    Servers(ServersCommand),
    /// Measure run times and memory on this machine; never fails
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Install what the tests need and this machine lacks
    Setup,
    /// List what is needed, whether it is installed, and what installs it
    Doctor,
    /// Record the corpus of plans in fixtures/plans again, from real servers of every version
    Plans {
        /// Major versions, such as 12 18; none means all, and the frames in which clients and logs print a plan
        majors: Vec<u32>,
    },
    /// Start real servers with every measured configuration, and compare what happens with what pgdba warns about
    Starting {
        /// Major versions, such as 12 18; none means 12, 15, 17 and 18
        majors: Vec<u32>,
    },
    /// Measure the size of files and functions; fails if it exceeds crates/xtask/measure.toml
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
        Some(Command::Plans { majors }) => plans::run(&majors),
        Some(Command::Measure) => measure::run(),
    }
}
