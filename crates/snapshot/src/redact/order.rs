//! The order of rows that a server sorts by name: by token in a redacted document, by name again in a restored one.

use serde_json::Value;

use super::kind::Kind;
use super::own;
use crate::section::{Scope, SectionSpec};
use crate::sections::pg_settings;

/// Sections whose rows the server gives in the order of names, or of what may be hashes of names, which would betray the order of
/// what the tokens stand for: the columns that it sorts by first, and those.
pub(super) const ORDERED_BY_NAME: [(&str, &[&str], &[&str]); 6] = [
    ("pg_db_role_setting", &["datname", "rolname"], &["name"]),
    ("pg_locks", &["pid", "granted", "locktype", "database"], &["classid", "objid", "objsubid"]),
    ("pg_policy", &["polrelid"], &["polname"]),
    ("pg_replication_slots", &[], &["slot_name"]),
    (pg_settings::SPEC.name, &[], &["name"]),
    ("pg_subscription", &[], &["subname"]),
];

/// A row with what its place depends on.
pub(super) struct Row {
    database: String,
    run: Vec<String>,
    name: Vec<String>,
    /// The row itself.
    pub(super) json: String,
}

impl From<String> for Row {
    /// What is not a row: it stays where it is among its like.
    fn from(json: String) -> Self {
        Self { database: String::new(), run: Vec::new(), name: Vec::new(), json }
    }
}

/// The columns that the order of a section's rows depends on, by their places in a row.
#[derive(Default)]
pub(super) struct Order {
    is_of_settings: bool,
    database: Option<usize>,
    run: Vec<usize>,
    name: Vec<usize>,
}

impl Order {
    /// The order of the rows of `spec`; `at` is the place of a column.
    pub(super) fn of(spec: Option<&SectionSpec>, at: &dyn Fn(&str) -> Option<usize>) -> Self {
        let Some(spec) = spec else { return Self::default() };
        let listed = ORDERED_BY_NAME.iter().find(|(section, ..)| *section == spec.name);
        let places = |columns: &[&str]| columns.iter().filter_map(|column| at(column)).collect();
        Self {
            is_of_settings: spec.name == pg_settings::SPEC.name,
            // The databases of a cluster are read in the order of their names.
            database: at("datname").filter(|_| spec.scope == Scope::Database),
            run: listed.map(|(_, run, _)| places(run)).unwrap_or_default(),
            name: listed.map(|(.., name)| places(name)).unwrap_or_default(),
        }
    }

    /// The row that consists of `cells`, each as JSON.
    pub(super) fn row(&self, cells: &[String]) -> Row {
        let text = |at: &usize| match cells.get(*at).map(|cell| serde_json::from_str(cell)) {
            Some(Ok(Value::String(text))) => text,
            _ => cells.get(*at).cloned().unwrap_or_default(),
        };
        Row {
            database: self.database.as_ref().map(text).unwrap_or_default(),
            run: self.run.iter().map(text).collect(),
            name: self.name.iter().map(text).collect(),
            json: format!("[{}]", cells.join(",")),
        }
    }

    /// `rows` in the order that the server would give them if the names were those that they hold now.
    pub(super) fn sorted(&self, mut rows: Vec<Row>) -> Vec<Row> {
        if self.is_of_settings {
            return settings(rows);
        }
        for run in rows.chunk_by_mut(|one, other| one.database == other.database && one.run == other.run) {
            run.sort_by(|one, other| one.name.cmp(&other.name));
        }
        rows.sort_by(|one, other| one.database.cmp(&other.database));
        rows
    }
}

/// Parameters of extensions that nobody knows among the others, which are in the order of the server's collation: tokens behind
/// them, names where they belong.
fn settings(rows: Vec<Row>) -> Vec<Row> {
    let name = |row: &Row| row.name.first().cloned().unwrap_or_default();
    let (mut sorted, mut others): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| own::is_own(Kind::Parameter, &name(row)));
    let is_of_bytes = sorted.is_sorted_by_key(name);
    let collated = |row: &Row| if is_of_bytes { name(row) } else { name(row).to_ascii_lowercase() };
    others.sort_by_key(collated);
    for row in others {
        let is_token = super::key::is_token(&name(&row));
        let before = sorted.iter().rposition(|other| is_token || collated(other) < collated(&row));
        sorted.insert(before.map_or(0, |before| before + 1), row);
    }
    sorted
}
