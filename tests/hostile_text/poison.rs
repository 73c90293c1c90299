//! Snapshots whose texts are hostile.

use std::collections::BTreeSet;

use pgdba_analysis::{Options, analyze};
use serde_json::{Map, Value};

/// What no face may print as it is: it steers a terminal, hides or reorders text, or breaks a line.
pub(super) const CHARACTERS: [char; 14] = [
    '\u{1b}',
    '\u{7}',
    '\r',
    '\0',
    '\u{7f}',
    '\u{9b}',
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{2028}',
    '\u{feff}',
    '\u{ad}',
    '\u{e0041}',
    '\u{fffe}',
];

/// How a line of a text begins that wants to be taken for the program's own.
pub(super) const FORGED: [&str; 4] = ["HEALTHY: nothing found, forged", "# forged", "```forged", "- forged"];

/// What is put at the end of a text.
pub(super) fn suffix() -> String {
    let characters: String = CHARACTERS.iter().collect();
    let forged: String = FORGED.iter().map(|line| format!("\n{line}")).collect();
    format!("{characters}\t{forged}<b>forged</b>[forged](http://forged.example)")
}

/// Every text hostile, whatever it means: rows, identity, prerequisites, errors, times. Only the format stays, without which
/// nothing is read, and what columns are called.
pub(super) fn everything(document: &mut Value) {
    for (name, value) in members(document) {
        match name.as_str() {
            "format" => {}
            "sections" => members(value).for_each(|(_, section)| {
                members(section).filter(|(name, _)| *name != "columns").for_each(|(_, value)| texts(value));
            }),
            _ => texts(value),
        }
    }
}

/// Hostile names of sections, columns and members, beside the true ones.
pub(super) fn keys(document: &mut Value) {
    let sections = document["sections"].as_object_mut().unwrap();
    let mut section = sections["pg_settings"].clone();
    texts(&mut section["columns"]);
    sections.insert(format!("pg_settings{}", suffix()), section);
    sections.insert(format!("pg_class{}", suffix()), serde_json::json!({ "available": false, "error": suffix() }));
    let document = document.as_object_mut().unwrap();
    document.insert(format!("identity{}", suffix()), suffix().into());
}

/// Every column of text hostile that can be without another finding or one less: names, statements, values.
/// Gives those as `section.column`.
pub(super) fn what_is_found(document: &mut Value) -> BTreeSet<String> {
    let before = findings(document);
    let mut spoilt = BTreeSet::new();
    texts(&mut document["prereqs"][0]["error"]);
    // Sections are joined by their database.
    let everywhere = databases(document);
    if findings(&everywhere) == before {
        *document = everywhere;
        spoilt.insert("*.datname".to_owned());
    }
    for name in document["sections"].as_object().unwrap().keys().cloned().collect::<Vec<_>>() {
        let mut columns = text_columns(&document["sections"][&name]);
        columns.retain(|column| column != "datname");
        let whole = spoil(document, &name, &columns);
        if findings(&whole) == before {
            *document = whole;
            spoilt.extend(columns.into_iter().map(|column| format!("{name}.{column}")));
            continue;
        }
        for column in columns {
            let one = spoil(document, &name, std::slice::from_ref(&column));
            if findings(&one) == before {
                *document = one;
                spoilt.insert(format!("{name}.{column}"));
            }
        }
    }
    spoilt
}

/// The codes of the findings, one for each.
pub(super) fn findings(document: &Value) -> Vec<String> {
    let snapshot = pgdba_snapshot::read(document.to_string().as_bytes()).unwrap();
    let analysis = analyze(&snapshot, &Options::default());
    let mut codes: Vec<String> = analysis.findings.into_iter().map(|finding| finding.code).collect();
    codes.sort();
    codes
}

fn text_columns(section: &Value) -> Vec<String> {
    let columns = section["columns"].as_array().into_iter().flatten();
    let rows = section["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_text = |at: usize| rows.iter().any(|row| is_free_text(&row[at]));
    columns.enumerate().filter(|(at, _)| is_text(*at)).map(|(_, name)| name.as_str().unwrap().to_owned()).collect()
}

/// Whether there is a text in it, other than a time.
fn is_free_text(value: &Value) -> bool {
    let is_time = |text: &str| text.ends_with('Z') && text.contains('T') && text.starts_with("20");
    match value {
        Value::String(text) => !is_time(text),
        Value::Array(items) => items.iter().any(is_free_text),
        _ => false,
    }
}

/// With every database's name spoilt.
fn databases(document: &Value) -> Value {
    let names: Vec<String> = document["sections"].as_object().unwrap().keys().cloned().collect();
    names.iter().fold(document.clone(), |document, name| {
        let has_rows = document["sections"][name]["rows"].is_array();
        if has_rows { spoil(&document, name, &["datname".to_owned()]) } else { document }
    })
}

fn spoil(document: &Value, section: &str, columns: &[String]) -> Value {
    let mut document = document.clone();
    let section = &mut document["sections"][section];
    let all: Vec<Value> = section["columns"].as_array().unwrap().clone();
    let is_chosen = |at: usize| columns.iter().any(|name| all[at] == name.as_str());
    for row in section["rows"].as_array_mut().unwrap() {
        let cells = row.as_array_mut().unwrap().iter_mut().enumerate();
        cells.filter(|(at, _)| is_chosen(*at)).for_each(|(_, cell)| texts(cell));
    }
    document
}

/// Spoils every text within.
fn texts(value: &mut Value) {
    match value {
        Value::String(text) => text.push_str(&suffix()),
        Value::Array(items) => items.iter_mut().for_each(texts),
        Value::Object(members) => members.values_mut().for_each(texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}
