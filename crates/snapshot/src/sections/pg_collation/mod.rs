//! Collations in use.

use crate::section;

section! {
    /// The collations that user objects depend on, user-defined collations, and the built-in ones. The database's own
    /// collation is in `pg_database`.
    ///
    /// If `collversion` and `actual_version` differ, the collation library has changed since the indexes were built.
    section pg_collation {
        scope: Database,
        why: "A change of the collation library can corrupt indexes.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgCollation {
        /// The collation's oid; `attcollation` in `pg_attribute` refers to it.
        oid: i64,
        /// Its schema.
        nspname: Option<String>,
        /// Its name.
        collname: Option<String>,
        /// `b` builtin, `c` libc, `d` the database's default, `i` ICU.
        collprovider: Option<char>,
        /// Whether it is deterministic.
        collisdeterministic: Option<bool>,
        /// The version of the library when the collation was created or refreshed; null if it has none.
        collversion: Option<String>,
        /// The current version of the library; null if it has none.
        actual_version: Option<String>,
    }
}
