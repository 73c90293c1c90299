//! `pgdba baseline`: states of a server, and what changed between them.

mod diff;
mod list;
mod make;
mod store;
mod trend;

use clap::Subcommand;

use crate::answer::Answer;
use crate::failure::Failure;

/// Record the state of a server as a document, and compare states
///
/// Without a subcommand: one document with configuration, statements, tables, replication, system, locks and I/O, their rates, and
/// the recommended parameters. It contains the snapshot that it was derived from, so every command that reads a snapshot reads it
/// too. A copy is stored in $PGDBA_HOME/baselines.
#[derive(Debug, clap::Args)]
#[command(after_help = make::EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    make: make::Make,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the stored baselines
    List(list::Args),
    /// Show growth and rates over several snapshots of a cluster, and when a limit is reached
    Trend(trend::Args),
    /// Show what changed between two snapshots of a cluster, regressions first
    Diff(diff::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            None => "baseline",
            Some(What::List(_)) => "baseline list",
            Some(What::Trend(_)) => "baseline trend",
            Some(What::Diff(_)) => "baseline diff",
        }
    }
}

/// Runs a command.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        None => make::run(&args.make),
        Some(_) if args.make.is_given() => Err(Failure::usage(
            "options_before_subcommand",
            "options before a subcommand of \"pgdba baseline\" are not those of the subcommand",
            "Write them after it, such as: pgdba baseline list --name CLUSTER",
        )),
        Some(What::List(args)) => list::run(args),
        Some(What::Trend(args)) => trend::run(args),
        Some(What::Diff(args)) => diff::run(args),
    }
}
