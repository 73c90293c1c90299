//! Schemas and who may use them.

use crate::section;

section! {
    /// The schemas of users and `public`: owner and rights.
    section pg_namespace {
        scope: Database,
        why: "Schemas in which everybody may create objects are a way to run code as somebody else.",
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
        /// Its rights, as the server prints them; null for none but the owner's.
        nspacl: Option<Vec<String>>,
        /// Whether everybody may use what is in it.
        public_usage: Option<bool>,
        /// Whether everybody may make something in it.
        public_create: Option<bool>,
    }
}
