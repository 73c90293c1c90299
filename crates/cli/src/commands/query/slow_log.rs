//! `pgdba query slow-log`: the statements that have slow calls.

use std::time::Duration;

use clap::builder::ValueParser;
use pgdba_analysis::topics::queries::{self, SlowOptions, TOPIC};
use pgdba_collector::arguments::duration;
use pgdba_pg::Millis;

use super::{About, Owners};
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query slow-log --name prod
  pgdba query slow-log --name prod --threshold 200ms --database shop
  pgdba query slow-log --snapshot snapshot.json.gz --threshold 5s --format json";

/// List the statements that have slow calls
///
/// The figures are those of pg_stat_statements, not of the server log: the mean and the maximum execution time of each statement.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    owners: Owners,
    /// Execution time from which on a call is slow: 200ms, 1s, 5min
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = ValueParser::new(duration))]
    threshold: Duration,
    /// Number of statements
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
}

/// The statements, the greatest mean first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let options = SlowOptions {
        threshold: Millis::from_seconds(args.threshold.as_secs_f64()),
        limit: args.limit,
        database: args.owners.database.clone(),
        role: args.owners.user.clone(),
    };
    args.about.answer(&TOPIC, |view| queries::slow_log(view, &options))
}
