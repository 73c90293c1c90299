//! Who may connect from where.

use crate::section;

section! {
    /// The lines of `pg_hba.conf` as they are on disk, which may be newer than what is in force. Of options only the
    /// names.
    ///
    /// Superusers only.
    section pg_hba_file_rules {
        scope: Cluster,
        why: "Rules that let anybody in, or send passwords in clear, are found here.",
        since: 12,
        sql: [12 => "12.sql", 16 => "16.sql"],
        guard: include_str!("guard.sql"),
    }
    row PgHbaFileRule {
        /// The rule's place (16); null for a line with an error.
        rule_number: Option<i64>,
        /// The file (16).
        file_name: Option<String>,
        /// The line.
        line_number: Option<i64>,
        /// `local`, `host`, `hostssl`, `hostnossl` and so on.
        connection_type: Option<String>,
        /// The databases it is for.
        database: Option<Vec<String>>,
        /// The roles it is for.
        user_name: Option<Vec<String>>,
        /// The clients' address or name, `all`, `samehost` or `samenet`.
        address: Option<String>,
        /// The mask of the address.
        netmask: Option<String>,
        /// How it lets in: `trust`, `scram-sha-256`, `reject` and so on.
        auth_method: Option<String>,
        /// Names of its options.
        option_names: Option<Vec<String>>,
        /// Whether the line cannot be used.
        has_error: Option<bool>,
    }
}
