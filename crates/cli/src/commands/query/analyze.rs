//! `pgdba query analyze`: where the time of a statement goes, by its plan.

use std::io::Read;
use std::path::{Path, PathBuf};

use pgdba_analysis::explain::explain;
use pgdba_report::{FindingItem, Item, Part, Report};

use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  psql -XAt -c 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT …' > plan.json
  pgdba query analyze --plan plan.json
  pgdba query analyze --plan - < pasted.txt
  pgdba query analyze --plan plan.json --format html > plan.html";

/// Show where the time of a statement goes, by its plan
///
/// Reads the output of EXPLAIN, in text or JSON form, as psql, pgAdmin, auto_explain and others print it. Own times add up to the
/// total. Findings are shown at their nodes, and below with what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A file with the output of EXPLAIN; - for standard input
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
}

/// Every plan of the file.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let plans = pgdba_plan::read(&text(&args.plan)?).map_err(|error| {
        Failure::usage("no_plan", format!("could not read a plan from {}: {error}", shown(&args.plan)), HINT)
    })?;
    let is_single = plans.len() == 1;
    let (mut report, mut data) = (Report::default(), Vec::new());
    for (position, plan) in plans.into_iter().enumerate() {
        report.parts.extend(parts(plan, position, is_single, &mut data)?);
    }
    Ok(Answer { shown: report.into(), data: with_others(data).into(), ..Answer::default() })
}

/// The first plan, with any others of the same text below it.
fn with_others(data: Vec<serde_json::Value>) -> serde_json::Value {
    let mut plans = data.into_iter();
    let mut first = plans.next().unwrap_or_default();
    if let Some(members) = first.as_object_mut() {
        members.insert("others".to_owned(), plans.collect());
    }
    first
}

const HINT: &str = "Pass the output of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON), or of EXPLAIN ANALYZE in text form.";

/// The tree of a plan, then its findings.
fn parts(
    plan: pgdba_plan::Plan,
    position: usize,
    is_single: bool,
    data: &mut Vec<serde_json::Value>,
) -> Result<[Part; 2], Failure> {
    let (explanation, tree) = explain(plan);
    let anchor = format!("plan-{}", position + 1);
    let title = if is_single { "Plan".to_owned() } else { format!("Plan {}", position + 1) };
    let found = explanation.findings.iter().enumerate();
    let found = found.map(|(number, finding)| FindingItem::of(&format!("{anchor}-finding-{}", number + 1), finding));
    let findings = Part {
        anchor: format!("{anchor}-findings"),
        title: "Findings".to_owned(),
        lead: if explanation.findings.is_empty() {
            "Nothing was found in this plan.".to_owned()
        } else {
            String::new()
        },
        items: found.map(|item| Item::Finding(Box::new(FindingItem { open: true, ..item }))).collect(),
    };
    let plan = Part { title, lead: explanation.lead(), ..Part::untitled(&anchor, [tree]) };
    data.push(serde_json::to_value(explanation)?);
    Ok([plan, findings])
}

/// What is in the file, as far as it is text.
fn text(path: &Path) -> Result<String, Failure> {
    let limit = pgdba_plan::limits::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        Failure::usage(
            "file_not_read",
            format!("could not read {}: {error}", shown(path)),
            "Check the path and its permissions.",
        )
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { format!("\"{}\"", path.display()) }
}
