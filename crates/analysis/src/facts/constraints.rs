//! Constraints and the tables they are of.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_constraint::PgConstraint;

use super::relation::{RelationName, Relations};
use super::sections::Reader;
use crate::format::{Checked, Subject, SubjectKind};

/// A constraint of a table.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// Its table.
    pub table: RelationName,
    /// The table that a foreign key refers to.
    pub references: Option<RelationName>,
    /// Its row.
    pub row: PgConstraint,
}

impl Constraint {
    /// Its name, quoted for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        quote_identifier(&self.row.conname)
    }

    /// The constraint as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let table = self.table.subject(SubjectKind::Table);
        Subject { table: Some(table.name), name: self.row.conname.clone(), kind: SubjectKind::Constraint, ..table }
    }

    /// Whether it is of this kind: a letter of `pg_constraint.contype`.
    #[must_use]
    pub fn is(&self, contype: char) -> bool {
        self.row.contype == Some(contype)
    }

    /// What it is, as in CREATE TABLE.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.row.contype {
            Some('c') => "CHECK",
            Some('f') => "foreign key",
            Some('n') => "NOT NULL",
            Some('p') => "primary key",
            Some('u') => "UNIQUE",
            Some('x') => "EXCLUDE",
            _ => "unknown",
        }
    }

    /// Whether it was made with the constraint of a partitioned table.
    #[must_use]
    pub fn is_of_partition(&self) -> bool {
        self.row.conparentid.is_some()
    }
}

/// The constraints of a snapshot whose tables are in it.
///
/// # Errors
/// They could not be read.
pub(super) fn join(reader: &Reader<'_>, relations: &Relations) -> Checked<Vec<Constraint>> {
    let name = |datname: Option<&str>, oid: i64| relations.name(relations.position(datname, oid)?);
    let constraint = |row: PgConstraint| {
        let datname = row.datname.as_deref();
        let references = row.confrelid.and_then(|oid| name(datname, oid));
        Some(Constraint { table: name(datname, row.conrelid)?, references, row })
    };
    let mut constraints = Vec::new();
    reader.visit(|row| constraints.extend(constraint(row)))?;
    Ok(constraints)
}
