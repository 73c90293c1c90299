//! Sessions wait for an autovacuum that prevents wraparound.

use crate::engine::prelude::*;
use crate::facts::locks::party::signal;
use crate::facts::vacuum_runs::VacuumRun;

rule! {
    /// ## What it sees
    ///
    /// An autovacuum worker that vacuums a table to prevent wraparound, and sessions that wait for its lock.
    ///
    /// ## Why it matters
    ///
    /// An ordinary autovacuum gives way when another session needs a lock. One that prevents wraparound does not: a statement
    /// such as ALTER TABLE, CREATE INDEX or TRUNCATE waits until it has finished, and every later statement on the table waits
    /// behind that one.
    ///
    /// ## Threshold
    ///
    /// One session that waits. The worker alone is routine and not reported.
    ///
    /// ## Remedy
    ///
    /// Cancel the statement that waits, so that reads and writes continue, and repeat it after VACUUM has finished. Do not end the
    /// worker: autovacuum starts again from the beginning.
    ///
    /// ## When to ignore this
    ///
    /// If the table is not in use.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 100, "datid": 5, "relid": 16385 } ],
    ///   "pg_stat_activity": [ { "pid": 100, "backend_type": "autovacuum worker",
    ///                           "query": "autovacuum: VACUUM public.orders (to prevent wraparound)" },
    ///                         { "pid": 200, "backend_type": "client backend", "backend_start": "2026-01-01T11:00:00Z",
    ///                           "state": "active", "query": "ALTER TABLE orders ADD note text" } ],
    ///   "pg_locks": [ { "pid": 200, "locktype": "relation", "granted": false, "blocked_by": [100] } ] }
    /// ```
    ///
    /// An ordinary autovacuum, which gives way within a second:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 100, "datid": 5, "relid": 16385 } ],
    ///   "pg_stat_activity": [ { "pid": 100, "backend_type": "autovacuum worker", "query": "autovacuum: VACUUM public.orders" } ],
    ///   "pg_locks": [ { "pid": 200, "locktype": "relation", "granted": false, "blocked_by": [100] } ] }
    /// ```
    rule blocking_wraparound_vacuum {
        code: PGD520,
        title: "Sessions wait for an autovacuum that prevents wraparound",
        passed: "No session waits for an autovacuum that prevents wraparound",
        worst: Warning,
        reads: [sessions, vacuum_runs],
        source: "PostgreSQL manual, The Autovacuum Daemon",
    }
}

/// A worker that does not give way.
struct Blocking<'a> {
    run: &'a VacuumRun,
    /// How many sessions wait for it.
    waiting: i64,
    /// Statements that cancel those that wait.
    cancel: Vec<String>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Blocking<'a>>> {
    let processes = &view.sessions()?.processes;
    let cancel = |pid: &i64| signal(processes.iter().find(|process| process.pid == *pid)?, "pg_cancel_backend");
    let mut blocking = Vec::new();
    for run in view.vacuum_runs()?.iter().filter(|run| run.is_to_prevent_wraparound) {
        let waiting = run.waiting.as_ref().ok_or_else(|| NotAssessed::because("section pg_locks is missing"))?;
        if !waiting.is_empty() {
            let cancel = waiting.iter().filter_map(cancel).collect();
            blocking.push(Blocking { run, waiting: i64::try_from(waiting.len()).unwrap_or(i64::MAX), cancel });
        }
    }
    Ok(blocking)
}

fn subject(blocking: &Blocking<'_>) -> About {
    let Blocking { run, waiting, cancel } = blocking;
    let session = Subject::named(SubjectKind::Session, &run.row.pid.to_string()).in_database(run.database.as_deref());
    let about = About::new(session, Weight::Count(*waiting)).figures([
        Figure::new("waiting_sessions", *waiting),
        Figure::new("table", run.target()),
        Figure::new("scanned", run.scanned()),
        Figure::new("started", run.started),
    ]);
    if cancel.is_empty() { about } else { about.run(cancel.join("\n")) }
}

fn describe(found: &Found<Blocking<'_>>) -> Draft {
    let waiting = found.sum(|blocking| Some(blocking.waiting));
    let sessions = display::counted(waiting, "session waits", "sessions wait");
    let table =
        found.only().map_or_else(|| "several tables".to_owned(), |blocking| format!("table {}", blocking.run.target()));
    Draft::new(format!("Cancel DDL on {table}: {sessions} for a VACUUM that does not give way"))
        .because("An autovacuum that prevents wraparound is not canceled when another session needs a lock.")
        .because("Statements on the table wait behind the one that waits for the lock.")
        .advise("Cancel the statements that wait, and repeat them after VACUUM has finished. Do not end the worker.")
        .impact("The canceled statements fail and their transactions are rolled back.")
        .undo_text("Repeat the canceled statements.")
}
