//! `pgdba query analyze`: where the time of a statement goes, by its plan.

mod source;

use pgdba_analysis::{Block, explain::explain};
use pgdba_report::{FindingItem, Item, Part, Report};

use self::source::Source;
use crate::answer::Answer;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  pgdba query analyze --name prod --file slow.sql
  pgdba query analyze --name prod --sql \"UPDATE stock SET amount = 0 WHERE item = 7\" --allow-write
  pgdba query analyze --dsn postgres://monitor@db1/shop --no-analyze --sql 'SELECT * FROM orders WHERE id = $1'
  pgdba query analyze --plan - < pasted.txt
  pgdba query analyze --plan plan.json --format html > plan.html";

/// Show where the time of a statement goes, by its plan
///
/// With --sql or --file, EXPLAIN (ANALYZE) executes the statement on a live server, in a read-only transaction that is rolled back.
/// With --plan, its output is read from a file, in text or JSON form, as psql, pgAdmin, auto_explain and others print it. Own times
/// add up to the total. Findings are shown at their nodes, and below with what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
}

/// Every plan of the source.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let (plans, warnings) = args.source.plans()?;
    let is_single = plans.len() == 1;
    let (mut report, mut data) = (Report::default(), Vec::new());
    for (position, plan) in plans.into_iter().enumerate() {
        report.parts.extend(parts(plan, position, is_single, &mut data)?);
    }
    Ok(Answer { shown: report.into(), data: with_others(data).into(), warnings, ..Answer::default() })
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

/// The statement and its plan, then the findings.
fn parts(
    plan: pgdba_plan::Plan,
    position: usize,
    is_single: bool,
    data: &mut Vec<serde_json::Value>,
) -> Result<[Part; 2], Failure> {
    let (explanation, tree) = explain(plan);
    let statement = explanation.query_text.as_ref().map(|text| Block::sql("Statement", text));
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
    let plan = Part { title, lead: explanation.lead(), ..Part::untitled(&anchor, statement.into_iter().chain([tree])) };
    data.push(serde_json::to_value(explanation)?);
    Ok([plan, findings])
}
