//! `pgdba config`: the configuration of a server.

mod against;
mod changes;
mod diff;
mod show;

use clap::Subcommand;

use crate::answer::Answer;
use crate::failure::Failure;

/// The configuration: show it, compare it, change it and put it back
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What is set, by whom, since when it holds and what waits
    Show(show::Args),
    /// What should be set otherwise; or how two configurations differ
    Diff(diff::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Show(_) => "config show",
            What::Diff(_) => "config diff",
        }
    }
}

/// Answers about a configuration, or changes it.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Show(args) => show::run(args),
        What::Diff(args) => diff::run(args),
    }
}
