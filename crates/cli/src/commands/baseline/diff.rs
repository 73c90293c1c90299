//! `pgdba baseline diff`: what changed between two snapshots.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pgdba_analysis::diff::{Diff, Relation, diff};
use pgdba_analysis::format::ClusterSummary;
use pgdba_report::{Head, Report};

use crate::answer::{Answer, Data};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

const EXAMPLES: &str = "\
Examples:
  pgdba baseline diff --before monday.json.gz --after tuesday.json.gz
  pgdba baseline diff --before monday.json.gz --after tuesday.json.gz --fail-on regression
  pgdba baseline diff --before monday.json.gz --after tuesday.json.gz --format html > changes.html
  pgdba baseline diff --before test.json.gz --after prod.json.gz --force      two clusters

Only two deltas (pgdba inspect --delta --interval 5min) tell which statements became slower: of other snapshots, statements are
ranked and not tested.";

/// Show what changed between two snapshots of a cluster, regressions first
///
/// Settings, statements, tables, indexes, rates, waits and findings. Changes of statements are tested: what may be chance is not
/// reported.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The first snapshot, plain or gzip; - for standard input
    #[arg(long, value_name = "FILE")]
    before: PathBuf,
    /// The second snapshot
    #[arg(long, value_name = "FILE")]
    after: PathBuf,
    /// Compare snapshots of different clusters
    #[arg(long)]
    force: bool,
    /// Exit with 3 if something became worse, of medium or high confidence
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    key: KeyArgument,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    /// A statement that does more work or is slower, a slower server, or a new warning
    Regression,
}

/// Compares the snapshots.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    if args.before == Path::new("-") && args.after == Path::new("-") {
        return Err(Failure::usage(
            "standard_input_twice",
            "standard input can be only one of the snapshots",
            "Name a file with --before or --after.",
        ));
    }
    let mut warnings = Vec::new();
    let before = args.key.restore_redacted(target::read(&args.before)?, &mut warnings)?;
    let after = args.key.restore_redacted(target::read(&args.after)?, &mut warnings)?;
    let found = diff(&before, &after);
    if found.identity.relation == Relation::Different && !args.force {
        return Err(different(&found));
    }
    let fails = args.fail_on.is_some() && !found.regressions.is_empty();
    let exit = if fails { Exit::Findings } else { Exit::Done };
    Ok(Answer { shown: report(&found).into(), data: Data::lazy(found), warnings, exit, ..Answer::default() })
}

fn different(found: &Diff) -> Failure {
    Failure {
        code: "different_clusters",
        message: format!(
            "the snapshots are of different clusters: \"{}\" and \"{}\"",
            side(&found.before),
            side(&found.after)
        ),
        hint: Some(
            "Compare them with --force: counters and statements are then compared as far as both snapshots are deltas."
                .to_owned(),
        ),
        exit: Exit::Failed,
    }
}

fn side(cluster: &ClusterSummary) -> String {
    let Report { title, about, .. } = Report::about(cluster);
    std::iter::once(title).chain(about).collect::<Vec<_>>().join(" · ")
}

fn report(found: &Diff) -> Report {
    let head = Head::Diff { first: side(&found.before), second: side(&found.after), summary: found.summary() };
    let report = Report { title: "Changes between two snapshots".to_owned(), head: Some(head), ..Report::default() };
    report.with(found.blocks())
}
