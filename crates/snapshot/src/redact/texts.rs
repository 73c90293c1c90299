//! Every text of a section, wherever it is: for checks that must not rely on what redaction knows of columns.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

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
    let columns: Columns = serde_json::from_str(json).unwrap_or_default();
    sample(json, &columns.columns, visit);
}

#[derive(Default, serde::Deserialize)]
struct Columns {
    columns: Vec<String>,
}

/// A section or an earlier sample of it. A member that is there twice is shown twice.
fn sample(json: &str, columns: &[String], visit: &mut dyn FnMut(Place<'_>, &str)) {
    let Ok(Members(members)) = serde_json::from_str(json) else {
        return whole(Place { column: "", parameter: "" }, json, visit);
    };
    for (name, member) in members {
        match name.as_str() {
            "rows" => match serde_json::from_str::<Vec<Value>>(member.get()) {
                Ok(rows) => rows.iter().for_each(|cells| row(cells, columns, visit)),
                Err(_) => whole(Place { column: "rows", parameter: "" }, member.get(), visit),
            },
            "earlier" => sample(member.get(), columns, visit),
            "between" => match serde_json::from_str::<Vec<&RawValue>>(member.get()) {
                Ok(samples) => samples.iter().for_each(|one| sample(one.get(), columns, visit)),
                Err(_) => whole(Place { column: "between", parameter: "" }, member.get(), visit),
            },
            _ => {
                visit(Place { column: "members", parameter: "" }, &name);
                whole(Place { column: &name, parameter: "" }, member.get(), visit);
            }
        }
    }
}

/// A JSON value of any kind; what is not JSON is one text.
fn whole(place: Place<'_>, json: &str, visit: &mut dyn FnMut(Place<'_>, &str)) {
    match serde_json::from_str(json) {
        Ok(parsed) => value(place, &parsed, visit),
        Err(_) => visit(place, json),
    }
}

/// The members of an object as they stand.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
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
