//! The configuration files on disk.

use crate::section;

section! {
    /// The current content of the configuration files, including errors, whether or not it has been loaded.
    ///
    /// Superusers only. Values are masked as in `pg_settings`.
    section pg_file_settings {
        scope: Cluster,
        why: "Finds invalid and unloaded lines before the next restart does.",
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
        /// Order in which the lines are read; the last line of a parameter applies.
        seqno: Option<i64>,
        /// The parameter's name; null for a line that cannot be read.
        name: Option<String>,
        /// Its value in the file; null for an unrecognized parameter, since the value might be a secret.
        setting: Option<String> = Setting,
        /// Whether the value can be applied.
        applied: Option<bool>,
        /// Why it cannot.
        error: Option<String>,
    }
}
