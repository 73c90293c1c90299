//! Functions that run as their owner.

use crate::section;

section! {
    /// User-defined SECURITY DEFINER functions and procedures. Never a body.
    section pg_proc {
        scope: Database,
        why: "SECURITY DEFINER functions without a fixed search_path can be made to run an attacker's code.",
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
        /// Its argument types, as in ALTER FUNCTION.
        identity_arguments: Option<String>,
        /// `f` function, `p` procedure, `a` aggregate, `w` window function.
        prokind: Option<char>,
        /// Its language.
        lanname: Option<String>,
        /// Its owner, whose privileges it uses.
        owner: Option<String>,
        /// Whether that role is a superuser.
        owner_is_superuser: Option<bool>,
        /// `i` immutable, `s` stable, `v` volatile.
        provolatile: Option<char>,
        /// Whether its body is SQL-standard, parsed when it was created (14).
        has_sql_body: Option<bool>,
        /// Whether PUBLIC can execute it.
        public_execute: Option<bool>,
        /// Its own `search_path`; null for the caller's.
        search_path: Option<String>,
        /// The parameters that it sets.
        config_names: Option<Vec<String>>,
        /// The extension it belongs to.
        extname: Option<String>,
    }
}
