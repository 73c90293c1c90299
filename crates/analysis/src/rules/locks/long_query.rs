//! Statements run for hours.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use crate::engine::prelude::*;
use crate::facts::sessions::is_maintenance;

rule! {
    /// ## What it sees
    ///
    /// A statement of a client session that has been running for a long time. Maintenance is left out: VACUUM,
    /// ANALYZE, CREATE, ALTER, REINDEX, CLUSTER, REFRESH, COPY, CALL, pg_dump, pg_restore and base backups.
    /// Statements that wait for a lock are reported by PGD1101.
    ///
    /// ## Why it matters
    ///
    /// It uses CPU and I/O, and VACUUM must keep all rows that were deleted since it began. Often its client has
    /// given up long ago.
    ///
    /// ## Threshold
    ///
    /// Notice from {NOTICE} on, warning from {WARNING} on.
    ///
    /// ## Remedy
    ///
    /// Cancel the statement if nobody waits for its result. Set `statement_timeout` for the role of the application,
    /// not for the whole server: dumps and maintenance need their time.
    ///
    /// ## When to ignore this
    ///
    /// For reports and batch jobs that are known to take this long.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active",
    ///                           "application_name": "app", "query_start": "2026-01-01T10:30:00Z", "query": "select ?" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active",
    ///                           "application_name": "app", "query_start": "2026-01-01T11:30:00Z", "query": "select ?" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active",
    ///                           "application_name": "pg_dump", "query_start": "2026-01-01T10:30:00Z", "query": "COPY" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active",
    ///                           "application_name": "app", "query_start": "2026-01-01T10:30:00Z", "query": "CREATE INDEX" } ] }
    /// ```
    rule long_query {
        code: PGD1105,
        title: "Statements run for hours",
        passed: "No statement has been running for hours",
        worst: Warning,
        reads: [sessions],
        source: "PostgreSQL manual, statement_timeout; postgres-checkup, long transactions",
        thresholds: {
            /// A statement of this age causes a notice.
            NOTICE: Millis = Millis(3_600_000.0),
            /// A statement of this age causes a warning.
            WARNING: Millis = Millis(86_400_000.0),
        },
    }
}

struct Running<'a> {
    session: &'a PgStatActivity,
    time: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Running<'a>>> {
    let sessions = view.sessions()?;
    let is_running = |client: &&PgStatActivity| {
        client.state.as_deref() == Some("active") && client.wait_event_type.as_deref() != Some("Lock")
    };
    let clients = sessions.clients().filter(is_running).filter(|client| !is_maintenance(client));
    let running = clients.filter_map(|session| Some(Running { session, time: sessions.age(session.query_start)? }));
    Ok(running.filter(|running| running.time >= NOTICE).collect())
}

fn subject(running: &Running<'_>) -> About {
    let session = running.session;
    let severity = if running.time >= WARNING { Severity::Warning } else { Severity::Notice };
    About::session(session, running.time).severity(severity).figures([
        Figure::new("running_for", running.time).against(NOTICE),
        Figure::new("xmin_age", session.backend_xmin_age).labelled("age of its snapshot"),
    ])
}

fn describe(found: &Found<Running<'_>>) -> Draft {
    let longest = display::duration(Millis(found.max(|running| Some(running.time.0))));
    let one = found.only().map(|running| format!("the statement of session {}, running for {longest}", running.session.pid));
    let what = one.unwrap_or_else(|| format!("{}, running for up to {longest}", found.counted("statement", "statements")));
    Draft::new(format!("Find out who needs {what}"))
        .because("VACUUM must keep all rows that were deleted since the statement began.")
        .advise("Cancel it if nobody waits for its result.")
        .advise("Set statement_timeout with ALTER ROLE for the role of the application, not for the whole server.")
        .cancel(found.iter().map(|running| running.session))
}
