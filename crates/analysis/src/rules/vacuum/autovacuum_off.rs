//! Autovacuum does not run.

use crate::engine::draft::Draft;
use crate::engine::off::{Off, off};
use crate::{Checked, View, rule};

rule! {
    /// ## What it sees
    ///
    /// `autovacuum` or `track_counts` is `off` for the whole server.
    ///
    /// ## Why it matters
    ///
    /// Dead rows are not removed and planner statistics are not updated. Tables and indexes grow without limit, plans get
    /// worse, and finally the server has to freeze old rows in forced vacuums. Without `track_counts` autovacuum runs, but does not know
    /// which tables need work.
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
    /// ## Source
    ///
    /// PostgreSQL manual, "Automatic Vacuuming".
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
        title: "Autovacuum is off",
        passed: "Autovacuum is on",
        worst: Critical,
        reads: [settings],
        source: "PostgreSQL manual, Automatic Vacuuming",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["autovacuum", "track_counts"])
}

fn describe(off: &Off) -> Draft {
    off.critical()
        .because(
            "Nothing removes dead rows, refreshes the planner's statistics or freezes old rows. Tables grow, plans get \
             worse, and in the end the server stops accepting writes.",
        )
        .advise("If its load was the reason, throttle it with autovacuum_vacuum_cost_delay instead.")
        .impact("Autovacuum starts to catch up at once: expect reads and writes in the background.")
}
