//! Row security policies.

use crate::section;

section! {
    /// Row security policies: for whom and for which commands. Never what they say, except whether it is just `true`.
    section pg_policy {
        scope: Database,
        why: "Policies that are always true protect nothing.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgPolicy {
        /// The table's oid, see `pg_class`.
        polrelid: i64,
        /// Its name.
        polname: String,
        /// `r` SELECT, `a` INSERT, `w` UPDATE, `d` DELETE, `*` all.
        polcmd: Option<String>,
        /// Whether it allows; else it restricts.
        polpermissive: Option<bool>,
        /// The roles it is for; `public` for all.
        roles: Option<Vec<String>>,
        /// Whether it has USING.
        has_qual: Option<bool>,
        /// Whether USING is just `true`.
        qual_is_true: Option<bool>,
        /// Whether it has WITH CHECK.
        has_with_check: Option<bool>,
        /// Whether WITH CHECK is just `true`.
        with_check_is_true: Option<bool>,
    }
}
