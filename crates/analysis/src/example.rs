//! Small snapshots in a short form, for the examples of rule pages and for tests.
//!
//! ```json
//! { "version": 17, "pg_settings": [ { "name": "fsync", "setting": "off" } ] }
//! ```
//! Every member except `version` (a major version, default 18), `collected_at` and `plan` is a section, its rows as objects.
//! `plan` is one object of `EXPLAIN (FORMAT JSON)`, or the lines of its text form.
//! The result goes through the same reader as every other document.

use std::collections::BTreeSet;

use pgdba_snapshot::DiagSnapshot;
use serde_json::{Map, Value, json};

use crate::facts::explained::Explained;

/// The time of collection of examples that do not set one.
pub const COLLECTED_AT: &str = "2026-01-01T12:00:00Z";

/// The snapshot that `text` describes.
///
/// # Errors
/// A message if the text is not a JSON object of that form.
pub fn snapshot(text: &str) -> Result<DiagSnapshot, String> {
    let Value::Object(members) = serde_json::from_str(text).map_err(|error| error.to_string())? else {
        return Err("an example must be a JSON object".to_owned());
    };
    let version = members.get("version").and_then(Value::as_i64).unwrap_or(18);
    let collected_at = members.get("collected_at").and_then(Value::as_str).unwrap_or(COLLECTED_AT);
    let sections: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "version" | "collected_at" | "plan"))
        .map(|(name, rows)| section(rows).map(|section| (name.clone(), section)))
        .collect::<Result<_, _>>()?;
    // Only a delta has sections of what was sampled in its window.
    let is_sampled = |name: &String| pgdba_snapshot::sections::find(name).is_some_and(|spec| spec.sampled);
    let mode = if sections.keys().any(is_sampled) { "delta" } else { "single" };
    let document = json!({
        "format": pgdba_snapshot::FORMAT,
        "format_version": pgdba_snapshot::FORMAT_VERSION,
        "collected_at": collected_at,
        "sampling": { "mode": mode },
        "identity": { "server_version_num": version * 10_000 },
        "sections": sections,
    });
    pgdba_snapshot::read(document.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// The plan of an example that has one.
///
/// # Errors
/// A message if it cannot be read.
pub fn plan(text: &str) -> Result<Option<Explained>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let text = match value.get("plan") {
        None => return Ok(None),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        Some(plan) => plan.to_string(),
    };
    let plans = pgdba_plan::read(&text).map_err(|error| error.to_string())?;
    Ok(plans.into_iter().next().map(Explained::new))
}

/// Rows as objects become columns and rows; an object instead of a list is taken as the section itself.
fn section(rows: &Value) -> Result<Value, String> {
    let rows = match rows {
        Value::Array(rows) => rows,
        Value::Object(_) => return Ok(rows.clone()),
        _ => return Err("a section must be an array of rows".to_owned()),
    };
    let columns: BTreeSet<&String> = rows.iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    let values: Vec<Vec<&Value>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| row.get(column.as_str()).unwrap_or(&Value::Null)).collect())
        .collect();
    Ok(json!({ "available": true, "columns": columns, "rows": values }))
}

/// A row of `pg_class` for a large relation of this kind.
#[cfg(test)]
pub(crate) fn relation(oid: i64, kind: &str) -> Value {
    json!({ "oid": oid, "nspname": "s", "relname": format!("r{oid}"), "relkind": kind, "amname": "btree", "size_bytes": 90_000_000,
            "size_source": "pg_relation_size" })
}

/// A row of `pg_index` for a B-tree index on these columns of relation 1.
#[cfg(test)]
pub(crate) fn btree(oid: i64, keys: &[i64]) -> Value {
    json!({ "indexrelid": oid, "indrelid": 1, "indkey": keys, "indisvalid": true, "indclass": vec![1978; keys.len()],
            "indcollation": vec![0; keys.len()], "indoption": vec![0; keys.len()] })
}
