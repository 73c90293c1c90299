//! `pgdba query vacuum-health`: autovacuum thresholds, freeze ages, and what holds VACUUM back.

use std::path::PathBuf;

use pgdba_analysis::topics::vacuum;

use super::{About, Extent};
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query vacuum-health --name prod
  pgdba query vacuum-health --snapshot today.json.gz --before yesterday.json.gz --limit 50";

/// Show autovacuum thresholds, freeze ages, and what holds VACUUM back
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    /// Number of tables
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
    /// An earlier snapshot of the same cluster, from which the rate of transactions is computed
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

/// The vacuum health of the server, the tables furthest past a threshold first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let extent = Extent { before: args.before.as_deref(), ..Extent::default() };
    args.about.answer_from(&extent, &vacuum::TOPIC, |view, _| vacuum::health(view, args.limit))
}
