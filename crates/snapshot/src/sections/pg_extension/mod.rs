//! Extensions.

use crate::section;

section! {
    /// Extensions that are installed in the database.
    section pg_extension {
        scope: Database,
        why: "Advice depends on the installed extensions.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgExtension {
        /// The extension's oid.
        oid: i64,
        /// Its name.
        extname: String,
        /// Its version.
        extversion: Option<String>,
        /// The schema of its objects.
        nspname: Option<String>,
        /// Its owner.
        owner: Option<String>,
    }
}
