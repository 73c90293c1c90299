//! Clients connect very often.

use crate::engine::prelude::*;
use crate::facts::observed::{Observed, require_session_counters};

rule! {
    /// ## What it sees
    ///
    /// New sessions of a database per second (`pg_stat_database.sessions`, version 14 and newer), in the window of a
    /// delta, otherwise since the counters were reset.
    ///
    /// ## Why it matters
    ///
    /// Each session is a process: the server forks it, authenticates the client and fills its caches again. Ten
    /// connections per second can cost as much as the statements that they run.
    ///
    /// ## Threshold
    ///
    /// At least {PER_SECOND} per second. Fewer than {MIN} sessions since the reset are never reported.
    ///
    /// ## Remedy
    ///
    /// Use a connection pool in the application, or a pooler such as PgBouncer.
    ///
    /// ## When to ignore this
    ///
    /// If the clients are many independent programs that cannot share connections.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 12000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 120000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "sessions": 5 } ] }
    /// ```
    rule connection_churn {
        code: PGD402,
        title: "Clients connect very often",
        passed: "Clients keep their connections",
        worst: Notice,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database: sessions",
        thresholds: {
            /// New sessions per second that are many.
            PER_SECOND: f64 = 10.0,
            /// Fewer sessions say nothing about their rate.
            MIN: i64 = 36_000,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Observed<'a>>> {
    let counted = view.databases()?.latest(view.now().ok());
    require_session_counters(view, &counted)?;
    let is_many = |observed: &Observed<'_>| observed.is_delta || observed.row.sessions >= Some(MIN);
    let counted: Vec<_> = counted.into_iter().filter(is_many).collect();
    if counted.iter().any(|observed| observed.length.is_none()) {
        return Err(NotAssessed::because("the time since which sessions are counted is unknown; collect a delta"));
    }
    Ok(counted.into_iter().filter(|observed| observed.per_second(observed.row.sessions) >= Some(PER_SECOND)).collect())
}

fn subject(observed: &Observed<'_>) -> About {
    let rate = observed.per_second(observed.row.sessions);
    About::new(Subject::named(SubjectKind::Database, observed.name), Weight::Count(rate.unwrap_or(0.0) as i64)).figures([
        Figure::new("sessions_per_second", rate.map(Quantity::PerSecond)).against(Quantity::PerSecond(PER_SECOND)),
        Figure::new("sessions", observed.row.sessions),
        Figure::new("counted_over", observed.length),
    ])
}

fn describe(found: &Found<Observed<'_>>) -> Draft {
    let rate = Quantity::Number(found.max(|observed| observed.per_second(observed.row.sessions))).display();
    Draft::new(format!("Pool the connections to {}: {rate} new sessions per second", found.named("database", "databases")))
        .because("Each new session costs a process, an authentication and empty caches.")
        .advise("Use a connection pool in the application, or a pooler such as PgBouncer.")
        .effort(Effort::Project)
}
