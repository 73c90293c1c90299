//! Replay cancels queries although the primary keeps rows for them.

use crate::engine::prelude::*;
use crate::facts::databases::Conflicts;

rule! {
    /// ## What it sees
    ///
    /// On a standby with `hot_standby_feedback = on`, how many queries were canceled because they conflicted with replay
    /// (`pg_stat_database.conflicts`), and `max_standby_streaming_delay`.
    ///
    /// ## Why it matters
    ///
    /// Queries fail with 'canceling statement due to conflict with recovery'. With feedback, the causes are exclusive
    /// locks of the primary (DDL, truncation of tables by VACUUM), dropped tablespaces and databases, or interruptions of
    /// the connection.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_PER_DAY} per day since the statistics were reset, or since the server started, and a delay of less
    /// than {MAX_DELAY}.
    ///
    /// ## Remedy
    ///
    /// Raise `max_standby_streaming_delay`: replay then waits longer for queries. `pg_stat_database_conflicts` has the
    /// kinds of conflicts.
    ///
    /// ## When to ignore this
    ///
    /// If the standby must be up to date for a failover: replay that waits makes it older.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "on" },
    ///                    { "name": "max_standby_streaming_delay", "setting": "30000", "unit": "ms" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "on" },
    ///                    { "name": "max_standby_streaming_delay", "setting": "-1", "unit": "ms" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "on" },
    ///                    { "name": "max_standby_streaming_delay", "setting": "30000", "unit": "ms" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 0, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    rule conflicts_with_feedback {
        code: PGD1212,
        title: "Replay cancels queries",
        passed: "Replay cancels few queries, or waits for them",
        worst: Notice,
        reads: [system, settings, databases],
        source: "PostgreSQL manual, Handling Query Conflicts",
        thresholds: {
            /// Fewer canceled queries a day are tolerable.
            MIN_PER_DAY: f64 = 1.0,
            /// A longer delay than this is not proposed.
            MAX_DELAY: Millis = Millis(300_000.0),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<(Conflicts, Millis)>> {
    let settings = view.settings()?;
    let databases = view.databases()?;
    let is_on = settings.is_on("hot_standby_feedback") == Some(true);
    if view.system()?.is_in_recovery != Some(true) || !is_on {
        return Ok(None);
    }
    let conflicts = databases.conflicts(view.system()?.start_time, view.now()?);
    let conflicts = conflicts.filter(|conflicts| conflicts.per_day >= MIN_PER_DAY);
    // Without a limit, replay waits for as long as the queries take.
    Ok(conflicts.zip(settings.millis("max_standby_streaming_delay").filter(|delay| *delay < MAX_DELAY)))
}

fn subject((conflicts, delay): &(Conflicts, Millis)) -> About {
    About::parameter("max_standby_streaming_delay", Weight::Count(conflicts.number)).figures([
        Figure::new("conflicts", conflicts.number).labelled("canceled queries"),
        Figure::new("per_day", Quantity::Number(conflicts.per_day)).against(Quantity::Number(MIN_PER_DAY)),
        Figure::parameter("max_standby_streaming_delay", *delay).against(MAX_DELAY),
    ])
}

fn describe((conflicts, delay): &(Conflicts, Millis)) -> Draft {
    let queries = display::counted(conflicts.number, "query", "queries");
    Draft::new(format!("Raise max_standby_streaming_delay from {}: replay canceled {queries}", display::duration(*delay)))
        .set("max_standby_streaming_delay", "5min", Effort::Reload)
        .because("hot_standby_feedback is on, so the conflicts are with exclusive locks of the primary, or after interruptions.")
        .advise("See pg_stat_database_conflicts for their kinds. Set lock_timeout for DDL on the primary.")
        .impact("Replay can be behind by that much longer.")
}
