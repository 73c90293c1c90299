//! Autovacuum freezes too often.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `autovacuum_freeze_max_age` is set so low that autovacuum freezes every table again and again.
    ///
    /// ## Why it matters
    ///
    /// Autovacuum starts a VACUUM to prevent wraparound of each table whose oldest transaction ID is that old, even where autovacuum
    /// is disabled. It reads all pages that are not frozen, is not canceled for a statement that waits for its lock, and so blocks
    /// DDL. With a limit of 100 000, a server with 1000 transactions per second does that every two minutes.
    ///
    /// ## Threshold
    ///
    /// Below {MIN} transactions. The default is 200 000 000.
    ///
    /// ## Remedy
    ///
    /// Raise it to {PROPOSED}, the default; that requires a restart. The limit protects nothing: the server stops assigning
    /// transaction IDs at an age of about two billion.
    ///
    /// ## When to ignore this
    ///
    /// On a server that tests freezing.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "100000" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "50000000" } ] }
    /// ```
    rule low_freeze_max_age {
        code: PGD522,
        title: "Autovacuum freezes tables too often",
        passed: "Autovacuum does not freeze tables too often",
        worst: Warning,
        reads: [settings],
        source: "PostgreSQL manual, autovacuum_freeze_max_age; the threshold is pgdba's own",
        thresholds: {
            /// The lowest age in transactions.
            MIN: i64 = 10_000_000,
            /// The default, in transactions.
            PROPOSED: i64 = 200_000_000,
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<i64>> {
    view.settings()?.require("autovacuum_freeze_max_age")?;
    Ok(view.settings()?.integer("autovacuum_freeze_max_age").filter(|age| *age < MIN))
}

fn subject(age: &i64) -> About {
    About::parameter("autovacuum_freeze_max_age", Weight::All)
        .figures([Figure::parameter("autovacuum_freeze_max_age", *age).against(MIN)])
}

fn describe(age: &i64) -> Draft {
    Draft::new(format!("Raise autovacuum_freeze_max_age from {}", display::count(*age)))
        .because("Autovacuum has to freeze every table again each time that so many transactions have begun.")
        .because("DDL waits for such a VACUUM, which is not canceled for it.")
        .set("autovacuum_freeze_max_age", PROPOSED.to_string(), Effort::Restart)
        .impact("A restart terminates all sessions; autovacuum then has less to do.")
}
