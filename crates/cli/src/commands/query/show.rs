//! `pgdba query show`: everything about one statement.

use pgdba_analysis::topics::queries::{self, DETAILS};
use pgdba_analysis::{Options, analyze};

use super::{About, Extent};
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query show 4859494681364700268 --name prod
  pgdba query show -3489 --snapshot snapshot.json.gz";

/// Show everything about one statement
///
/// Its text, all of its figures, its waits (of a delta), the databases and roles that run it, and the tables, indexes and
/// findings that concern it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The query ID, or its first digits; pgdba query top lists query IDs
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,
    #[command(flatten)]
    about: About,
}

/// The statement. Findings need every section, so all are collected from a live server.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let all = Extent { sections: Some(&[]), ..Extent::default() };
    args.about.answer_from(&all, &DETAILS, |view, snapshot| {
        let findings = analyze(snapshot, &Options { rules_only: true, ..Options::default() }).findings;
        queries::details(view, &args.id, &findings)
    })
}
