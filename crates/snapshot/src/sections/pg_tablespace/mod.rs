//! Tablespaces.

use crate::section;

section! {
    /// Tablespaces and the planner costs that were set for them.
    section pg_tablespace {
        scope: Cluster,
        why: "A tablespace can lie on other storage, with costs of its own for the planner.",
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
