//! Schemas and who may use them.

use crate::section;

section! {
    /// User schemas and `public`: owner and privileges.
    section pg_namespace {
        scope: Database,
        why: "Schemas in which anyone can create objects allow running code as another role.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgNamespace {
        /// The schema's oid.
        oid: i64,
        /// Its name.
        nspname: String,
        /// Its owner.
        owner: Option<String>,
        /// Its privileges, as the server prints them; null for the default.
        nspacl: Option<Vec<String>>,
        /// Whether PUBLIC has USAGE.
        public_usage: Option<bool>,
        /// Whether PUBLIC has CREATE.
        public_create: Option<bool>,
    }
}
