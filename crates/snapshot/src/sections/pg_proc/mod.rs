//! Functions that run as their owner.

use crate::section;

section! {
    /// SECURITY DEFINER functions and procedures of users. Never a body.
    section pg_proc {
        scope: Database,
        why: "SECURITY DEFINER functions without a fixed search_path can be made to run foreign code.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
    }
    row PgProc {
        /// The function's oid.
        oid: i64,
        /// Its schema.
        nspname: String,
        /// Its name.
        proname: String,
        /// Its arguments, as ALTER FUNCTION names it by.
        identity_arguments: Option<String>,
        /// `f` function, `p` procedure, `a` aggregate, `w` window function.
        prokind: Option<String>,
        /// Its language.
        lanname: Option<String>,
        /// Its owner, as whom it runs.
        owner: Option<String>,
        /// Whether that is a superuser.
        owner_is_superuser: Option<bool>,
        /// `i` immutable, `s` stable, `v` volatile.
        provolatile: Option<String>,
        /// Whether its body was bound to objects when it was made (14).
        has_sql_body: Option<bool>,
        /// Whether everybody may run it.
        public_execute: Option<bool>,
        /// The `search_path` it runs with; null for the caller's.
        search_path: Option<String>,
        /// The parameters it sets.
        config_names: Option<Vec<String>>,
        /// The extension it belongs to.
        extname: Option<String>,
    }
}
