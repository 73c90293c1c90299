//! What follows the nodes, in the column of the root.

use super::Of;
use crate::doc::{Doc, Id, Value};
use crate::error::ReadError;

/// Keys at which a line of the tail is recognized.
const KEYS: [&str; 10] = [
    "Settings",
    "Query Identifier",
    "Planning",
    "Planning Time",
    "Trigger",
    "JIT",
    "Serialization",
    "Execution Time",
    "Total runtime",
    "Optimizer",
];

/// Whether a line is of the tail.
pub(super) fn is_tail(line: &str) -> bool {
    let key = line.split_once(':').map(|(key, _)| key);
    key.is_some_and(|key| KEYS.contains(&key) || key.starts_with("Trigger "))
}

/// Writes a line of the tail; what it returns has lines of its own below.
pub(super) fn write(doc: &mut Doc<'_>, statement: Id, line: &str) -> Result<Option<(Id, Of)>, ReadError> {
    if let Some(trigger) = line.strip_prefix("Trigger ") {
        return trigger_line(doc, statement, trigger).map(|()| None);
    }
    let Some((key, value)) = line.split_once(':') else { return Ok(None) };
    let value = value.trim();
    match key {
        "Planning" => doc.push(Some(statement), "Planning", Value::Object).map(|id| Some((id, Of::Planning))),
        "JIT" => doc.push(Some(statement), "JIT", Value::Object).map(|id| Some((id, Of::Jit))),
        "Serialization" => serialization(doc, statement, value).map(|id| Some((id, Of::Serialization))),
        "Settings" => settings(doc, statement, value).map(|()| None),
        "Planning Time" | "Execution Time" => {
            doc.text_in(statement, key.to_owned(), value.trim_end_matches(" ms").to_owned()).map(|()| None)
        }
        "Query Identifier" => doc.text_in(statement, "Query Identifier", value.to_owned()).map(|()| None),
        _ => Ok(None),
    }
}

/// `audit: time=1.318 calls=301`, `for constraint orders_fk on orders: calls=3`. Names are not quoted and can contain anything, so it is
/// read from the right.
fn trigger_line(doc: &mut Doc<'_>, statement: Id, line: &str) -> Result<(), ReadError> {
    let triggers = match doc.get(statement, "Triggers") {
        Some(triggers) => triggers,
        None => doc.push(Some(statement), "Triggers", Value::Array)?,
    };
    let trigger = doc.push(Some(triggers), "", Value::Object)?;
    let (name, figures) = line.rsplit_once(": ").unwrap_or((line, ""));
    let (name, constraint) = match name.strip_prefix("for constraint ") {
        Some(constraint) => ("", Some(constraint)),
        None => {
            name.rsplit_once(" for constraint ").map_or((name, None), |(name, constraint)| (name, Some(constraint)))
        }
    };
    let last = constraint.unwrap_or(name);
    let (last, relation) = last.rsplit_once(" on ").map_or((last, None), |(last, relation)| (last, Some(relation)));
    let members = match constraint {
        Some(_) => [("Trigger Name", Some(name).filter(|name| !name.is_empty())), ("Constraint Name", Some(last))],
        None => [("Trigger Name", Some(last)), ("Constraint Name", None)],
    };
    for (key, value) in members.into_iter().chain([("Relation", relation)]) {
        if let Some(value) = value {
            doc.text_in(trigger, key, value.to_owned())?;
        }
    }
    for figure in figures.split(' ') {
        match figure.split_once('=') {
            Some(("time", time)) => doc.text_in(trigger, "Time", time.to_owned())?,
            Some(("calls", calls)) => doc.text_in(trigger, "Calls", calls.to_owned())?,
            _ => {}
        }
    }
    Ok(())
}

/// `work_mem = '64kB', search_path = '"$user", public'`: a value can contain commas and quotes, and the server does not escape them.
fn settings(doc: &mut Doc<'_>, statement: Id, line: &str) -> Result<(), ReadError> {
    let settings = doc.push(Some(statement), "Settings", Value::Object)?;
    let mut rest = line;
    while let Some((name, behind)) = rest.split_once(" = '") {
        let end = next_setting(behind);
        let value = behind.get(..end).unwrap_or(behind);
        doc.text_in(settings, name.to_owned(), value.strip_suffix('\'').unwrap_or(value).to_owned())?;
        rest = behind.get(end..).unwrap_or_default().trim_start_matches(", ");
    }
    Ok(())
}

/// Where the value ends, with its quote: before `, name = '`.
fn next_setting(text: &str) -> usize {
    let is_setting = |rest: &str| {
        let name = rest.split_once(" = '").map(|(name, _)| name);
        name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))
        })
    };
    text.match_indices("', ")
        .find(|(at, _)| text.get(at + 3..).is_some_and(is_setting))
        .map_or(text.len(), |(at, _)| at + 1)
}

/// `time=0.1 ms  output=1kB  format=text`.
fn serialization(doc: &mut Doc<'_>, statement: Id, value: &str) -> Result<Id, ReadError> {
    let object = doc.push(Some(statement), "Serialization", Value::Object)?;
    for part in value.split(' ') {
        match part.split_once('=') {
            Some(("time", time)) => doc.text_in(object, "Time", time.to_owned())?,
            Some(("output", volume)) => {
                doc.text_in(object, "Output Volume", volume.trim_end_matches("kB").to_owned())?
            }
            Some(("format", format)) => doc.text_in(object, "Format", format.to_owned())?,
            _ => {}
        }
    }
    Ok(object)
}
