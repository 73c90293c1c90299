//! Tablespaces.

use crate::section;

section! {
    /// Tablespaces and their planner costs.
    section pg_tablespace {
        scope: Cluster,
        why: "A tablespace can be on other storage, with its own planner costs.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgTablespace {
        /// The tablespace's oid; `reltablespace` in `pg_class` refers to it.
        oid: i64,
        /// Its name.
        spcname: String,
        /// Its owner.
        owner: Option<String>,
        /// Its parameters, `name=value` each.
        spcoptions: Option<Vec<String>>,
    }
}
