//! Types of columns.

use crate::section;

section! {
    /// Data types and how they are stored. Row types, arrays of row types and pseudo-types are left out.
    section pg_type {
        scope: Database,
        why: "The width and alignment of types determine the expected row size.",
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
        typtype: Option<char>,
        /// `N` numeric, `S` string, `D` date or time, `B` Boolean, `A` array and others.
        typcategory: Option<char>,
        /// Bytes of a value; -1 for variable length, -2 for a C string.
        typlen: Option<i64>,
        /// Alignment: `c` 1, `s` 2, `i` 4, `d` 8 bytes.
        typalign: Option<char>,
        /// `p` plain, `e` external, `m` main, `x` extended.
        typstorage: Option<char>,
        /// The base type of a domain; otherwise null.
        typbasetype: Option<i64>,
        /// The element type of an array; otherwise null.
        typelem: Option<i64>,
    }
}
