//! `pgdba config`: the configuration of a server.

mod against;
mod apply;
mod changes;
mod dcs;
mod diff;
mod history;
mod live;
mod offline;
mod plan;
mod rollback;
mod show;
mod unlock;

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
    /// Change parameters of a live server, together or not at all
    Apply(Box<apply::Args>),
    /// Put back what stood there before a change
    Rollback(rollback::Args),
    /// The changes that were made from here
    History(history::Args),
    /// Free the lock of a change whose process died
    Unlock(unlock::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Show(_) => "config show",
            What::Diff(_) => "config diff",
            What::Apply(_) => "config apply",
            What::Rollback(_) => "config rollback",
            What::History(_) => "config history",
            What::Unlock(_) => "config unlock",
        }
    }
}

/// Answers about a configuration, or changes it.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Show(args) => show::run(args),
        What::Diff(args) => diff::run(args),
        What::Apply(args) => apply::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::Rollback(args) => rollback::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::History(args) => history::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::Unlock(args) => unlock::run(args),
    }
}
