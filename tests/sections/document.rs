//! A collected document, asked by name.

use std::collections::BTreeSet;

use pgdba_snapshot::prerequisites::extension_version;
use pgdba_snapshot::section::{ColumnType, VersionedBy};
use pgdba_snapshot::sections;
use pgdba_snapshot::{DiagSnapshot, SectionSpec};
use serde_json::{Map, Value};

use crate::program::pgdba;

pub(crate) struct Document(Value);

impl Document {
    /// What `pgdba inspect` writes.
    pub(crate) fn collected(dsn: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        let run = pgdba(&["inspect", "--dsn", dsn, "-o", file.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{dsn}: {}", run.stderr);
        Self::parse(&std::fs::read_to_string(file).unwrap())
    }

    pub(crate) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    /// The document as a program reads it.
    pub(crate) fn snapshot(&self) -> DiagSnapshot {
        pgdba_snapshot::read(self.0.to_string().as_bytes()).unwrap()
    }

    /// A member of the document besides the sections.
    pub(crate) fn member(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// A section as it stands in the document.
    pub(crate) fn section(&self, name: &str) -> &Value {
        &self.0["sections"][name]
    }

    pub(super) fn of(document: Value) -> Self {
        Self(document)
    }

    /// The sections for which `wanted` holds.
    pub(crate) fn names(&self, wanted: impl Fn(&Value) -> bool) -> BTreeSet<&str> {
        let all = self.0["sections"].as_object().unwrap();
        all.iter().filter(|(_, section)| wanted(section)).map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn columns(&self, section: &str) -> Vec<&str> {
        self.0["sections"][section]["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
    }

    /// The rows as objects.
    pub(crate) fn rows(&self, section: &str) -> Vec<Map<String, Value>> {
        let columns = self.columns(section);
        let rows = self.0["sections"][section]["rows"].as_array().unwrap();
        let object = |row: &Value| {
            let values = row.as_array().unwrap().iter().cloned();
            columns.iter().map(|name| (*name).to_owned()).zip(values).collect()
        };
        rows.iter().map(object).collect()
    }

    /// The first row in which `column` has this value.
    pub(crate) fn find(&self, section: &str, column: &str, value: impl Into<Value>) -> Map<String, Value> {
        let value: Value = value.into();
        let found = self.rows(section).into_iter().find(|row| row[column] == value);
        found.unwrap_or_else(|| panic!("no row of {section} has {column} = {value}"))
    }

    /// The sections and rows in which `text` stands, wherever that is.
    pub(crate) fn places_of(&self, text: &str) -> Vec<String> {
        let mut places = Vec::new();
        for (name, section) in self.0["sections"].as_object().unwrap() {
            let rows = section["rows"].as_array().into_iter().flatten();
            places.extend(rows.filter(|row| row.to_string().contains(text)).map(|row| format!("{name}: {row}")));
        }
        if places.is_empty() && self.0.to_string().contains(text) {
            places.push("outside of the rows".to_owned());
        }
        places
    }

    /// Columns in which a value is not of the declared type.
    pub(crate) fn mistyped(&self) -> Vec<String> {
        let mut wrong = BTreeSet::new();
        for name in self.names(|section| section["available"] == true) {
            let spec = sections::find(name).unwrap();
            for (column, value) in self.rows(name).iter().flatten() {
                let ty = spec.column(column).unwrap().ty;
                if !value.is_null() && !fits(ty, value) {
                    wrong.insert(format!("{name}.{column}: {value}"));
                }
            }
        }
        wrong.into_iter().collect()
    }

    fn server_major(&self) -> i64 {
        self.0["identity"]["server_version_num"].as_i64().unwrap() / 10_000
    }

    fn extension_version(&self, extension: &str) -> i64 {
        let all = self.0["prereqs"].as_array().unwrap();
        let found = all.iter().find(|prereq| prereq["name"] == extension).unwrap();
        extension_version(found["version"].as_str().unwrap()).unwrap()
    }
}

fn fits(ty: ColumnType, value: &Value) -> bool {
    let is_list_of = |wanted: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(wanted));
    match ty {
        ColumnType::Text => value.is_string(),
        ColumnType::Integer => value.is_i64(),
        ColumnType::Float => value.is_number(),
        ColumnType::Boolean => value.is_boolean(),
        ColumnType::Timestamp => value.as_str().is_some_and(|text| text.ends_with('Z') || text.ends_with("infinity")),
        ColumnType::IntegerList => is_list_of(Value::is_i64),
        ColumnType::FloatList => is_list_of(Value::is_number),
        ColumnType::TextList => is_list_of(Value::is_string),
    }
}

/// The columns that the section's page promises for the server of `document`: those without a version in brackets,
/// and those whose versions it is within.
pub(crate) fn expected_columns(spec: &SectionSpec, document: &Document) -> Vec<&'static str> {
    let (version, parse): (i64, fn(&str) -> Option<i64>) = match spec.versioned_by {
        VersionedBy::Server => (document.server_major(), |text| text.parse().ok()),
        VersionedBy::Extension(extension) => (document.extension_version(extension), extension_version),
    };
    let is_there = |doc: &str| versions(doc, parse).is_none_or(|(from, to)| (from..=to).contains(&version));
    spec.columns.iter().filter(|column| is_there(column.doc)).map(|column| column.name).collect()
}

/// `(13)`, `(up to 16)` or `(13 to 16)` in a column's text.
fn versions(doc: &str, parse: fn(&str) -> Option<i64>) -> Option<(i64, i64)> {
    doc.split('(').skip(1).filter_map(|rest| rest.split_once(')')).find_map(|(inside, _)| {
        if let Some(to) = inside.strip_prefix("up to ") {
            return Some((0, parse(to)?));
        }
        match inside.split_once(" to ") {
            Some((from, to)) => Some((parse(from)?, parse(to)?)),
            None => Some((parse(inside)?, i64::MAX)),
        }
    })
}
