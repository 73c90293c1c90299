//! Row security policies.

use crate::section;

section! {
    /// Row-level security policies: roles and commands. Never an expression, only whether it is `true`.
    section pg_policy {
        scope: Database,
        why: "Policies that are always true do not protect anything.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgPolicy {
        /// The table's oid, see `pg_class`.
        polrelid: i64,
        /// Its name.
        polname: String,
        /// `r` SELECT, `a` INSERT, `w` UPDATE, `d` DELETE, `*` all.
        polcmd: Option<char>,
        /// Whether it is permissive; otherwise it is restrictive.
        polpermissive: Option<bool>,
        /// The roles that it applies to; `public` for all.
        roles: Option<Vec<String>>,
        /// Whether it has USING.
        has_qual: Option<bool>,
        /// Whether USING is `true`.
        qual_is_true: Option<bool>,
        /// Whether it has WITH CHECK.
        has_with_check: Option<bool>,
        /// Whether WITH CHECK is `true`.
        with_check_is_true: Option<bool>,
    }
}
