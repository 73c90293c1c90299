//! Cells in double quotes: CSV, pgAdmin, and the messages of a CSV log.

use std::borrow::Cow;

/// The text with its quoted cells as they are: quotes around them gone, doubled ones inside single.
pub(super) fn unquoted(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_quoted(&text) || text.contains(MESSAGE) { Cow::Owned(cells(&text)) } else { text }
}

/// How a message of auto_explain begins in a CSV log.
const MESSAGE: &str = ",\"duration: ";

/// Whether the first line, a header apart, is or begins a quoted cell, and not a member of a JSON object.
fn is_quoted(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.find(|line| line.trim_matches('"') != "QUERY PLAN");
    // Plans need quotes in CSV if they contain a comma or a quote; then their first line might not be quoted.
    let has_header = text.trim_start().trim_start_matches('"').starts_with("QUERY PLAN");
    first.is_some_and(|line| line.starts_with('"') && !line.contains("\": ")) || has_header && text.contains("\n\"")
}

fn cells(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let start = if line.starts_with('"') { Some(0) } else { line.find(MESSAGE).map(|at| at + 1) };
        match start.and_then(|start| cell(rest.get(start + 1..)?)) {
            Some((content, behind)) => {
                out.push_str(&content);
                rest = behind.split_once('\n').map_or("", |(_, next)| next);
            }
            None => {
                out.push_str(line);
                rest = rest.get(line.len() + 1..).unwrap_or_default();
            }
        }
        out.push('\n');
    }
    out
}

/// The content of a cell behind its opening quote, and what follows the closing one, which must end a cell.
fn cell(text: &str) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut rest = text;
    loop {
        let (piece, behind) = rest.split_once('"')?;
        content.push_str(piece);
        match behind.strip_prefix('"') {
            Some(behind) => {
                content.push('"');
                rest = behind;
            }
            None if behind.is_empty() || behind.starts_with(['\n', ',', ';', '\t', ' ']) => {
                return Some((content, behind));
            }
            None => return None,
        }
    }
}
