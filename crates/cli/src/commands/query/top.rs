//! `pgdba query top`: the statements that cost most.

use pgdba_analysis::topics::queries;

use super::About;
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query top --name prod
  pgdba query top --snapshot snapshot.json.gz --limit 50";

/// List the statements that cost most
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    /// Number of statements
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
}

/// The statements, the costliest first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    args.about.answer(&queries::TOPIC, |view| queries::top(view, args.limit))
}
