//! The configuration in force.

use crate::section;

section! {
    /// The configuration in force, with the source of each value.
    ///
    /// Values that might contain a secret are masked: connection strings, commands, parameters of unknown extensions.
    section pg_settings {
        scope: Cluster,
        why: "Most advice compares settings with counters.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_settings",
    }
    row PgSetting {
        /// The parameter's name.
        name: String,
        /// Its value, in `unit`. Parameters that the collector's session has set are shown with the value from before.
        setting: Option<String> = Setting,
        /// The unit of `setting`, such as `8kB` or `ms`.
        unit: Option<String>,
        /// When a change takes effect: `postmaster` at a restart, `sighup` at a reload, and others.
        context: Option<String>,
        /// `bool`, `enum`, `integer`, `real` or `string`.
        vartype: Option<String>,
        /// The source of the value; null if the collector's session has set it.
        source: Option<String>,
        /// The smallest value allowed.
        min_val: Option<String>,
        /// The largest value allowed.
        max_val: Option<String>,
        /// The values of an enum.
        enumvals: Option<Vec<String>>,
        /// The value compiled into the server.
        boot_val: Option<String> = Setting,
        /// The value after a RESET in the collector's session.
        reset_val: Option<String> = Setting,
        /// The file that sets the value; superusers and pg_read_all_settings only.
        sourcefile: Option<String>,
        /// The line in that file.
        sourceline: Option<i64>,
        /// Whether the value in the file requires a restart.
        pending_restart: Option<bool>,
    }
}
