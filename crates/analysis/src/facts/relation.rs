//! What relations are called, and what joins the sections that speak of them.

use std::fmt;

use pgdba_pg::quote::{quote_literal, quote_qualified, quote_qualified_raw};
use pgdba_pg::text::one_line;
use pgdba_snapshot::sections::pg_class::PgClass;

/// What tells relations apart: oids are given out by each database for itself.
pub(super) type RelationKey<'a> = (Option<&'a str>, i64);

/// The name of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationName {
    qualified: String,
    /// Without escapes, where `qualified` has some.
    raw: Option<Box<str>>,
    /// Where the snapshot is of several databases.
    database: Option<String>,
}

impl RelationName {
    pub(super) fn of(class: &PgClass, names_databases: bool) -> Self {
        let qualified = quote_qualified(&class.nspname, &class.relname);
        let raw = quote_qualified_raw(&class.nspname, &class.relname);
        Self {
            raw: (raw != qualified).then(|| raw.into_boxed_str()),
            qualified,
            database: class.datname.clone().filter(|_| names_databases),
        }
    }

    /// Schema and name, quoted where needed, as it stands in statements.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.qualified
    }

    /// The same as a value of type `regclass`. Its input function takes no Unicode escapes in a name, so the literal around
    /// the name has them.
    #[must_use]
    pub fn regclass(&self) -> String {
        format!("{}::regclass", quote_literal(self.raw.as_deref().unwrap_or(&self.qualified)))
    }

    /// `statements` with a word about where to run them, where that is not clear.
    #[must_use]
    pub fn run_there(&self, statements: String) -> String {
        match &self.database {
            // Whatever stands in the name stays in the comment.
            Some(database) => format!("-- in database {}\n{statements}", one_line(database)),
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
