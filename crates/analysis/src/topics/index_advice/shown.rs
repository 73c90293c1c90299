//! Index advice as blocks.

use pgdba_pg::{Bytes, Millis, display};

use super::{Action, IndexAdvice, Suggestion};
use crate::topics::{Shown, number_of};
use crate::{Block, Quantity, Table};

/// Suggestions for people, unless another number is given.
const SHOWN: usize = 20;

pub(super) fn shown(advice: &IndexAdvice, limit: Option<usize>) -> Shown {
    let first = advice.suggestions.iter().take(limit.unwrap_or(SHOWN));
    let suggestions: Vec<&Suggestion> = first.collect();
    let of = |action: Action| suggestions.iter().copied().filter(move |suggestion| suggestion.action == action);
    let sql: Vec<&str> = suggestions.iter().filter_map(|suggestion| suggestion.sql.as_deref()).collect();
    let blocks = [
        Block::Table(create_table("Indexes to create", "table to index", of(Action::Create))),
        Block::Table(create_table("Tables to examine", "table to examine", of(Action::Examine))),
        Block::Table(index_table("Indexes to rebuild", "index to rebuild", of(Action::Rebuild))),
        Block::Table(index_table("Indexes to drop", "index to drop", of(Action::Drop))),
        Block::sql("Statements", sql.join("\n")),
        Block::Table(unadvised(advice)),
        Block::list(notes(advice)),
    ];
    Shown { lead: lead(advice), blocks: blocks.into_iter().filter(|block| !block.is_empty()).collect() }
}

fn lead(advice: &IndexAdvice) -> String {
    let count = |action: Action| advice.suggestions.iter().filter(|suggestion| suggestion.action == action).count();
    let parts = [(Action::Create, "to create"), (Action::Rebuild, "to rebuild"), (Action::Drop, "to drop")];
    let mut words: Vec<String> = Vec::new();
    for (action, verb) in parts.into_iter().filter(|(action, _)| count(*action) > 0) {
        let counted = display::counted(count(action), "index", "indexes");
        words.push(format!("{counted} {verb}"));
    }
    if count(Action::Examine) > 0 {
        words.push(format!("{} to examine", display::counted(count(Action::Examine), "table", "tables")));
    }
    if words.is_empty() && advice.not_assessed.is_empty() {
        return "No index has to be created, rebuilt or dropped.".to_owned();
    }
    if words.is_empty() {
        "No suggestions, but not everything could be checked.".to_owned()
    } else {
        format!("{}.", words.join(", "))
    }
}

/// `first` heads the first column: a terminal shows no captions.
fn create_table<'a>(caption: &str, first: &str, suggestions: impl Iterator<Item = &'a Suggestion>) -> Table {
    let columns = [
        ("table", first),
        ("columns", "columns"),
        ("rows", "rows"),
        ("size", "size"),
        ("scans", "sequential scans"),
        ("reason", "reason"),
    ];
    let rows: Vec<Vec<Quantity>> = suggestions
        .map(|suggestion| {
            vec![
                suggestion.table_label.clone().into(),
                suggestion.columns.join(", ").into(),
                suggestion.rows.into(),
                suggestion.bytes.map(Bytes).into(),
                suggestion.scans.into(),
                suggestion.reason.clone().into(),
            ]
        })
        .collect();
    Table::new(caption, &columns, rows)
}

fn index_table<'a>(caption: &str, first: &str, suggestions: impl Iterator<Item = &'a Suggestion>) -> Table {
    let columns = [
        ("index", first),
        ("table", "table"),
        ("size", "size"),
        ("scans", "scans"),
        ("severity", "severity"),
        ("reason", "reason"),
    ];
    let rows: Vec<Vec<Quantity>> = suggestions
        .map(|suggestion| {
            vec![
                suggestion.label.clone().into(),
                suggestion.table_label.clone().into(),
                suggestion.bytes.map(Bytes).into(),
                suggestion.scans.into(),
                suggestion.severity.word().to_owned().into(),
                suggestion.reason.clone().into(),
            ]
        })
        .collect();
    Table::new(caption, &columns, rows)
}

fn unadvised(advice: &IndexAdvice) -> Table {
    let columns = [("table", "table"), ("rows", "rows"), ("reason", "reason")];
    let row =
        |table: &super::Unadvised| vec![table.label.clone().into(), table.rows.into(), table.reason.clone().into()];
    let rows: Vec<Vec<Quantity>> = advice.unadvised.iter().take(SHOWN).map(row).collect();
    Table::new("Tables for which no index is advised", &columns, rows)
}

/// The age of the statistics, and what could not be checked.
fn notes(advice: &IndexAdvice) -> Vec<String> {
    let ages = advice.counted.iter().map(|counted| {
        let of = counted.database.as_ref().map(|database| format!(" of database {database}")).unwrap_or_default();
        match counted.seconds {
            Some(seconds) => {
                let age = display::duration(Millis::from_seconds(seconds));
                format!("The counters{of} have counted for at least {age}")
            }
            None => format!("Since when the counters{of} count is unknown"),
        }
    });
    let missing =
        advice.not_assessed.iter().map(|missing| format!("{}: not checked, {}", missing.source, missing.reason));
    let more = number_of(&advice.suggestions);
    let more = (more > SHOWN as i64)
        .then(|| format!("{} in all; --limit shows more", display::counted(more, "suggestion", "suggestions")));
    ages.chain(missing).chain(more).collect()
}
