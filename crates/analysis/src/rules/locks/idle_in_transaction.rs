//! Sessions are idle in a transaction.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use crate::engine::prelude::*;
use crate::facts::locks::held::Held;
use crate::facts::sessions::holds_horizon;

rule! {
    /// ## What it sees
    ///
    /// Client sessions whose transaction is open, also an aborted one, while they run no statement. The time is that
    /// since the last statement ended (`state_change`).
    ///
    /// ## Why it matters
    ///
    /// The transaction keeps its locks, so that others can wait for it, and if it has written or uses a snapshot,
    /// VACUUM cannot remove rows that were deleted since it began.
    ///
    /// ## Threshold
    ///
    /// Notice from {NOTICE} on, warning from {WARNING} on. From {CRITICAL} on it is critical if the transaction has
    /// written or holds a snapshot. If it holds a lock on a table in the mode SHARE or stronger, it is a warning from
    /// {STRONG} on: nobody can write to that table.
    ///
    /// ## Remedy
    ///
    /// Terminate the session; a session in a transaction runs no statement that could be canceled. Then correct the
    /// application: it must commit or roll back before it waits for anything, and
    /// `idle_in_transaction_session_timeout` ends what is forgotten.
    ///
    /// ## When to ignore this
    ///
    /// If someone works in psql with an open transaction on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "backend_start": "2026-01-01T09:00:00Z", "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "backend_start": "2026-01-01T09:00:00Z", "state_change": "2026-01-01T11:58:00Z" } ],
    ///   "lock_counts": [ { "pid": 1, "locktype": "relation", "mode": "AccessExclusiveLock", "granted": true, "locks": 1 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "backend_start": "2026-01-01T09:00:00Z", "state_change": "2026-01-01T11:58:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle",
    ///                           "backend_start": "2026-01-01T09:00:00Z", "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    rule idle_in_transaction {
        code: PGD1104,
        title: "Sessions are idle in a transaction",
        passed: "No session has been idle in a transaction for long",
        worst: Critical,
        reads: [sessions, held_locks],
        source: "PostgreSQL manual, idle_in_transaction_session_timeout; pganalyze, idle transactions",
        thresholds: {
            /// A time of this length causes a notice.
            NOTICE: Millis = Millis(300_000.0),
            /// A time of this length causes a warning.
            WARNING: Millis = Millis(1_800_000.0),
            /// A time of this length is critical if the transaction holds VACUUM back.
            CRITICAL: Millis = Millis(3_600_000.0),
            /// A time of this length causes a warning if the transaction blocks writes to a table.
            STRONG: Millis = Millis(60_000.0),
        },
    }
}

/// A session that is idle in a transaction.
pub(crate) struct Idle<'a> {
    pub(crate) session: &'a PgStatActivity,
    time: Millis,
    held: Held<'a>,
}

pub(crate) fn severity(idle: &Idle<'_>) -> Option<Severity> {
    match idle.time {
        time if time >= CRITICAL && holds_horizon(idle.session) => Some(Severity::Critical),
        time if time >= WARNING || (time >= STRONG && idle.held.is_strong()) => Some(Severity::Warning),
        time if time >= NOTICE => Some(Severity::Notice),
        _ => None,
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<Idle<'a>>> {
    let held = view.held_locks()?;
    let sessions = view.sessions()?.idle_in_transaction();
    let idle = sessions.map(|(session, time)| Idle { session, time, held: held.of(session.pid) });
    Ok(idle.filter(|idle| severity(idle).is_some()).collect())
}

fn subject(idle: &Idle<'_>) -> About {
    let severity = severity(idle).unwrap_or(Severity::Notice);
    About::session(idle.session, idle.time).severity(severity).figures([
        Figure::new("idle_for", idle.time).against(if idle.held.is_strong() { STRONG } else { NOTICE }),
        Figure::new("strongest_lock", idle.held.strongest).labelled("strongest lock on a relation"),
        Figure::new("xid_age", idle.session.backend_xid_age).labelled("age of its transaction ID"),
        Figure::new("xmin_age", idle.session.backend_xmin_age).labelled("age of its snapshot"),
    ])
}

fn describe(found: &Found<Idle<'_>>) -> Draft {
    let longest = display::duration(Millis(found.max(|idle| Some(idle.time.0))));
    let who = found.each("session", "sessions");
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Terminate {who}: idle in transaction for {up_to}{longest}"))
        .because("The transaction is open, but no statement runs; it keeps its locks until it ends.")
        .because_for(found.part(|idle| idle.held.is_strong()).as_ref(), "Writes to a table are blocked by")
        .because_for(found.part(|idle| holds_horizon(idle.session)).as_ref(), "VACUUM must keep rows for")
        .advise("Terminate it, then have the application commit or roll back before it waits for anything else.")
        .terminate(found.iter().map(|idle| idle.session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::find;
    use crate::facts::Beside;
    use crate::{Facts, Quantity, example};

    #[test]
    fn the_threshold_is_that_of_its_lock() {
        let found = |mode: &str, sessions: &[i64]| {
            let session = |pid: &i64| {
                serde_json::json!({ "pid": pid, "backend_type": "client backend", "datname": "shop",
                                    "state": "idle in transaction", "state_change": "2026-01-01T11:54:00Z" })
            };
            let document = serde_json::json!({
                "pg_settings": [], "pg_stat_activity": sessions.iter().map(session).collect::<Vec<_>>(),
                "lock_counts": [{ "pid": 1, "locktype": "relation", "mode": mode, "granted": true, "locks": 1 }],
            });
            let snapshot = example::snapshot(&document.to_string()).unwrap();
            let finding = find(&RULE, &Facts::of(&snapshot), Beside::default()).unwrap().unwrap();
            let figure = finding.subjects[0].figures.iter().find(|figure| figure.key == "idle_for").unwrap().clone();
            (figure.limit, finding.summary)
        };
        let alone = "Terminate session 1: idle in transaction for 6 min".to_owned();
        assert_eq!(found("AccessShareLock", &[1]), (Some(Quantity::from(NOTICE)), alone.clone()));
        assert_eq!(found("ShareLock", &[1]), (Some(Quantity::from(STRONG)), alone));
        assert!(found("AccessShareLock", &[1, 2]).1.ends_with("2 sessions: idle in transaction for up to 6 min"));
    }
}
