//! The server does not record what sessions do.

use crate::engine::off::{Off, off, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `track_activities` is `off`.
    ///
    /// ## Why it matters
    ///
    /// `pg_stat_activity` then shows neither states nor statements nor since when they run: long transactions,
    /// sessions idle in a transaction and the statements that block others cannot be found, by pgdba or by anyone
    /// else.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient. Its cost is negligible.
    ///
    /// ## When to ignore this
    ///
    /// On a disposable server, such as one for benchmarks.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "track_activities", "setting": "off", "vartype": "bool", "context": "superuser" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "track_activities", "setting": "on", "vartype": "bool", "context": "superuser" } ] }
    /// ```
    rule track_activities_off {
        code: PGD407,
        title: "The server does not record what sessions do",
        passed: "The server records what sessions do",
        worst: Warning,
        reads: [server_settings],
        source: "PostgreSQL manual, track_activities",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["track_activities"])
}

fn describe(off: &Off) -> Draft {
    off.enable()
        .because("pg_stat_activity shows neither states nor statements, so sessions that block others cannot be found.")
        .impact("Its cost is negligible.")
}
