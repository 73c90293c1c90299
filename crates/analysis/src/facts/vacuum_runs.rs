//! Running VACUUM commands and their progress.

use jiff::Timestamp;
use pgdba_pg::Ratio;
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_locks::PgLock;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_progress_vacuum::PgStatProgressVacuum;

use super::Facts;
use super::relation::{RelationName, Relations};
use crate::format::Checked;

/// A VACUUM that is running.
#[derive(Debug, Clone)]
pub struct VacuumRun {
    /// Its counters.
    pub row: PgStatProgressVacuum,
    /// Its database.
    pub database: Option<String>,
    /// The table, if the snapshot contains it.
    pub table: Option<RelationName>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// Whether autovacuum runs it; none if that is hidden.
    pub is_autovacuum: Option<bool>,
    /// Whether autovacuum runs it to prevent wraparound, so that it does not give way to other sessions.
    pub is_to_prevent_wraparound: bool,
    /// The processes that wait for its lock; none if locks are unknown.
    pub waiting: Option<Vec<i64>>,
}

impl VacuumRun {
    /// How much of the table has been scanned.
    #[must_use]
    pub fn scanned(&self) -> Option<Ratio> {
        Ratio::of(self.row.heap_blks_scanned?, self.row.heap_blks_total?)
    }

    /// The table, or what is known of it.
    #[must_use]
    pub fn target(&self) -> String {
        let unnamed = || match (&self.database, self.row.relid) {
            (Some(database), Some(oid)) => format!("oid {oid} in database {database}"),
            (_, Some(oid)) => format!("oid {oid}"),
            _ => "hidden from the collecting role".to_owned(),
        };
        self.table.as_ref().map_or_else(unnamed, ToString::to_string)
    }

    /// What runs it, in words.
    #[must_use]
    pub fn origin(&self) -> Option<&'static str> {
        match (self.is_to_prevent_wraparound, self.is_autovacuum?) {
            (true, _) => Some("autovacuum, to prevent wraparound"),
            (false, true) => Some("autovacuum"),
            (false, false) => Some("manual"),
        }
    }
}

/// What is known besides the progress.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<Vec<VacuumRun>> {
    Ok(join(
        facts.rows()?,
        &Around {
            databases: facts.rows().unwrap_or_default(),
            processes: facts.rows().unwrap_or_default(),
            locks: facts.rows().ok(),
            relations: facts.relations().ok(),
        },
    ))
}

/// What is read beside a running VACUUM.
struct Around<'a> {
    databases: Vec<PgDatabase>,
    processes: Vec<PgStatActivity>,
    locks: Option<Vec<PgLock>>,
    relations: Option<&'a Relations>,
}

fn join(rows: Vec<PgStatProgressVacuum>, around: &Around<'_>) -> Vec<VacuumRun> {
    let Around { databases, processes, locks, relations } = around;
    let waiting = |pid: i64| {
        let waits = |lock: &&PgLock| lock.blocked_by.iter().flatten().any(|blocker| *blocker == pid);
        let mut pids: Vec<i64> = locks.as_ref()?.iter().filter(waits).filter_map(|lock| lock.pid).collect();
        pids.sort_unstable();
        pids.dedup();
        Some(pids)
    };
    let join_one = |row: PgStatProgressVacuum| {
        let database = databases.iter().find(|database| Some(database.oid) == row.datid);
        let database = database.map(|database| database.datname.clone());
        let process = processes.iter().find(|process| process.pid == row.pid);
        let query = process.and_then(|process| process.query.as_deref());
        VacuumRun {
            table: relations.zip(row.relid).and_then(|(relations, oid)| relations.named(database.as_deref(), oid)),
            database,
            started: process.and_then(|process| process.xact_start),
            is_autovacuum: process
                .and_then(|process| process.backend_type.as_deref())
                .map(|kind| kind == "autovacuum worker"),
            is_to_prevent_wraparound: query.is_some_and(|query| query.ends_with("(to prevent wraparound)")),
            waiting: waiting(row.pid),
            row,
        }
    };
    rows.into_iter().map(join_one).collect()
}
