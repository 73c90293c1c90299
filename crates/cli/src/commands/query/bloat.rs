//! `pgdba query bloat`: what VACUUM FULL and REINDEX would return.

use pgdba_analysis::topics::bloat::{self, Selection};
use pgdba_pg::Bytes;
use pgdba_pg::unit::bytes_per_unit;

use super::About;
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query bloat --name prod
  pgdba query bloat --snapshot snapshot.json.gz --min-size 100MB --limit 50
  pgdba query bloat --name prod --table public.orders --format json";

/// Estimate the bloat of tables and indexes
///
/// The estimate is derived from the catalogs and the planner's statistics; no table is read. The share is that of the
/// pages that VACUUM FULL or REINDEX would return, with an interval. Relations smaller than 10 pages have none.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    about: About,
    /// Only this table and its indexes: NAME or SCHEMA.NAME
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Number of tables and of indexes [default: 20 for people, all in JSON]
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Only relations of at least this size, such as 100MB
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = size)]
    min_size: Bytes,
}

/// The relations, those that waste most first.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let selection = Selection { limit: args.limit, table: args.table.clone(), min_size: args.min_size };
    args.about.answer(&bloat::TOPIC, |view| bloat::reply(view, &selection))
}

/// A size with its unit; bytes without one.
fn size(text: &str) -> Result<Bytes, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let number = text.strip_suffix(unit).unwrap_or(text).trim_end().parse::<i64>().ok();
    let names = ["B", "kB", "MB", "GB", "TB"];
    let unit = if unit.is_empty() { Some("B") } else { names.into_iter().find(|name| name.eq_ignore_ascii_case(unit)) };
    let bytes = number.zip(unit.and_then(bytes_per_unit)).and_then(|(number, step)| number.checked_mul(step));
    bytes.map(Bytes).ok_or_else(|| "must be a number with a unit of B, kB, MB, GB or TB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_or_is_in_bytes() {
        let bytes = |text: &str| size(text).ok().map(|size| size.0);
        assert_eq!(["8192", "8kB", "1 MB", "2gb"].map(bytes), [Some(8192), Some(8192), Some(1 << 20), Some(2 << 30)]);
        assert_eq!(["", "MB", "1x", "-1MB", "99999999999TB"].map(bytes), [None; 5]);
    }
}
