//! `pgdba baseline`: states of a server, and what changed between them.

mod diff;

use clap::Subcommand;

use crate::answer::Answer;
use crate::failure::Failure;

/// Compare two states of a server
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what changed between two snapshots of a cluster, regressions first
    Diff(diff::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Diff(_) => "baseline diff",
        }
    }
}

/// Runs a command.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Diff(args) => diff::run(args),
    }
}
