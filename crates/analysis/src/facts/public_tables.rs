//! Tables on which PUBLIC has privileges.

use std::collections::BTreeSet;

use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_namespace::PgNamespace;

use super::Facts;
use super::relation::{RelationName, Size};
use crate::format::{Checked, NotAssessed};

/// The privileges with which a role changes a table, or has its own code run when others do.
const WRITING: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"];

/// Those that row-level security does not restrict.
const UNRESTRICTED: [&str; 2] = ["TRUNCATE", "TRIGGER"];

/// A table on which PUBLIC, that is every role, has privileges.
#[derive(Debug)]
pub struct PublicTable {
    /// Its name.
    pub name: RelationName,
    /// The size of its main file; of a partitioned table that of its partitions.
    pub size: Option<Size>,
    /// The privileges, as the server names them.
    pub privileges: Vec<String>,
}

impl PublicTable {
    /// Whether every role can change it.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.privileges.iter().any(|privilege| WRITING.contains(&privilege.as_str()))
    }
}

/// The tables that every role can read or change, without those of extensions and those in schemas that PUBLIC cannot use. Of a
/// table with row-level security, only the privileges that it does not restrict count.
///
/// # Errors
/// A section could not be read, or the snapshot does not contain the privileges of tables.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<Vec<PublicTable>> {
    let (relations, schemas) = (facts.relations()?, facts.rows::<PgNamespace>()?);
    let is_table = |class: &&PgClass| matches!(class.relkind, Some('r' | 'p' | 'm' | 'f'));
    let mut tables = relations.classes.iter().filter(is_table).peekable();
    if tables.peek().is_some() && tables.clone().all(|class| class.public_privileges.is_none()) {
        return Err(NotAssessed::expected("the snapshot does not contain the privileges of tables"));
    }
    let usable = schemas.iter().filter(|schema| schema.public_usage == Some(true));
    let usable: BTreeSet<_> = usable.map(|schema| (schema.datname.as_deref(), schema.nspname.as_str())).collect();
    let is_reachable = |class: &PgClass| usable.contains(&(class.datname.as_deref(), class.nspname.as_str()));
    let public = |(position, class): (usize, &PgClass)| {
        let mut privileges = class.public_privileges.clone()?;
        if class.relrowsecurity == Some(true) {
            privileges.retain(|privilege| UNRESTRICTED.contains(&privilege.as_str()));
        }
        let table = PublicTable { name: relations.name(position)?, size: relations.size(position), privileges };
        let is_open = table.is_writable() || table.privileges.iter().any(|privilege| privilege == "SELECT");
        (is_open && class.extname.is_none() && is_reachable(class)).then_some(table)
    };
    Ok(relations.classes.iter().enumerate().filter_map(public).collect())
}
