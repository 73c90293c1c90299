//! Collations whose library has changed.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_collation::PgCollation;
use pgdba_snapshot::sections::pg_database::PgDatabase;

use pgdba_pg::quote::quote_qualified;

/// A database with collations that sort by another version of their library than when they were made.
#[derive(Debug)]
pub struct ChangedCollations {
    /// Its name.
    pub database: String,
    /// The version before and now of its default collation, if that has changed.
    pub default: Option<(String, String)>,
    /// The other collations, quoted for statements, with both versions.
    pub others: Vec<(String, String, String)>,
}

/// Both versions, where both are known and differ.
fn changed(before: Option<&String>, now: Option<&String>) -> Option<(String, String)> {
    let (before, now) = before.zip(now)?;
    (before != now).then(|| (before.clone(), now.clone()))
}

/// The databases with changed collations, by name.
pub(super) fn changed_by_database(databases: &[PgDatabase], collations: &[PgCollation]) -> Vec<ChangedCollations> {
    let mut found = BTreeMap::<&str, ChangedCollations>::new();
    let new = |database: &str| ChangedCollations { database: database.to_owned(), default: None, others: Vec::new() };
    for row in databases.iter().filter(|row| row.datallowconn != Some(false)) {
        if let Some(versions) = changed(row.datcollversion.as_ref(), row.actual_version.as_ref()) {
            found.entry(&row.datname).or_insert_with(|| new(&row.datname)).default = Some(versions);
        }
    }
    for row in collations {
        let database = row.datname.as_deref().unwrap_or_default();
        let name = row.nspname.as_ref().zip(row.collname.as_ref()).map(|(schema, name)| quote_qualified(schema, name));
        let versions = changed(row.collversion.as_ref(), row.actual_version.as_ref());
        if let Some(((before, now), name)) = versions.zip(name) {
            found.entry(database).or_insert_with(|| new(database)).others.push((name, before, now));
        }
    }
    found.into_values().collect()
}
