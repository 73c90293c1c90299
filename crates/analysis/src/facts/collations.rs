//! Collations whose library has changed.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_collation::PgCollation;

use pgdba_pg::quote::quote_qualified;

use super::Facts;
use super::columns::Columns;
use super::indexes::Index;
use crate::format::Checked;

/// A database with collations that sort by another version of their library than when they were made.
#[derive(Debug)]
pub struct ChangedCollations {
    /// Its name.
    pub database: String,
    /// The version before and now of its default collation, if that has changed.
    pub default: Option<(String, String)>,
    /// The other collations.
    pub others: Vec<ChangedCollation>,
    /// The indexes, quoted for statements, that must be rebuilt but that REINDEX CONCURRENTLY skips: those of exclusion
    /// constraints, and invalid ones. None if the snapshot does not contain the indexes of the database.
    pub skipped: Option<Vec<String>>,
}

/// A collation that is not the default of its database.
#[derive(Debug)]
pub struct ChangedCollation {
    /// Its name, quoted for statements.
    pub name: String,
    /// The version before.
    pub before: String,
    /// The version now.
    pub now: String,
    /// Whether a column or an index has it, as far as that is known; else nothing must be rebuilt.
    pub is_used: bool,
}

impl ChangedCollations {
    /// Whether something is sorted by a changed collation, so that it must be rebuilt.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.default.is_some() || self.others.iter().any(|other| other.is_used)
    }
}

/// Both versions, where both are known and differ.
fn changed(before: Option<&String>, now: Option<&String>) -> Option<(String, String)> {
    let (before, now) = before.zip(now)?;
    (before != now).then(|| (before.clone(), now.clone()))
}

/// The databases with changed collations, by name.
pub(super) fn changed_by_database(facts: &Facts<'_>) -> Checked<Vec<ChangedCollations>> {
    let (databases, collations) = (facts.database_catalog()?, facts.rows::<PgCollation>()?);
    let (indexes, columns) = (facts.indexes().ok().map(Vec::as_slice), facts.columns().ok());
    let mut found = BTreeMap::<&str, ChangedCollations>::new();
    let new = |database: &str| ChangedCollations {
        database: database.to_owned(),
        default: None,
        others: Vec::new(),
        skipped: indexes.filter(|_| is_read(database, &collations)).map(|indexes| skipped(indexes, database)),
    };
    for row in databases.iter().filter(|row| row.datallowconn != Some(false)) {
        if let Some(versions) = changed(row.datcollversion.as_ref(), row.actual_version.as_ref()) {
            found.entry(&row.datname).or_insert_with(|| new(&row.datname)).default = Some(versions);
        }
    }
    for row in &collations {
        let database = row.datname.as_deref().unwrap_or_default();
        let name = row.nspname.as_ref().zip(row.collname.as_ref()).map(|(schema, name)| quote_qualified(schema, name));
        let versions = changed(row.collversion.as_ref(), row.actual_version.as_ref());
        if let Some(((before, now), name)) = versions.zip(name) {
            let is_used = is_used(row, indexes, columns);
            let other = ChangedCollation { name, before, now, is_used };
            found.entry(database).or_insert_with(|| new(database)).others.push(other);
        }
    }
    Ok(found.into_values().collect())
}

/// Whether the snapshot contains what is in a database: each has collations of its own.
fn is_read(database: &str, collations: &[PgCollation]) -> bool {
    collations.iter().any(|row| row.datname.as_deref().unwrap_or_default() == database)
}

/// Whether a column or an index has a collation; true if that is unknown.
fn is_used(collation: &PgCollation, indexes: Option<&[Index]>, columns: Option<&Columns>) -> bool {
    let (Some(indexes), Some(columns)) = (indexes, columns) else { return true };
    let database = collation.datname.as_deref();
    let has = |index: &Index| index.catalog.indcollation.as_ref().is_none_or(|all| all.contains(&collation.oid));
    let in_index = indexes.iter().any(|index| index.name.database() == database && has(index));
    in_index || columns.has_collation(database, collation.oid)
}

/// The indexes of a database that REINDEX CONCURRENTLY skips, where they can contain strings. An invalid copy that it left behind
/// is dropped, not rebuilt; a partitioned index has nothing to rebuild but its partitions.
fn skipped(indexes: &[Index], database: &str) -> Vec<String> {
    let is_skipped = |index: &&Index| {
        let row = &index.catalog;
        let has_strings = row.indcollation.as_ref().is_none_or(|all| all.iter().any(|oid| *oid != 0))
            || row.has_indexprs == Some(true)
            || row.has_indpred == Some(true);
        let is_left = row.copy_of.is_some() || row.in_progress == Some(true);
        let is_here = index.name.database().unwrap_or_default() == database && index.relkind != Some('I');
        let is_exclusion = row.indisexclusion == Some(true);
        is_here && has_strings && (is_exclusion || row.indisvalid == Some(false) && !is_left)
    };
    indexes.iter().filter(is_skipped).map(|index| index.name.sql()).collect()
}
