//! `pgdba query waits`: what client sessions wait for.

use std::time::Duration;

use pgdba_analysis::topics::waits;

use super::{About, Extent};
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query waits --name prod
  pgdba query waits --name prod --interval 60
  pgdba query waits --snapshot delta.json.gz --limit 50      a snapshot that was collected with --delta";

/// Show what client sessions wait for: once per second over some time, or as a delta snapshot contains it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    /// Seconds over which a live server is sampled
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Number of events, statements and background processes
    #[arg(long, value_name = "COUNT", default_value_t = waits::LIMIT)]
    limit: usize,
}

/// The events, the most frequent first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let window = Extent { interval: Some(Duration::from_secs(args.interval)), ..Extent::default() };
    args.about.answer_from(&window, &waits::TOPIC, |view, _| waits::reply(view, args.limit))
}
