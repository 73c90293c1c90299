//! The configuration in force.

use crate::section;

section! {
    /// The configuration in force, with the source of each value.
    ///
    /// Values that may carry a secret are masked: connection strings, commands, parameters of unknown extensions.
    section pg_settings {
        scope: Cluster,
        why: "Most advice compares what is set with what the counters show.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_settings",
    }
    row PgSetting {
        /// The parameter's name.
        name: String,
        /// Its value, in `unit`. What the collector's own session changed is shown as it was before.
        setting: Option<String> = Setting,
        /// The unit of `setting`, such as `8kB` or `ms`.
        unit: Option<String>,
        /// When a change takes effect: `postmaster` at a restart, `sighup` at a reload, and so on.
        context: Option<String>,
        /// `bool`, `enum`, `integer`, `real` or `string`.
        vartype: Option<String>,
        /// Where the value comes from; null where the collector's own session had set it.
        source: Option<String>,
        /// The smallest value allowed.
        min_val: Option<String>,
        /// The largest value allowed.
        max_val: Option<String>,
        /// The values an enum may have.
        enumvals: Option<Vec<String>>,
        /// The value compiled into the server.
        boot_val: Option<String> = Setting,
        /// The value a RESET would give in the collector's session.
        reset_val: Option<String> = Setting,
        /// The file the value stands in; superusers and pg_read_all_settings only.
        sourcefile: Option<String>,
        /// The line in that file.
        sourceline: Option<i64>,
        /// Whether the value in the file waits for a restart.
        pending_restart: Option<bool>,
    }
}
