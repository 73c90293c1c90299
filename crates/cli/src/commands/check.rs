//! `pgdba check`: findings in the terminal.

use std::path::PathBuf;

use clap::ValueEnum;
use pgdba_analysis::{Analysis, Options, Severity, analyze};
use pgdba_report::Report;
use serde::Serialize;

use crate::answer::{Answer, Data};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::nodes::NodeArgument;
use crate::policy::{Accept, PolicyArgument, Written};
use crate::target::{KeyArgument, Target};

const EXAMPLES: &str = "\
Examples:
  pgdba check --snapshot snapshot.json.gz
  pgdba check --dsn postgres://monitor@db1/shop --fail-on warning
  pgdba check --name prod
  pgdba check --snapshot primary.json.gz --node standby.json.gz
  pgdba check --snapshot snapshot.json.gz --ignore fsync_off --format markdown
  pgdba check --name prod --accept pgdba.toml       accept the current findings
  pgdba check --name prod --new-only --fail-on notice";

/// Check a server or a snapshot and list the findings, most urgent first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    key: KeyArgument,
    #[command(flatten)]
    nodes: NodeArgument,
    /// Exit with 3 if there are findings of this severity or above, or with 1 if checks that could find them could not run
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Rules to skip, by code or name, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    ignore: Vec<String>,
    #[command(flatten)]
    policy: PolicyArgument,
    /// Write the current findings to this policy file as accepted; other entries and comments are kept
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fail_on", "new_only"])]
    accept: Option<PathBuf>,
    /// Show only findings that are not accepted; the others are counted
    #[arg(long)]
    new_only: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Info,
    Notice,
    Warning,
    Critical,
}

impl From<FailOn> for Severity {
    fn from(word: FailOn) -> Self {
        match word {
            FailOn::Info => Self::Info,
            FailOn::Notice => Self::Notice,
            FailOn::Warning => Self::Warning,
            FailOn::Critical => Self::Critical,
        }
    }
}

/// Analyzes the target.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    if let Some(unknown) = args.ignore.iter().find(|word| pgdba_analysis::rules::find(word).is_none()) {
        return Err(super::rule::unknown(unknown));
    }
    let mut policy = args.policy.load(args.target.file())?;
    policy.new_only = args.new_only;
    let accept = args.accept.as_deref().map(Accept::open).transpose()?;
    let (snapshot, mut warnings) = args.target.load(&[])?;
    let snapshot = args.key.restore(snapshot, &mut warnings)?;
    let nodes = args.nodes.load(&snapshot, &args.key, &mut warnings)?;
    let ignore = args.ignore.clone();
    let options = Options { ignore, policy: Some(&policy), nodes: &nodes, rules_only: true, ..Options::default() };
    let analysis = analyze(&snapshot, &options);
    let mut report = Report::of_rules(&analysis);
    let exit = args.fail_on.map_or(Exit::Done, |limit| exit(&analysis, limit.into()));
    let failure = (exit == Exit::Failed).then(|| inconclusive(&analysis));
    let mut accepted = None;
    if let Some(accept) = accept {
        let done = accept.write(&analysis)?;
        report = report.with(done.blocks);
        accepted = Some(done.written);
    }
    let data = Data::lazy(Checked { analysis, accepted });
    Ok(Answer { shown: report.into(), data, warnings, exit, failure, ..Answer::default() })
}

/// The analysis, and what was accepted of it.
#[derive(Serialize)]
struct Checked {
    #[serde(flatten)]
    analysis: Analysis,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Written>,
}

fn inconclusive(analysis: &Analysis) -> Failure {
    let (message, hint) = if analysis.coverage.not_assessed == 0 {
        ("all checks were ignored, so --fail-on is inconclusive", "Ignore fewer rules with --ignore and in the policy.")
    } else {
        (
            "too few checks could run, so --fail-on is inconclusive",
            "\"Not checked\" lists the checks that could not run; skip those that do not matter with --ignore.",
        )
    };
    Failure { code: "inconclusive", message: message.to_owned(), hint: Some(hint.to_owned()), exit: Exit::Failed }
}

/// The exit code of a check that fails on findings of `limit` and above: a rule that could have found one but could not
/// run has not passed, and neither has a check of which no rule ran.
fn exit(analysis: &Analysis, limit: Severity) -> Exit {
    match analysis.worst() {
        Some(worst) if worst >= limit => Exit::Findings,
        _ if analysis.is_blind_to(limit) || analysis.coverage.ran == 0 => Exit::Failed,
        _ => Exit::Done,
    }
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::example;

    use super::*;

    #[test]
    fn why_fail_on_is_inconclusive_depends_on_what_did_not_run() {
        let inconclusive = |ignore: Vec<String>| {
            let snapshot = example::snapshot("{}").unwrap();
            inconclusive(&analyze(&snapshot, &Options { ignore, ..Options::default() }))
        };
        let all = pgdba_analysis::rules::of_servers().map(|rule| rule.code.to_owned()).collect();
        assert!(inconclusive(all).message.starts_with("all checks were ignored"));
        let failure = inconclusive(Vec::new());
        assert!(failure.message.starts_with("too few checks") && failure.hint.unwrap().contains("--ignore"));
    }
}
