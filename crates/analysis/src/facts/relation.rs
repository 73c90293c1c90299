//! What relations are called, and what joins the sections that speak of them.

use std::fmt;

use pgdba_pg::quote::quote_qualified;
use pgdba_snapshot::sections::pg_class::PgClass;

/// What tells relations apart: oids are given out by each database for itself.
pub(super) type RelationKey<'a> = (Option<&'a str>, i64);

/// The name of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationName {
    qualified: String,
    /// Where the snapshot is of several databases.
    database: Option<String>,
}

impl RelationName {
    pub(super) fn of(class: &PgClass, names_databases: bool) -> Self {
        Self {
            qualified: quote_qualified(&class.nspname, &class.relname),
            database: class.datname.clone().filter(|_| names_databases),
        }
    }

    /// Schema and name, quoted where needed, as it stands in statements.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.qualified
    }

    /// `statements` with a word about where to run them, where that is not clear.
    #[must_use]
    pub fn run_there(&self, statements: String) -> String {
        match &self.database {
            // Whatever stands in the name stays in the comment.
            Some(database) => format!("-- in database {}\n{statements}", database.replace(['\n', '\r'], " ")),
            None => statements,
        }
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.qualified)?;
        self.database.iter().try_for_each(|database| write!(f, " in database {database}"))
    }
}

/// Whether relations of more than one database are in the snapshot.
pub(super) fn are_of_several_databases(classes: &[PgClass]) -> bool {
    let first = classes.first().map(|class| &class.datname);
    classes.iter().any(|class| Some(&class.datname) != first)
}
