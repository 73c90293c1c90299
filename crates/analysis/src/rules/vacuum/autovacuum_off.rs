//! Autovacuum is disabled.

use crate::engine::off::{Off, off, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `autovacuum` or `track_counts` is `off` for the whole server.
    ///
    /// ## Why it matters
    ///
    /// Dead rows are not removed and planner statistics are not updated. Tables and indexes grow without limit, and plans
    /// get worse. The server still starts autovacuum workers to prevent transaction ID wraparound, but only for tables
    /// that have reached `autovacuum_freeze_max_age`. Autovacuum needs `track_counts` and does not start without it.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient unless the command line sets it. If it was disabled because of its load, throttle it
    /// with `autovacuum_vacuum_cost_delay` instead.
    ///
    /// ## When to ignore this
    ///
    /// During a bulk load, if VACUUM and ANALYZE are run manually afterwards.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "off" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    rule autovacuum_off {
        code: PGD501,
        title: "Autovacuum is disabled",
        passed: "Autovacuum is enabled",
        worst: Critical,
        reads: [settings],
        source: "PostgreSQL manual, Automatic Vacuuming",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["autovacuum", "track_counts"])
}

fn describe(off: &Off) -> Draft {
    off.enable()
        .because(
            "Dead rows are not removed and planner statistics are not updated: tables grow and plans get worse. The \
             server still vacuums to prevent transaction ID wraparound, and nothing else.",
        )
        .advise("If it was disabled because of its load, throttle it with autovacuum_vacuum_cost_delay instead.")
        .impact("Autovacuum starts immediately with the accumulated work: expect background I/O.")
}
