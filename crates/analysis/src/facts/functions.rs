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
        Self { name: relations.object(row.datname.as_deref(), &row.nspname, &row.proname), row }
    }

    /// Its name and argument types, for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}({})", self.name.sql(), self.row.identity_arguments.as_deref().unwrap_or_default())
    }

    /// The schemas of its own `search_path` with `pg_temp` behind them, if that is not the last already: where it is not listed,
    /// the caller's temporary schema is searched for tables and types first of all.
    #[must_use]
    pub fn path_with_temp_last(&self) -> Option<String> {
        let path = self.row.search_path.as_deref()?;
        let schemas: Vec<&str> =
            path.split(',').map(str::trim).filter(|schema| !matches!(*schema, "" | "\"\"")).collect();
        let is_temp = |schema: &&str| matches!(*schema, "pg_temp" | "\"pg_temp\"");
        if schemas.last().is_some_and(is_temp) {
            return None;
        }
        if !schemas.is_empty() && !schemas.iter().any(is_temp) {
            return Some(format!("{path}, pg_temp"));
        }
        let others = schemas.into_iter().filter(|schema| !is_temp(schema));
        Some(others.chain(["pg_temp"]).collect::<Vec<_>>().join(", "))
    }

    /// A path that it can have: its own, else with its schema.
    #[must_use]
    pub fn safe_path(&self) -> String {
        let schema = quote_identifier(&self.row.nspname);
        let of_schema = || {
            if schema == "pg_catalog" {
                "pg_catalog, pg_temp".to_owned()
            } else {
                format!("pg_catalog, {schema}, pg_temp")
            }
        };
        self.path_with_temp_last().unwrap_or_else(of_schema)
    }

    /// Whether it finds tables, functions and operators in schemas that the caller chooses.
    #[must_use]
    pub const fn has_no_path(&self) -> bool {
        self.row.search_path.is_none()
    }

    /// The word for it in statements.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        if self.row.prokind == Some('p') { "PROCEDURE" } else { "FUNCTION" }
    }
}
