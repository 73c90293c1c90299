//! `pgdba config`: the configuration of a server.

mod against;
mod apply;
mod changes;
mod dcs;
mod diff;
mod elsewhere;
mod hardware;
mod history;
mod live;
mod offline;
mod plan;
mod rollback;
mod show;
mod tune;
mod unlock;

use clap::Subcommand;

use crate::answer::Answer;
use crate::failure::Failure;

/// Show, compare and change the configuration, and undo changes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show which parameters are set, by what, and which are pending
    Show(show::Args),
    /// Show recommended changes, or compare two configurations
    Diff(diff::Args),
    /// Recommend values for a workload and a machine, PGTune's and measured ones
    Tune(Box<tune::Args>),
    /// Change parameters of a live server, all or nothing
    Apply(Box<apply::Args>),
    /// Restore the former values of a change
    Rollback(rollback::Args),
    /// List the changes made from this machine
    History(history::Args),
    /// Release an incomplete change and its lock
    Unlock(unlock::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Show(_) => "config show",
            What::Diff(_) => "config diff",
            What::Tune(_) => "config tune",
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
        What::Tune(args) => tune::run(args),
        What::Apply(args) => apply::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::Rollback(args) => rollback::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::History(args) => history::run(args).map_err(|failure| failure.with_server(&args.live.server.again())),
        What::Unlock(args) => unlock::run(args),
    }
}
