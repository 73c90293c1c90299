//! Columns.

use crate::section;

section! {
    /// The columns of user tables, foreign tables and materialized views, and of expression indexes, to which their
    /// statistics refer.
    ///
    /// Dropped columns are left out; `relnatts` in `pg_class` counts them.
    section pg_attribute {
        scope: Database,
        why: "Index and bloat advice use the type, width and position of each column.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
    }
    row PgAttribute {
        /// The relation's oid, see `pg_class`.
        attrelid: i64,
        /// The column's number.
        attnum: i64,
        /// Its name.
        attname: String,
        /// Its type's oid, see `pg_type`.
        atttypid: Option<i64>,
        /// Its type's modifier, such as a length; null if none.
        atttypmod: Option<i64>,
        /// `p` plain, `e` external, `m` main, `x` extended.
        attstorage: Option<char>,
        /// Compression (14): `p` pglz, `l` lz4; null for the default.
        attcompression: Option<char>,
        /// Whether it is NOT NULL.
        attnotnull: Option<bool>,
        /// Whether it has a default or is generated.
        atthasdef: Option<bool>,
        /// Whether rows older than the column take its value from the catalog.
        atthasmissing: Option<bool>,
        /// `a` generated always as identity, `d` by default.
        attidentity: Option<char>,
        /// `s` generated and stored, `v` virtual.
        attgenerated: Option<char>,
        /// Its statistics target; null for the default.
        attstattarget: Option<i64>,
        /// `n_distinct` and similar options set with ALTER TABLE.
        attoptions: Option<Vec<String>>,
        /// Its collation's oid, null if none.
        attcollation: Option<i64>,
    }
}
