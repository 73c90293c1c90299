//! `pgdba`: the command line.
//!
//! A command is one file under [`commands`]: its arguments and `run` together. It returns an [`Answer`]; this module
//! prints it in the requested format and sets the exit code.

mod answer;
mod commands;
mod exit;
mod failure;
mod nodes;
mod policy;
mod registry;
mod target;
mod terminal;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};

use answer::{Answer, Format};
use failure::Failure;

/// PostgreSQL health checks for air-gapped sites: collect a snapshot on site, analyze it anywhere.
#[derive(Parser)]
#[command(name = "pgdba", version, max_term_width = 100)]
struct Cli {
    /// Output format
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Manage names of servers, for --name
    Cluster(commands::cluster::Args),
    /// Collect a snapshot of a server
    Inspect(commands::inspect::Args),
    /// Check a server or a snapshot, in the terminal or in CI
    Check(commands::check::Args),
    /// Show, compare and change the configuration, and undo changes
    Config(commands::config::Args),
    /// Answer questions about statements, tables, indexes and sessions
    Query(commands::query::Args),
    /// Record the state of a server, and compare two: what changed, what became worse
    Baseline(commands::baseline::Args),
    /// Write the report of a snapshot to a single HTML file
    Report(commands::report::Args),
    /// List the rules, show the page of a rule, or explain its result
    Rule(commands::rule::Args),
    /// Show, verify and redact snapshot files
    Snapshot(commands::snapshot::Args),
    /// Print the JSON Schemas of the public formats
    Schema(commands::schema::Args),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Cluster(args) => args.name(),
            Self::Inspect(_) => "inspect",
            Self::Check(_) => "check",
            Self::Config(args) => args.name(),
            Self::Query(args) => args.name(),
            Self::Baseline(args) => args.name(),
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
            Self::Query(args) => commands::query::run(args),
            Self::Baseline(args) => commands::baseline::run(args),
            Self::Report(args) => commands::report::run(args, format),
            Self::Rule(args) => commands::rule::run(args, format),
            Self::Snapshot(args) => commands::snapshot::run(args, format),
            Self::Schema(args) => commands::schema::run(args),
        }
    }
}

/// Reports a usage error: in the envelope if the arguments request JSON.
fn usage_error(error: &str) -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let is_json = words.iter().any(|word| word == "--format=json")
        || words.windows(2).any(|pair| matches!(pair, [name, value] if name == "--format" && value == "json"));
    if !is_json {
        eprint!("{}", pgdba_pg::text::layout(error));
        return ExitCode::from(2);
    }
    let sentence: Vec<&str> = error.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = sentence.join(" ");
    let message = message.trim_start_matches("error: ");
    let failure = Failure::usage(
        "bad_arguments",
        message,
        "Run \"pgdba --help\" or \"pgdba COMMAND --help\" for the commands and options.",
    );
    answer::print("pgdba", Format::Json, Err(failure), Duration::ZERO)
}

/// Runs the command that the arguments name, prints its answer and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli: Cli = match pgdba_collector::try_arguments() {
        Ok(cli) => cli,
        Err(error) => return usage_error(&error),
    };
    let start = Instant::now();
    let outcome = cli.command.run(cli.format);
    answer::print(cli.command.name(), cli.format, outcome, start.elapsed())
}
