//! `pgdba query locks`: who waits for whose locks.

use pgdba_analysis::topics::locks;

use super::About;
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query locks --name prod
  pgdba query locks --dsn postgres://monitor@db1/shop --format json
  pgdba query locks --snapshot snapshot.json.gz --limit 500";

/// Show which sessions wait for locks, and which block them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    /// Number of sessions
    #[arg(long, value_name = "COUNT", default_value_t = locks::LIMIT)]
    limit: usize,
}

/// The chains, the root blocker first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    args.about.answer(&locks::TOPIC, |view| locks::reply(view, args.limit))
}
