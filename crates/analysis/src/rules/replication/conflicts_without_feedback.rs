//! Replay cancels queries on a standby.

use crate::engine::prelude::*;
use crate::facts::databases::Conflicts;

rule! {
    /// ## What it sees
    ///
    /// On a standby with `hot_standby_feedback = off`, how many queries were canceled because they conflicted with replay
    /// (`pg_stat_database.conflicts`).
    ///
    /// ## Why it matters
    ///
    /// Queries fail with 'canceling statement due to conflict with recovery'. Most often VACUUM on the primary has
    /// removed rows that the query still needs.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_PER_DAY} per day since the statistics were reset, or since the server started.
    ///
    /// ## Remedy
    ///
    /// Enable `hot_standby_feedback`: the standby then tells the primary which rows its queries need. Alternatively raise
    /// `max_standby_streaming_delay`.
    ///
    /// ## When to ignore this
    ///
    /// If the primary must not keep dead rows for the queries of this standby.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "off" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "on" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "off" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 0, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "hot_standby_feedback", "setting": "off" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "conflicts": 40, "stats_reset": "2025-12-31T12:00:00Z" } ] }
    /// ```
    rule conflicts_without_feedback {
        code: PGD1211,
        title: "Replay cancels queries, and hot_standby_feedback is off",
        passed: "Replay cancels few queries, or hot_standby_feedback is on",
        worst: Notice,
        reads: [system, settings, databases],
        source: "PostgreSQL manual, Handling Query Conflicts",
        thresholds: {
            /// Fewer canceled queries a day are tolerable.
            MIN_PER_DAY: f64 = 1.0,
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<Conflicts>> {
    let is_off = view.settings()?.is_on("hot_standby_feedback") == Some(false);
    if view.system()?.is_in_recovery != Some(true) || !is_off {
        return Ok(None);
    }
    let conflicts = view.databases()?.conflicts(view.system()?.start_time, view.now()?);
    Ok(conflicts.filter(|conflicts| conflicts.per_day >= MIN_PER_DAY))
}

fn subject(conflicts: &Conflicts) -> About {
    About::parameter("hot_standby_feedback", Weight::Count(conflicts.number)).figures([
        Figure::new("conflicts", conflicts.number).labelled("canceled queries"),
        Figure::new("per_day", Quantity::Number(conflicts.per_day)).against(Quantity::Number(MIN_PER_DAY)),
        Figure::parameter("hot_standby_feedback", "off").against("on"),
    ])
}

fn describe(conflicts: &Conflicts) -> Draft {
    let queries = display::counted(conflicts.number, "query", "queries");
    Draft::new(format!("Enable hot_standby_feedback: replay canceled {queries}"))
        .set("hot_standby_feedback", "on", Effort::Reload)
        .because("The queries conflicted with replay, most often because the primary had removed rows that they needed.")
        .advise("If conflicts continue, raise max_standby_streaming_delay.")
        .impact("The primary keeps dead rows that queries on this standby need, so long queries here cause bloat there.")
}
