//! Types of columns.

use crate::section;

section! {
    /// Types of values and how they are stored. Row types, arrays of them and pseudo types are left out.
    section pg_type {
        scope: Database,
        why: "How wide values are and how they are aligned decides on the size a row should have.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgType {
        /// The type's oid; `atttypid` in `pg_attribute` refers to it.
        oid: i64,
        /// Its schema.
        nspname: Option<String>,
        /// Its name.
        typname: String,
        /// `b` base type, `c` composite, `d` domain, `e` enum, `p` pseudo, `r` range, `m` multirange.
        typtype: Option<String>,
        /// `N` numeric, `S` string, `D` date or time, `B` boolean, `A` array and so on.
        typcategory: Option<String>,
        /// Bytes of a value; -1 for varying length, -2 for a C string.
        typlen: Option<i64>,
        /// Alignment: `c` 1, `s` 2, `i` 4, `d` 8 bytes.
        typalign: Option<String>,
        /// `p` plain, `e` external, `m` main, `x` extended.
        typstorage: Option<String>,
        /// Of a domain the type it stands on, null else.
        typbasetype: Option<i64>,
        /// Of an array the type of its elements, null else.
        typelem: Option<i64>,
    }
}
