//! A document of the script against native ones of the same server, value by value.
//!
//! The native collection runs before the script and again behind it. What both say alike the script must say too; what
//! moved in between must be of the same kind, and if it is a number or a time, between the two.

use pgdba_pg::mask::setting;
use pgdba_snapshot::section::{ColumnType, Mask};
use pgdba_snapshot::sections;
use serde_json::{Map, Value};

use crate::sections::document::Document;

/// The section that the native collector completes without the server.
const HOST: &str = "host";

/// Columns that may say something else, and why. Everything else must be alike.
const OTHERWISE: [(&str, &str, Otherwise); 4] = [
    // Only the script's first words leave the site.
    ("pg_stat_activity", "query", Otherwise::FirstWord),
    // Texts with a quote or a comment, and those of utility statements, are not kept.
    ("pg_stat_statements", "query", Otherwise::FirstWord),
    // What the client calls itself.
    ("pg_settings", "application_name", Otherwise::OwnSession),
    // The native client always asks for UTF-8 when it connects.
    ("pg_settings", "client_encoding", Otherwise::OwnSession),
];

#[derive(Clone, Copy, PartialEq)]
enum Otherwise {
    FirstWord,
    OwnSession,
}

/// Everything in which `script` is not what it should be, one line each.
pub(super) fn differences(before: &Document, script: &Document, after: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for member in ["format", "format_version", "prereqs"] {
        if script.member(member) != before.member(member) {
            found.push(format!("{member}: {} and {}", before.member(member), script.member(member)));
        }
    }
    // Samples belong to deltas, which the script cannot take.
    let of_one_look = |name: &str| sections::find(name).is_some_and(|spec| !spec.sampled);
    let native: Vec<_> = before.names(|_| true).into_iter().filter(|name| of_one_look(name)).collect();
    let written: Vec<_> = script.names(|_| true).into_iter().collect();
    if native != written {
        found.push(format!("sections: {native:?} and {written:?}"));
        return found;
    }
    for name in native {
        if name == HOST {
            host(before, script, &mut found);
            continue;
        }
        section(name, before, script, after, &mut found);
    }
    found
}

/// The machine: the native collector runs beside these servers, sees their processes, and reads it itself too. What it
/// adds stands behind what the server gives.
fn host(before: &Document, script: &Document, found: &mut Vec<String>) {
    if script.section(HOST)["available"] != true {
        return;
    }
    if !before.columns(HOST).starts_with(&script.columns(HOST)) {
        found.push(format!("{HOST}: columns: {:?} and {:?}", before.columns(HOST), script.columns(HOST)));
    }
    let total = |document: &Document| {
        let row = document.rows(HOST).remove(0);
        let memory = row["meminfo"].as_str().and_then(|text| text.lines().next()).map(str::to_owned);
        (row["source"].clone(), memory, row["cpu_online"].clone())
    };
    if total(before) != total(script) {
        found.push(format!("{HOST}: {:?} and {:?}", total(before), total(script)));
    }
}

fn section(name: &str, before: &Document, script: &Document, after: &Document, found: &mut Vec<String>) {
    let (native, written) = (before.section(name), script.section(name));
    for member in ["available", "error", "limited"] {
        if native[member] != written[member] {
            found.push(format!("{name}: {member}: {} and {}", native[member], written[member]));
        }
    }
    if native["available"] != true || written["available"] != true {
        return;
    }
    if native["columns"] != written["columns"] {
        found.push(format!("{name}: columns: {} and {}", native["columns"], written["columns"]));
        return;
    }
    let (first, rows, last) = (before.rows(name), script.rows(name), after.rows(name));
    if first.len() != last.len() {
        // Statements of the collections themselves, sessions that came and went: what was there all the time is there.
        let stable = first.iter().filter(|row| last.iter().any(|later| key(name, later) == key(name, row)));
        let missing = stable.filter(|row| !rows.iter().any(|other| key(name, other) == key(name, row))).count();
        if missing > 0 {
            found.push(format!("{name}: {missing} rows are missing"));
        }
        return;
    }
    if rows.len() != first.len() {
        found.push(format!("{name}: {} rows and {}", first.len(), rows.len()));
        return;
    }
    for ((first, row), last) in first.iter().zip(&rows).zip(&last) {
        for (column, value) in row {
            let (earlier, later) = (&first[column], &last[column]);
            if !is_as_expected(name, row, column, [earlier, value, later]) {
                found.push(format!("{name}.{column}: {earlier}, {value}, {later}"));
            }
        }
    }
}

