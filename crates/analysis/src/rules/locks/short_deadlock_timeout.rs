//! Deadlocks are looked for too early.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `deadlock_timeout` is set so low that ordinary lock waits trigger the search for deadlocks.
    ///
    /// ## Why it matters
    ///
    /// A session that has waited that long for a lock searches the graph of all waits, and locks the whole lock table for it. Many
    /// short waits then stop all sessions that need a lock. `log_lock_waits` also logs each of these waits.
    ///
    /// ## Threshold
    ///
    /// Less than {MIN}. The default is {PROPOSED}.
    ///
    /// ## Remedy
    ///
    /// Set it to {PROPOSED}, or to more on a server with many lock waits.
    ///
    /// ## When to ignore this
    ///
    /// While lock waits are being investigated, for a short time.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "deadlock_timeout", "setting": "1", "unit": "ms" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "deadlock_timeout", "setting": "200", "unit": "ms" } ] }
    /// ```
    ///
    /// Only the collecting role has the value:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "deadlock_timeout", "setting": "1", "unit": "ms", "boot_val": "1000", "source": "user" } ],
    ///   "pg_file_settings": [] }
    /// ```
    rule short_deadlock_timeout {
        code: PGD1115,
        title: "Deadlocks are searched for after too short a wait",
        passed: "Deadlocks are not searched for too early",
        worst: Notice,
        reads: [server_settings],
        source: "PostgreSQL manual, deadlock_timeout; the threshold is pgdba's own",
        thresholds: {
            /// The shortest wait.
            MIN: Millis = Millis(100.0),
            /// The default.
            PROPOSED: Millis = Millis(1000.0),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<Millis>> {
    view.server_settings()?.require("deadlock_timeout")?;
    Ok(view.server_settings()?.millis("deadlock_timeout").filter(|timeout| *timeout < MIN))
}

fn subject(timeout: &Millis) -> About {
    About::parameter("deadlock_timeout", Weight::All)
        .figures([Figure::parameter("deadlock_timeout", *timeout).against(Quantity::Millis(MIN.0))])
}

fn describe(timeout: &Millis) -> Draft {
    Draft::new(format!("Raise deadlock_timeout from {}", display::duration(*timeout)))
        .set("deadlock_timeout", "1s", Effort::Reload)
        .because("Each session that waits that long for a lock searches for a deadlock, and locks the whole lock table for it.")
        .impact("A deadlock is resolved later.")
}
