//! Operator classes of indexes.

use crate::section;

section! {
    /// The operator classes that user indexes use.
    section pg_opclass {
        scope: Database,
        why: "Operator classes determine which queries can use an index, and whether it deduplicates.",
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
        /// Whether it is the default for its type.
        opcdefault: Option<bool>,
        /// The oid of the type it indexes.
        opcintype: Option<i64>,
        /// The name of that type.
        typname: Option<String>,
        /// Whether a B-tree index with it can deduplicate (13). Columns with nondeterministic collations and indexes
        /// with INCLUDE columns do not deduplicate in any case.
        deduplicates: Option<bool>,
    }
}
