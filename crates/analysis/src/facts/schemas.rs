//! Schemas.

use pgdba_snapshot::sections::pg_namespace::PgNamespace;

use crate::format::{Subject, SubjectKind};

/// A schema.
#[derive(Debug)]
pub struct Schema {
    /// Its row.
    pub row: PgNamespace,
}

impl Schema {
    /// Its database as a subject.
    #[must_use]
    pub fn database(&self) -> Subject {
        Subject::named(SubjectKind::Database, self.row.datname.as_deref().unwrap_or_default())
    }
}
