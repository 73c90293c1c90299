//! `pgdba query top`: the statements that cost most.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use pgdba_analysis::facts::statements::Measure;
use pgdba_analysis::topics::queries::{self, TOPIC, TopOptions};

use super::{About, Owners};
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query top --name prod
  pgdba query top --name prod --sort temp --database shop --user app
  pgdba query top --snapshot snapshot.json.gz --limit 50 --format json";

/// List the statements that cost most
///
/// Of a snapshot that was collected with --delta, the figures are those of its window.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    owners: Owners,
    /// Number of statements
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
    /// Rank the statements by this figure
    #[arg(long, value_name = "FIGURE", default_value = Measure::TotalTime.name(), value_parser = measure())]
    sort: Measure,
    /// Use the counters since their reset, even if the snapshot is a delta
    #[arg(long)]
    since_reset: bool,
}

fn measure() -> impl TypedValueParser<Value = Measure> {
    PossibleValuesParser::new(Measure::ALL.map(Measure::name)).map(|name| Measure::named(&name).unwrap_or_default())
}

/// The statements, the costliest first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let options = TopOptions {
        limit: args.limit,
        measure: args.sort,
        database: args.owners.database.clone(),
        role: args.owners.user.clone(),
        is_since_reset: args.since_reset,
    };
    args.about.answer(&TOPIC, |view| queries::top(view, &options))
}
