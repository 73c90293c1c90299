//! Dead rows are kept for standbys.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `vacuum_defer_cleanup_age` is set (versions 12 to 15; version 16 does not have it).
    ///
    /// ## Why it matters
    ///
    /// VACUUM and HOT updates keep the rows that died within so many transactions, in all tables of all databases, so tables and
    /// indexes grow and scans read dead rows. It protects queries on standbys for a number of transactions, not for a time.
    ///
    /// ## Threshold
    ///
    /// More than 0, the default.
    ///
    /// ## Remedy
    ///
    /// Set it to 0. Where queries on a standby must not be canceled, enable `hot_standby_feedback` there or raise
    /// `max_standby_streaming_delay`.
    ///
    /// ## When to ignore this
    ///
    /// If standbys without a replication slot need it, and the dead rows are few.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 15, "pg_settings": [ { "name": "vacuum_defer_cleanup_age", "setting": "1000000" } ] }
    /// ```
    /// ```json passed
    /// { "version": 15, "pg_settings": [ { "name": "vacuum_defer_cleanup_age", "setting": "0" } ] }
    /// ```
    /// ```json passed
    /// { "version": 16, "pg_settings": [] }
    /// ```
    rule deferred_cleanup {
        code: PGD523,
        title: "Dead rows are kept for standbys",
        passed: "Dead rows are not kept by vacuum_defer_cleanup_age",
        worst: Notice,
        reads: [settings],
        source: "PostgreSQL 15 manual, vacuum_defer_cleanup_age; release notes of version 16",
    }
}

fn check(view: &View<'_>) -> Checked<Option<i64>> {
    Ok(view.settings()?.integer("vacuum_defer_cleanup_age").filter(|age| *age > 0))
}

fn subject(age: &i64) -> About {
    About::parameter("vacuum_defer_cleanup_age", Weight::Count(*age))
        .figures([Figure::parameter("vacuum_defer_cleanup_age", *age).against(0_i64)])
}

fn describe(age: &i64) -> Draft {
    Draft::new(format!("Set vacuum_defer_cleanup_age to 0: dead rows are kept for {} transactions", display::count(*age)))
        .set("vacuum_defer_cleanup_age", "0", Effort::Reload)
        .because("VACUUM does not remove rows that died within so many transactions, in any table.")
        .advise("Enable hot_standby_feedback on the standbys whose queries must not be canceled.")
        .impact("Queries on standbys without hot_standby_feedback can be canceled earlier.")
}
