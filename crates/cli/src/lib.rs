//! `pgdba`: the PostgreSQL doctor's command line.
//!
//! A command is one file under [`commands`]: its arguments and `run` together. It gives an [`Answer`]; printing it in
//! the wanted format and choosing the exit code happens here, once.

mod answer;
mod commands;
mod failure;
mod registry;
mod table;
mod target;
mod terminal;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};

use answer::{Answer, Format};
use failure::Failure;

/// A PostgreSQL doctor for sites that no cable leaves: collect there, read the advice anywhere.
#[derive(Parser)]
#[command(name = "pgdba", version, max_term_width = 100)]
struct Cli {
    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Names for servers, for --name
    Cluster(commands::cluster::Args),
    /// Collect one server into a snapshot
    Inspect(commands::inspect::Args),
    /// Every finding, in the terminal; for CI too
    Check(commands::check::Args),
    /// The configuration: show it, compare it, change it and put it back
    Config(commands::config::Args),
    /// A snapshot's findings as one HTML file
    Report(commands::report::Args),
    /// The rules: list them, read one, see what it looked at
    Rule(commands::rule::Args),
    /// What a snapshot holds
    Snapshot(commands::snapshot::Args),
    /// The JSON Schemas of the public formats
    Schema(commands::schema::Args),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Cluster(args) => args.name(),
            Self::Inspect(_) => "inspect",
            Self::Check(_) => "check",
            Self::Config(args) => args.name(),
            Self::Report(_) => "report",
            Self::Rule(_) => "rule",
            Self::Snapshot(args) => args.name(),
            Self::Schema(_) => "schema",
        }
    }

    fn run(&self, format: Format) -> Result<Answer, Failure> {
        match self {
            Self::Cluster(args) => commands::cluster::run(args),
            Self::Inspect(args) => commands::inspect::run(args, format),
            Self::Check(args) => commands::check::run(args),
            Self::Config(args) => commands::config::run(args),
            Self::Report(args) => commands::report::run(args),
            Self::Rule(args) => commands::rule::run(args),
            Self::Snapshot(args) => commands::snapshot::run(args),
            Self::Schema(args) => commands::schema::run(args),
        }
    }
}

/// Says what is wrong with the call: in the envelope where the call asks for JSON as far as it can be read.
fn wrong_call(told: &str) -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let is_json = words.iter().any(|word| word == "--format=json")
        || words.windows(2).any(|pair| matches!(pair, [name, value] if name == "--format" && value == "json"));
    if !is_json {
        eprint!("{}", pgdba_pg::text::layout(told));
        return ExitCode::from(2);
    }
    let sentence: Vec<&str> = told.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = sentence.join(" ");
    let message = message.trim_start_matches("error: ");
    let failure = Failure::usage("bad_arguments", message, "pgdba --help and pgdba COMMAND --help say what there is");
    answer::print("pgdba", Format::Json, Err(failure), Duration::ZERO)
}

/// Runs the command that the arguments name, prints its answer and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli: Cli = match pgdba_collector::try_arguments() {
        Ok(cli) => cli,
        Err(told) => return wrong_call(&told),
    };
    let began = Instant::now();
    let outcome = cli.command.run(cli.format);
    answer::print(cli.command.name(), cli.format, outcome, began.elapsed())
}