/// What tells one row of a section with changing rows from another.
fn key<'r>(name: &str, row: &'r Map<String, Value>) -> Vec<&'r Value> {
    let columns: &[&str] = match name {
        "pg_stat_statements" => &["userid", "dbid", "queryid", "toplevel"],
        "pg_locks" | "lock_counts" => &["pid", "locktype", "mode"],
        _ => &["pid"],
    };
    columns.iter().filter_map(|column| row.get(*column)).collect()
}

fn is_as_expected(section: &str, row: &Map<String, Value>, column: &str, values: [&Value; 3]) -> bool {
    let [earlier, value, later] = values;
    if value == earlier || value == later || numbers_alike(value, earlier) {
        return true;
    }
    let parameter = row.get("name").and_then(Value::as_str).unwrap_or_default();
    for (name, of, otherwise) in OTHERWISE {
        if name == section && (of == column || of == parameter && otherwise == Otherwise::OwnSession) {
            return otherwise == Otherwise::OwnSession || is_first_word(value);
        }
    }
    let spec = sections::find(section).and_then(|spec| spec.column(column)).unwrap();
    match spec.mask {
        // The script writes every constant alike; what tells them apart is another in every native document.
        Some(Mask::Expression) if value != "***" => value == &without_marks(earlier),
        // The script masks the whole of what the native collection masks in part.
        Some(_) if value == "***" => may_be_masked_whole(spec.mask, parameter, earlier),
        _ => earlier != later && lies_between(spec.ty, earlier, value, later),
    }
}

/// An expression without what tells its constants apart.
fn without_marks(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return Value::Null };
    let mut parts = text.split('?');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push('?');
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    plain.into()
}

fn numbers_alike(one: &Value, other: &Value) -> bool {
    matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

fn is_first_word(value: &Value) -> bool {
    value.as_str().is_some_and(|word| word == "?" || !word.is_empty() && word.bytes().all(|c| c.is_ascii_uppercase()))
}

fn may_be_masked_whole(mask: Option<Mask>, parameter: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match mask {
        Some(Mask::Setting) => {
            let is_known = parameter == setting::CONNINFO || setting::COMMANDS.contains(&parameter);
            is_known || parameter.contains('.') || text.contains("***") || text.contains("://")
        }
        Some(Mask::Urls) => text.contains("://"),
        Some(Mask::Conninfo) => !text.is_empty(),
        Some(Mask::Expression) => text.contains('"') || text.contains('?'),
        Some(Mask::Sql | Mask::QueryId) | None => false,
    }
}

fn lies_between(ty: ColumnType, earlier: &Value, value: &Value, later: &Value) -> bool {
    match ty {
        ColumnType::Integer | ColumnType::Float => match (earlier.as_f64(), value.as_f64(), later.as_f64()) {
            (Some(earlier), Some(value), Some(later)) => earlier.min(later) <= value && value <= earlier.max(later),
            _ => true,
        },
        // Of one length but for the fraction, so that they compare as text as far as that goes.
        ColumnType::Timestamp => match (earlier.as_str(), value.as_str(), later.as_str()) {
            (Some(earlier), Some(value), Some(later)) => {
                let seconds = |text: &str| text[..19].to_owned();
                seconds(earlier) <= seconds(value) && seconds(value) <= seconds(later) && value.ends_with('Z')
            }
            _ => true,
        },
        _ => std::mem::discriminant(earlier) == std::mem::discriminant(value) || earlier.is_null() || value.is_null(),
    }
}
