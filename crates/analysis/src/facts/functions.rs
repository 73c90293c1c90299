//! Functions and procedures that run with the privileges of their owner.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_proc::PgProc;

use super::relation::{RelationName, Relations};

/// A SECURITY DEFINER function or procedure.
#[derive(Debug)]
pub struct Function {
    /// Its row.
    pub row: PgProc,
    /// Its name.
    pub name: RelationName,
}

impl Function {
    pub(super) fn new(row: PgProc, relations: &Relations) -> Self {
        Self { name: relations.named(row.datname.as_deref(), &row.nspname, &row.proname), row }
    }

    /// Its name and argument types, for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}({})", self.name.sql(), self.row.identity_arguments.as_deref().unwrap_or_default())
    }

    /// Its schema, quoted for statements.
    #[must_use]
    pub fn schema_sql(&self) -> String {
        quote_identifier(&self.row.nspname)
    }

    /// The word for it in statements.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        if self.row.prokind.as_deref() == Some("p") { "PROCEDURE" } else { "FUNCTION" }
    }
}
