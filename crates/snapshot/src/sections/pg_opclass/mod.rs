//! Operator classes of indexes.

use crate::section;

section! {
    /// The operator classes that users' indexes are built with.
    section pg_opclass {
        scope: Database,
        why: "Operator classes decide which queries an index serves and whether it deduplicates.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql"],
    }
    row PgOpclass {
        /// The operator class's oid; `indclass` in `pg_index` refers to it.
        oid: i64,
        /// Its schema.
        nspname: Option<String>,
        /// Its name.
        opcname: Option<String>,
        /// The access method it is for.
        amname: Option<String>,
        /// Whether it is the default one of its type.
        opcdefault: Option<bool>,
        /// The oid of the type it indexes.
        opcintype: Option<i64>,
        /// The name of that type.
        typname: Option<String>,
        /// Whether a B-tree of it may store equal keys once (13). Columns of nondeterministic collations, unique and
        /// covering indexes do not all the same.
        deduplicates: Option<bool>,
    }
}
