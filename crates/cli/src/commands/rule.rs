//! `pgdba rule`: the rules and their pages.

use std::path::PathBuf;

use pgdba_analysis::facts::Beside;
use pgdba_analysis::{Facts, Rule, engine, page, rules};
use pgdba_report::text;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

const EXAMPLES: &str = "\
Examples:
  pgdba rule
  pgdba rule PGD301
  pgdba rule dead_tuples --explain snapshot.json.gz";

/// List the rules, show the page of a rule, or explain its result for a snapshot
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Code or name of a rule
    rule: Option<String>,
    /// Show what the rule finds in this snapshot, or why it could not run
    #[arg(long, value_name = "SNAPSHOT", requires = "rule")]
    explain: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgument,
}

/// Lists, shows or explains.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    let Some(word) = &args.rule else { return Ok(list()) };
    let rule = rules::find(word).ok_or_else(|| unknown(word))?;
    match &args.explain {
        None => Ok(page_of(rule)),
        Some(path) => {
            let mut warnings = Vec::new();
            let snapshot = args.key.restore(target::read(path)?, &mut warnings)?;
            Ok(Answer { warnings, ..explain(rule, &snapshot)? })
        }
    }
}

/// The rule does not exist.
pub(crate) fn unknown(word: &str) -> Failure {
    Failure::usage(
        "unknown_rule",
        format!("rule \"{word}\" does not exist"),
        "Run \"pgdba rule\" for a list of codes and names.",
    )
}

fn list() -> Answer {
    let text = rules::all().map(|rule| format!("{}  {:<26} {}\n", rule.code, rule.name, rule.title)).collect();
    let data = rules::all()
        .map(|rule| json!({ "code": rule.code, "name": rule.name, "title": rule.title, "area": rule.area }));
    Answer { text, data: Value::Array(data.collect()), ..Answer::default() }
}

fn page_of(rule: &Rule) -> Answer {
    let text = page::markdown(rule);
    Answer {
        data: json!({ "code": rule.code, "name": rule.name, "page": text }),
        markdown: Some(text.clone()),
        text,
        ..Answer::default()
    }
}

fn explain(rule: &Rule, snapshot: &pgdba_snapshot::DiagSnapshot) -> Result<Answer, Failure> {
    let facts = Facts::of(snapshot);
    let thresholds: String =
        rule.thresholds.iter().map(|t| format!("{} = {}: {}\n", t.name, (t.value)(), t.doc.trim())).collect();
    let (outcome, finding, reason) = match engine::find(rule, &facts, Beside::default()) {
        Ok(None) => ("passed", None, None),
        Ok(Some(finding)) => ("found", Some(finding), None),
        Err(reason) => ("not_assessed", None, Some(reason.0)),
    };
    let body = match (&finding, &reason) {
        (Some(finding), _) => text::finding(finding),
        (None, Some(reason)) => format!("not checked: {reason}\n"),
        (None, None) => format!("passed: {}\n", rule.passed),
    };
    Ok(Answer {
        text: format!("{} {}\n{thresholds}{body}", rule.code, rule.name),
        data: json!({
            "code": rule.code,
            "thresholds": rule.thresholds.iter().map(|t| json!({ "name": t.name, "value": (t.value)() })).collect::<Vec<_>>(),
            "outcome": outcome,
            "reason": reason,
            "finding": finding,
        }),
        ..Answer::default()
    })
}
