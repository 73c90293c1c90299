//! Every text of a section, wherever it is: for checks that must not rely on what redaction knows of columns.

use serde_json::Value;

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The column; for what is not in a row, the member.
    pub(super) column: &'a str,
    /// The row's `name`, if it has one: the parameter of a setting.
    pub(super) parameter: &'a str,
}

/// Shows `visit` every text of the section `json`.
pub(super) fn each(json: &str, visit: &mut dyn FnMut(Place<'_>, &str)) {
    let Ok(section) = serde_json::from_str::<Value>(json) else {
        return visit(Place { column: "", parameter: "" }, json);
    };
    let columns: Vec<String> =
        section.get("columns").and_then(|columns| serde_json::from_value(columns.clone()).ok()).unwrap_or_default();
    sample(&section, &columns, visit);
}

/// A section or an earlier sample of it.
fn sample(sample: &Value, columns: &[String], visit: &mut dyn FnMut(Place<'_>, &str)) {
    let Value::Object(members) = sample else { return value(Place { column: "", parameter: "" }, sample, visit) };
    for (name, member) in members {
        match (name.as_str(), member) {
            ("rows", Value::Array(rows)) => rows.iter().for_each(|cells| row(cells, columns, visit)),
            ("earlier", Value::Object(_)) => self::sample(member, columns, visit),
            ("between", Value::Array(samples)) => samples.iter().for_each(|one| self::sample(one, columns, visit)),
            _ => {
                visit(Place { column: "members", parameter: "" }, name);
                value(Place { column: name, parameter: "" }, member, visit);
            }
        }
    }
}

fn row(cells: &Value, columns: &[String], visit: &mut dyn FnMut(Place<'_>, &str)) {
    let Value::Array(cells) = cells else { return value(Place { column: "rows", parameter: "" }, cells, visit) };
    let name = columns.iter().position(|column| column == "name").and_then(|at| cells.get(at)).and_then(Value::as_str);
    for (at, cell) in cells.iter().enumerate() {
        let column = columns.get(at).map_or("rows", String::as_str);
        value(Place { column, parameter: name.unwrap_or_default() }, cell, visit);
    }
}

fn value(place: Place<'_>, value: &Value, visit: &mut dyn FnMut(Place<'_>, &str)) {
    match value {
        Value::String(text) => visit(place, text),
        Value::Array(items) => items.iter().for_each(|item| self::value(place, item, visit)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            visit(place, name);
            self::value(place, member, visit);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
