//! Temporary tables, which only the session that created them can vacuum.

use super::relation::{RelationName, Relations};

/// A temporary table or its TOAST table.
#[derive(Debug, Clone)]
pub struct TemporaryTable {
    /// Its name.
    pub name: RelationName,
    /// The number of its session, by which `pg_stat_get_backend_pid()` knows it.
    pub session: Option<i64>,
    /// Age of its oldest unfrozen transaction id.
    pub freeze_age: i64,
    /// Age of its oldest unfrozen multixact.
    pub multixact_age: Option<i64>,
}

pub(super) fn tables(relations: &Relations) -> Vec<TemporaryTable> {
    let table = |class| {
        let name = relations.temporary_name(class);
        let number = name.schema().trim_start_matches(|c: char| !c.is_ascii_digit()).parse();
        let (session, freeze_age) = (number.ok(), class.relfrozenxid_age?);
        Some(TemporaryTable { name, session, freeze_age, multixact_age: class.relminmxid_age })
    };
    relations.temporary.iter().filter_map(table).collect()
}
