//! Collations in use.

use crate::section;

section! {
    /// The collations that something of users depends on, those that users made, and the few that always are. The one
    /// of the database itself is in `pg_database`.
    ///
    /// Where `collversion` and `actual_version` differ, the library that sorts has changed under the indexes.
    section pg_collation {
        scope: Database,
        why: "A collation whose library has changed can make indexes wrong.",
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
        collprovider: Option<String>,
        /// Whether only equal bytes are equal.
        collisdeterministic: Option<bool>,
        /// The version of the library when the collation was made or refreshed; null if it has none.
        collversion: Option<String>,
        /// The version of the library now; null if it has none.
        actual_version: Option<String>,
    }
}
