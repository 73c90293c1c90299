//! Idle sessions hold many advisory locks.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A client session that has been idle, outside a transaction, for at least {IDLE} and holds many advisory locks.
    ///
    /// ## Why it matters
    ///
    /// Session-level advisory locks are kept until they are released explicitly or the session ends. Code that takes
    /// one per task and does not always release it, or that uses them through a connection pooler in transaction
    /// mode, accumulates them: others wait for tasks that nobody works on, and the lock table fills.
    ///
    /// ## Threshold
    ///
    /// At least {MANY} advisory locks.
    ///
    /// ## Remedy
    ///
    /// Use transaction-level advisory locks (`pg_advisory_xact_lock`), which are released by themselves, or release
    /// each one in a handler that always runs. Terminating the session releases its locks.
    ///
    /// ## When to ignore this
    ///
    /// If the application holds one advisory lock per item of work on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [], "lock_counts": [ { "pid": 1, "locktype": "advisory", "mode": "ExclusiveLock", "granted": true, "locks": 500 } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle", "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "lock_counts": [ { "pid": 1, "locktype": "advisory", "mode": "ExclusiveLock", "granted": true, "locks": 1 } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle", "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "lock_counts": [ { "pid": 1, "locktype": "advisory", "mode": "ExclusiveLock", "granted": true, "locks": 500 } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active", "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    rule advisory_lock_leak {
        code: PGD1107,
        title: "Idle sessions hold many advisory locks",
        passed: "No idle session holds many advisory locks",
        worst: Notice,
        reads: [sessions, lock_table],
        source: "PostgreSQL manual, Advisory Locks",
        thresholds: {
            /// Advisory locks that are many.
            MANY: i64 = 100,
            /// Sessions that were active more recently might still need their locks.
            IDLE: Millis = Millis(300_000.0),
        },
    }
}

struct Leak<'a> {
    session: &'a PgStatActivity,
    locks: i64,
    idle: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Leak<'a>>> {
    let (sessions, held) = (view.sessions()?, view.lock_table()?);
    let idle = sessions.clients().filter(|client| client.state.as_deref() == Some("idle"));
    let leak = idle.filter_map(|session| {
        let idle = sessions.age(session.state_change).filter(|idle| *idle >= IDLE)?;
        Some(Leak { session, locks: held.of(session.pid).advisory, idle })
    });
    Ok(leak.filter(|leak| leak.locks >= MANY).collect())
}

fn subject(leak: &Leak<'_>) -> About {
    About::session(leak.session, Weight::Count(leak.locks)).figures([
        Figure::new("advisory_locks", leak.locks).against(MANY),
        Figure::new("idle_for", leak.idle),
    ])
}

fn describe(found: &Found<Leak<'_>>) -> Draft {
    let locks = display::count(found.sum(|leak| Some(leak.locks)));
    let who = found.each("session", "sessions");
    Draft::new(format!("Release the advisory locks of {who}: {locks} held while idle"))
        .because("Session-level advisory locks are kept until they are released or the session ends.")
        .advise("Use pg_advisory_xact_lock(), or call pg_advisory_unlock() in a handler that always runs.")
        .advise("Terminating the session releases its locks.")
        .terminate(found.iter().map(|leak| leak.session))
}
