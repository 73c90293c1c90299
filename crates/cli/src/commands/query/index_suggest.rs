//! `pgdba query index-suggest`: which indexes to create, rebuild and drop.

use pgdba_analysis::topics::index_advice::{self, MIN_ROWS, Options};

use super::{About, Extent};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::nodes::NodeArgument;

const EXAMPLES: &str = "\
Examples:
  pgdba query index-suggest --name prod
  pgdba query index-suggest --name prod --table public.orders
  pgdba query index-suggest --snapshot primary.json.gz --node standby1.json.gz --node standby2.json.gz
  pgdba query index-suggest --name prod --min-rows 100000 --format json";

/// Suggest which indexes to create, rebuild and drop
///
/// From the catalogs and the counters: foreign keys without an index, large tables that are read by sequential scans, invalid,
/// duplicate, redundant, unused and bloated indexes. Each node counts its own scans, so pass a snapshot of each standby.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    nodes: NodeArgument,
    /// Only this table and its indexes: NAME or SCHEMA.NAME
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Suggest to create nothing for tables with fewer rows
    #[arg(long, value_name = "COUNT", default_value_t = MIN_ROWS, value_parser = clap::value_parser!(i64).range(0..))]
    min_rows: i64,
    /// Number of suggestions [default: 20 for people, all in JSON]
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

/// The suggestions, by action, the most urgent and largest first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let options = Options { table: args.table.clone(), min_rows: args.min_rows, limit: args.limit };
    let extent = Extent { nodes: Some(&args.nodes), ..Extent::default() };
    args.about.answer_from(&extent, &index_advice::TOPIC, |view, _| index_advice::reply(view, &options))
}
