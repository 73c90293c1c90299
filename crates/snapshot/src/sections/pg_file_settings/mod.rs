//! The configuration files on disk.

use crate::section;

section! {
    /// What the configuration files say now, with the errors in them, whether or not it is in force.
    ///
    /// Superusers only. Values are masked as those of `pg_settings` are.
    section pg_file_settings {
        scope: Cluster,
        why: "Lines that are wrong or not yet in force show up at the next restart, when it is too late.",
        since: 12,
        // A name with a dot may be made up by anybody: pg_settings has only those that the server knows, and from 15 on a
        // made-up one bears a flag.
        sql: [12 => "12.sql", 15 => "15.sql"],
        guard: include_str!("guard.sql"),
    }
    row PgFileSetting {
        /// The file.
        sourcefile: Option<String>,
        /// The line in that file.
        sourceline: Option<i64>,
        /// Order in which the lines are read; the last one of a parameter counts.
        seqno: Option<i64>,
        /// The parameter's name; null for a line that cannot be read.
        name: Option<String>,
        /// Its value as the file has it; null where no parameter has that name, so that nobody can say whether it is a secret.
        setting: Option<String> = Setting,
        /// Whether the value can be in force.
        applied: Option<bool>,
        /// Why it cannot.
        error: Option<String>,
    }
}
