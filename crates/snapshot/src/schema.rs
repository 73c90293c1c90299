//! The JSON Schema of the document, made from the types that read and write it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::document::{FORMAT, FORMAT_VERSION, Prereq, Producer, Sampling};
use crate::identity::Identity;
use crate::section::{ColumnRole, ColumnSpec, ColumnType, Partial, SectionSpec};
use crate::sections;

/// A pgdba DiagSnapshot: what one PostgreSQL cluster reported about itself.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "DiagSnapshot")]
struct Document {
    format: String,
    format_version: i64,
    /// Whether names are replaced by tokens; absent if not.
    redacted: Option<bool>,
    /// Identifies the key that restores the names: a digest that reveals nothing about the key.
    redaction_key: Option<String>,
    producer: Producer,
    collected_at: String,
    identity: Identity,
    prereqs: Vec<Prereq>,
    sampling: Sampling,
    sections: std::collections::BTreeMap<String, SectionDocument>,
    /// SHA-256 of every byte before the comma that precedes this member; absent or null if it could not be computed.
    checksum: Option<String>,
}

/// One section: column names once, then rows as arrays in their order.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Section")]
struct SectionDocument {
    /// Whether the section could be read.
    available: bool,
    /// Why it could not.
    error: Option<String>,
    /// Why some rows or columns are hidden.
    limited: Option<String>,
    /// When it was read, by the collector's clock (RFC 3339).
    collected_at: Option<String>,
    /// How long reading took, in milliseconds.
    duration_ms: Option<f64>,
    /// When its counters were last reset (RFC 3339).
    stats_reset: Option<String>,
    /// How many times it was sampled, if its rows are counts over several samples.
    readings: Option<u64>,
    /// Names of the columns, as the server names them.
    columns: Option<Vec<String>>,
    /// The rows; in a delta as they were at its end.
    rows: Option<Vec<Vec<Value>>>,
    /// The sample at the beginning of a delta.
    earlier: Option<SampleDocument>,
    /// The samples between the beginning and the end of a delta.
    between: Option<Vec<SampleDocument>>,
    /// The databases whose rows are missing.
    partial: Option<Vec<Partial>>,
}

/// The rows of a section at another time, in the section's columns.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Sample")]
struct SampleDocument {
    /// When they were read, by the collector's clock (RFC 3339).
    collected_at: Option<String>,
    /// The rows.
    rows: Vec<Vec<Value>>,
}

/// The schema of the snapshot, with the columns of every known section under `x-sections`.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    let known: serde_json::Map<String, Value> =
        sections::ALL.iter().map(|spec| (spec.name.to_owned(), describe(spec))).collect();
    if let Some(members) = schema.as_object_mut() {
        members.insert("x-sections".to_owned(), Value::Object(known));
    }
    if let Some(format) = schema.pointer_mut("/properties/format") {
        *format = json!({ "const": FORMAT });
    }
    if let Some(version) = schema.pointer_mut("/properties/format_version") {
        *version = json!({ "type": "integer", "minimum": 1, "maximum": FORMAT_VERSION });
    }
    schema
}

fn describe(spec: &SectionSpec) -> Value {
    json!({
        "description": spec.doc.trim(),
        "since": spec.since,
        "scope": spec.scope,
        "cumulative": spec.is_cumulative(),
        "key": spec.key,
        "samples": samples(spec),
        "columns": spec.columns.iter().map(describe_column).collect::<Vec<_>>(),
    })
}

/// The members that hold samples of the section in a delta, besides its rows.
fn samples(spec: &SectionSpec) -> &'static [&'static str] {
    match (spec.is_cumulative(), spec.is_sampled_between) {
        (true, true) => &["earlier", "between"],
        (true, false) => &["earlier"],
        (false, true) => &["between"],
        (false, false) => &[],
    }
}

fn describe_column(column: &ColumnSpec) -> Value {
    json!({ "name": column.name, "type": json_type(column.ty), "role": column.role, "description": column.doc.trim() })
}

/// What the section pages say of a column's role; nothing of a gauge.
#[must_use]
pub fn role_name(role: ColumnRole) -> &'static str {
    match role {
        ColumnRole::Gauge => "",
        ColumnRole::Counter => "counter",
        ColumnRole::CountedSince => "reset time",
        ColumnRole::Maximum => "maximum since reset",
        ColumnRole::Minimum => "minimum since reset",
    }
}

/// How the schema and the section pages name a column's type.
#[must_use]
pub fn json_type(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "string",
        ColumnType::Integer => "integer",
        ColumnType::Float => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Timestamp => "string (date-time)",
        ColumnType::IntegerList => "array of integer",
        ColumnType::FloatList => "array of number",
        ColumnType::TextList => "array of string",
    }
}
