//! Autovacuum starts to freeze late.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `autovacuum_freeze_max_age` is set so high that little is left between the age from which autovacuum freezes a table and the
    /// age at which the server stops assigning transaction IDs.
    ///
    /// ## Why it matters
    ///
    /// If freezing a large table takes longer than expected, or a transaction holds it back for a day, the remaining IDs can run
    /// out. The commit log, which takes 2 bits per transaction, also grows to hundreds of megabytes.
    ///
    /// ## Threshold
    ///
    /// Above {MAX} transactions. The default is 200 000 000.
    ///
    /// ## Remedy
    ///
    /// Vacuum the oldest tables first, then lower the parameter to {PROPOSED}; that requires a restart. Otherwise autovacuum starts
    /// to freeze all of them at once after the restart.
    ///
    /// ## When to ignore this
    ///
    /// If the age of the databases is monitored and a scheduled VACUUM freezes the tables.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "1500000000" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "500000000" } ] }
    /// ```
    rule high_freeze_max_age {
        code: PGD521,
        title: "Autovacuum starts to freeze late",
        passed: "Autovacuum starts to freeze early enough",
        worst: Notice,
        reads: [settings],
        source: "PostgreSQL manual, autovacuum_freeze_max_age",
        thresholds: {
            /// The highest age in transactions.
            MAX: i64 = 800_000_000,
            /// The age that is recommended, in transactions.
            PROPOSED: i64 = 500_000_000,
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<i64>> {
    view.settings()?.require("autovacuum_freeze_max_age")?;
    Ok(view.settings()?.integer("autovacuum_freeze_max_age").filter(|age| *age > MAX))
}

fn subject(age: &i64) -> About {
    About::parameter("autovacuum_freeze_max_age", Weight::Count(*age))
        .figures([Figure::parameter("autovacuum_freeze_max_age", *age).against(MAX)])
}

fn describe(age: &i64) -> Draft {
    Draft::new(format!("Lower autovacuum_freeze_max_age from {}", display::count(*age)))
        .because("Little is left between this age and the one at which the server stops assigning transaction IDs.")
        .set("autovacuum_freeze_max_age", PROPOSED.to_string(), Effort::Restart)
        .advise("First vacuum the tables that are older than that, so that autovacuum does not start with all of them at once.")
        .impact("A restart terminates all sessions; autovacuum then freezes the tables that are older.")
}
