//! Sessions wait for an autovacuum that prevents wraparound.

use crate::engine::prelude::*;
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
    ///                           "query": "autovacuum: VACUUM public.orders (to prevent wraparound)" } ],
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

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a VacuumRun>> {
    view.sessions()?;
    let mut blocking = Vec::new();
    for run in view.vacuum_runs()?.iter().filter(|run| run.is_to_prevent_wraparound) {
        let waiting = run.waiting.as_ref().ok_or_else(|| NotAssessed::because("section pg_locks is missing"))?;
        if !waiting.is_empty() {
            blocking.push(run);
        }
    }
    Ok(blocking)
}

fn waiting(run: &VacuumRun) -> &[i64] {
    run.waiting.as_deref().unwrap_or_default()
}

fn subject(run: &VacuumRun) -> About {
    let cancel: Vec<String> = waiting(run).iter().map(|pid| format!("SELECT pg_cancel_backend({pid});")).collect();
    let count = i64::try_from(waiting(run).len()).unwrap_or(i64::MAX);
    let session = Subject::named(SubjectKind::Session, &run.row.pid.to_string()).in_database(run.database.as_deref());
    About::new(session, Weight::Count(count))
        .figures([
            Figure::new("waiting_sessions", count),
            Figure::new("table", run.target()),
            Figure::new("scanned", run.scanned()),
            Figure::new("started", run.started),
        ])
        .run(cancel.join("\n"))
}

fn describe(found: &Found<&VacuumRun>) -> Draft {
    let waiting = found.sum(|run| i64::try_from(waiting(run).len()).ok());
    let sessions = display::counted(waiting, "session waits", "sessions wait");
    let table = found.only().map_or_else(|| "several tables".to_owned(), |run| format!("table {}", run.target()));
    Draft::new(format!("Cancel DDL on {table}: {sessions} for a VACUUM that does not give way"))
        .because("An autovacuum that prevents wraparound is not canceled when another session needs a lock.")
        .because("Statements on the table wait behind the one that waits for the lock.")
        .advise("Cancel the statements that wait, and repeat them after VACUUM has finished. Do not end the worker.")
        .impact("The canceled statements fail and their transactions are rolled back.")
        .undo_text("Repeat the canceled statements.")
}
