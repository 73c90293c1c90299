//! Deadlocks are frequent.

use crate::engine::prelude::*;
use crate::facts::observed::Observed;

rule! {
    /// ## What it sees
    ///
    /// Deadlocks of a database per hour, since its counters were reset or in the window of a delta
    /// (`pg_stat_database.deadlocks`).
    ///
    /// ## Why it matters
    ///
    /// For each deadlock the server cancels a statement, after the sessions involved have waited for
    /// `deadlock_timeout`. The application must repeat the transaction; if it does not, work is lost.
    ///
    /// ## Threshold
    ///
    /// At least {PER_HOUR} per hour and {MIN} in total since the reset; in the window of a delta, at least one.
    ///
    /// ## Remedy
    ///
    /// Have all transactions change rows and lock tables in the same order, for example sorted by primary key. With
    /// `log_lock_waits` the server log contains the statements of each deadlock.
    ///
    /// ## When to ignore this
    ///
    /// If the application repeats these transactions, and their number is stable.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "deadlocks": 500, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "deadlocks": 20, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "deadlocks": 2, "stats_reset": "2026-01-01T11:50:00Z" } ] }
    /// ```
    rule deadlocks {
        code: PGD1108,
        title: "Deadlocks are frequent",
        passed: "Deadlocks are rare",
        worst: Notice,
        reads: [databases],
        source: "PostgreSQL manual, Deadlocks",
        thresholds: {
            /// Deadlocks per hour that are frequent.
            PER_HOUR: f64 = 1.0,
            /// Fewer deadlocks say nothing about their rate.
            MIN: i64 = 5,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Observed<'a>>> {
    let databases = view.databases()?;
    let in_delta: Vec<_> = databases.in_delta().filter(|observed| observed.row.deadlocks >= Some(1)).collect();
    let counted = databases.since_reset(view.now().ok()).filter(|observed| observed.row.deadlocks >= Some(MIN));
    let is_new = |observed: &Observed<'_>| in_delta.iter().all(|known| known.name != observed.name);
    let counted: Vec<_> = counted.filter(is_new).collect();
    if in_delta.is_empty() && counted.iter().any(|observed| observed.length.is_none()) {
        return Err(NotAssessed::because("the time since which deadlocks are counted is unknown; collect a delta"));
    }
    let is_frequent = |observed: &Observed<'_>| observed.per_hour(observed.row.deadlocks) >= Some(PER_HOUR);
    Ok(in_delta.iter().copied().chain(counted.into_iter().filter(is_frequent)).collect())
}

fn subject(observed: &Observed<'_>) -> About {
    let count = observed.row.deadlocks.unwrap_or(0);
    About::new(Subject::named(SubjectKind::Database, observed.name), Weight::Count(count)).figures([
        Figure::new("deadlocks", count),
        Figure::new("per_hour", observed.per_hour(Some(count)).map(Quantity::Number)).against(Quantity::Number(PER_HOUR)),
        Figure::new("counted_over", observed.length),
    ])
}

fn describe(found: &Found<Observed<'_>>) -> Draft {
    let count = display::counted(found.sum(|observed| observed.row.deadlocks), "deadlock", "deadlocks");
    let length = display::duration(Millis(found.max(|observed| Some(observed.length?.0))));
    Draft::new(format!("Prevent deadlocks in {}: {count} in {length}", found.named("database", "databases")))
        .because("Each deadlock costs a canceled statement, after its sessions have waited for deadlock_timeout.")
        .advise("Have all transactions change rows in the same order, for example sorted by primary key.")
        .advise("Enable log_lock_waits and read the statements of each deadlock in the server log.")
        .effort(Effort::Project)
}
