//! Who may connect from where.

use crate::section;

section! {
    /// The lines of `pg_hba.conf` on disk, which might be newer than the loaded ones. Of options, only the names.
    ///
    /// Superusers only.
    section pg_hba_file_rules {
        scope: Cluster,
        why: "Finds rules that allow anyone to connect, or that send passwords unencrypted.",
        since: 12,
        sql: [12 => "12.sql", 16 => "16.sql"],
        guard: include_str!("guard.sql"),
    }
    row PgHbaFileRule {
        /// The rule's position (16); null for a line with an error.
        rule_number: Option<i64>,
        /// The file (16).
        file_name: Option<String>,
        /// The line.
        line_number: Option<i64>,
        /// `local`, `host`, `hostssl`, `hostnossl` and others.
        connection_type: Option<String>,
        /// The databases that it applies to.
        database: Option<Vec<String>>,
        /// The roles that it applies to.
        user_name: Option<Vec<String>>,
        /// The clients' address or name, `all`, `samehost` or `samenet`.
        address: Option<String>,
        /// The netmask.
        netmask: Option<String>,
        /// Authentication method: `trust`, `scram-sha-256`, `reject` and others.
        auth_method: Option<String>,
        /// Names of its options.
        option_names: Option<Vec<String>>,
        /// Whether the line is invalid.
        has_error: Option<bool>,
    }
}
