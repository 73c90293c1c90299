//! How a statement is shown in a table.

use super::Row;
use crate::Quantity;
use crate::facts::growth::Sampled;
use crate::facts::statements::Statement;

/// Characters of a statement's text that a table shows.
pub(super) const MAX_TEXT: usize = 160;

/// Characters of a statement's text that a chart shows.
pub(super) const MAX_LABEL: usize = 40;

/// The columns that identify a statement; the identifier comes first, which is never broken.
pub(super) const IDENTITY: [(&str, &str); 2] = [("query_id", "query ID"), ("query", "query")];

/// The columns of every table of statements that come last.
pub(super) const LAST: [(&str, &str); 4] =
    [("rows_per_call", "rows per call"), ("cache_hit", "cache hit"), ("database", "database"), ("role", "role")];

/// The identifier and the beginning of the text.
pub(super) fn identity(statement: &Statement) -> Vec<Quantity> {
    vec![statement.row.queryid.clone().into(), one_line(statement, MAX_TEXT).into()]
}

/// Rows per call, cache hit ratio, database and role.
pub(super) fn last((statement, counted): &Row<'_>) -> [Quantity; 4] {
    [
        counted.rows_per_call().map_or(Quantity::Unknown, Quantity::Number),
        counted.cache_hit().into(),
        statement.row.datname.clone().into(),
        statement.role.clone().into(),
    ]
}

/// Calls; over the window of a delta how many per second.
pub(super) fn calls((_, counted): &Row<'_>, sampled: Option<&Sampled>) -> Quantity {
    match sampled {
        Some(sampled) => counted.calls_per_second(sampled).map_or(Quantity::Unknown, Quantity::PerSecond),
        None => counted.0.calls.into(),
    }
}

/// The beginning of a statement's text in one line.
pub(super) fn one_line(statement: &Statement, longest: usize) -> String {
    if statement.is_hidden() {
        return "<hidden from the collecting role>".to_owned();
    }
    let words: Vec<&str> = statement.row.query.as_deref().unwrap_or_default().split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
