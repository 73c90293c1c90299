//! Schemas.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_namespace::PgNamespace;

use super::Facts;
use super::relation::run_in;
use crate::format::{Checked, Subject, SubjectKind};

/// A schema.
#[derive(Debug)]
pub struct Schema {
    /// Its row.
    pub row: PgNamespace,
}

impl Schema {
    /// It as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Schema, &self.row.nspname).in_database(self.row.datname.as_deref())
    }

    /// Its name, quoted where needed, for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        quote_identifier(&self.row.nspname)
    }

    /// Its name with its database: many databases have a schema of the same name.
    #[must_use]
    pub fn label(&self) -> String {
        let database = self.row.datname.as_ref().map(|database| format!(" in database {database}"));
        self.sql() + &database.unwrap_or_default()
    }

    /// `statements`, with a comment that names the database.
    #[must_use]
    pub fn run_there(&self, statements: &str) -> String {
        self.row.datname.as_ref().map_or_else(|| statements.to_owned(), |database| run_in(database, statements))
    }
}

/// # Errors
/// The section could not be read.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<Vec<Schema>> {
    Ok(facts.rows()?.into_iter().map(|row| Schema { row }).collect())
}
