//! `pgdba rule`: the rules and their pages.

use std::path::PathBuf;

use pgdba_analysis::facts::Beside;
use pgdba_analysis::{Block, Facts, Rule, Table, engine, page, rules};
use pgdba_report::{FindingItem, Item, Part, Report, prose};
use serde_json::{Value, json};

use crate::answer::{Answer, Format, MARKDOWN, Shown};
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
pub(crate) fn run(args: &Args, format: Format) -> Result<Answer, Failure> {
    let Some(word) = &args.rule else { return Ok(list()) };
    let rule = rules::find(word).ok_or_else(|| unknown(word))?;
    match &args.explain {
        None => Ok(page_of(rule, format)),
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
    let rows = rules::all().map(|rule| [rule.code, rule.name, rule.area.title(), rule.title].map(Into::into).to_vec());
    let columns = [("code", "code"), ("name", "name"), ("area", "area"), ("title", "what it reports")];
    let shown = [Block::Table(Table::whole("Rules", &columns, rows))].into();
    let data = rules::all()
        .map(|rule| json!({ "code": rule.code, "name": rule.name, "title": rule.title, "area": rule.area }));
    Answer { shown, data: Value::Array(data.collect()).into(), ..Answer::default() }
}

fn page_of(rule: &Rule, format: Format) -> Answer {
    let page = page::markdown(rule);
    let data = json!({ "code": rule.code, "name": rule.name, "page": page });
    let shown = match format {
        Format::Markdown => Shown::Verbatim { language: MARKDOWN, text: page },
        Format::Text | Format::Html | Format::Json => {
            let body = page.split_once('\n').map_or("", |(_, body)| body);
            titled(rule).with(prose::blocks(body)).into()
        }
    };
    Answer { shown, data: data.into(), ..Answer::default() }
}

fn explain(rule: &Rule, snapshot: &pgdba_snapshot::DiagSnapshot) -> Result<Answer, Failure> {
    let facts = Facts::of(snapshot);
    let (outcome, finding, reason) = match engine::find(rule, &facts, Beside::default()) {
        Ok(None) => ("passed", None, None),
        Ok(Some(finding)) => ("found", Some(finding), None),
        Err(missing) => ("not_assessed", None, Some(missing.reason)),
    };
    let result = match (&finding, &reason) {
        (Some(finding), _) => {
            vec![Item::Finding(Box::new(FindingItem { open: true, ..FindingItem::of("finding", finding) }))]
        }
        (None, Some(reason)) => Item::of("result", [Block::paragraph(format!("Not checked: {reason}"))]),
        (None, None) => Item::of("result", [Block::paragraph(format!("Passed: {}.", rule.passed))]),
    };
    let part = Part { items: result, ..Part::untitled("result", []) };
    Ok(Answer {
        shown: Report { parts: vec![Part::untitled("thresholds", [thresholds(rule)]), part], ..titled(rule) }.into(),
        data: json!({
            "code": rule.code,
            "thresholds": rule.thresholds.iter().map(|t| json!({ "name": t.name, "value": (t.value)() })).collect::<Vec<_>>(),
            "outcome": outcome,
            "reason": reason,
            "finding": finding,
        }).into(),
        ..Answer::default()
    })
}

fn titled(rule: &Rule) -> Report {
    let about = vec![rule.title.to_owned(), rule.area.title().to_owned()];
    Report { title: format!("{} {}", rule.code, rule.name), about, ..Report::default() }
}

/// The rule's thresholds and what each of them is.
fn thresholds(rule: &Rule) -> Block {
    let rows = rule.thresholds.iter().map(|threshold| {
        [threshold.name.to_owned(), (threshold.value)(), threshold.doc.trim().to_owned()].map(Into::into).to_vec()
    });
    let columns = [("name", "threshold"), ("value", "value"), ("meaning", "meaning")];
    Block::Table(Table::whole("Thresholds", &columns, rows))
}
