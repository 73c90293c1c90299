//! The typed rows of vacuum health.

use jiff::Timestamp;
use pgdba_pg::Millis;
use serde::Serialize;

use crate::engine::vacuum::{release, remedy};
use crate::facts::View;
use crate::facts::freeze::{Age, DatabaseAge, XidRate};
use crate::facts::horizon::{Holder, Reach};
use crate::facts::tables::Table;
use crate::facts::vacuum_runs::VacuumRun;
use crate::format::{Checked, NotAssessed, SubjectKind};
use crate::topics::largest_first;

/// Tables whose freeze age is shown at most.
const OLDEST: usize = 20;

/// The data of `query vacuum-health`.
#[derive(Debug, Serialize)]
pub struct VacuumHealth {
    /// Tables that are past the threshold of VACUUM or of ANALYZE.
    pub tables_past_threshold: i64,
    /// Why dead rows might not have been counted, so that more tables might be past a threshold.
    pub uncounted: Option<String>,
    /// The tables that are furthest past a threshold or a freeze age, or closest to one.
    pub tables: Vec<TableHealth>,
    /// The tables with the greatest age of their oldest unfrozen transaction ID.
    pub oldest_tables: Vec<TableHealth>,
    /// The databases, the oldest first; none if their ages are unknown.
    pub databases: Option<Vec<DatabaseHealth>>,
    /// Transaction IDs assigned per second; none if that is unknown.
    pub xids_per_second: Option<f64>,
    /// VACUUM commands that are running; none if that is unknown.
    pub running: Option<Vec<RunHealth>>,
    /// What holds the xmin horizon, the oldest first.
    pub holders: Vec<HolderHealth>,
    /// What is unknown, and why.
    pub notes: Vec<String>,
}

/// A table with its thresholds.
#[derive(Debug, Serialize)]
pub struct TableHealth {
    /// Its database, if the snapshot contains which.
    pub database: Option<String>,
    /// Its schema.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// The table that a TOAST table belongs to.
    pub toast_of: Option<String>,
    /// Schema and name, quoted where SQL needs it; of a TOAST table those of its table.
    #[serde(skip)]
    pub label: String,
    /// Live rows.
    pub live_rows: Option<i64>,
    /// Dead rows.
    pub dead_rows: Option<i64>,
    /// Autovacuum runs VACUUM above so many dead rows.
    pub vacuum_threshold: Option<f64>,
    /// Dead rows as a multiple of that.
    pub vacuum_multiple: Option<f64>,
    /// Rows inserted since the last VACUUM (13).
    pub inserted_rows: Option<i64>,
    /// Autovacuum runs VACUUM above so many inserted rows (13).
    pub insert_threshold: Option<f64>,
    /// Inserted rows as a multiple of that.
    pub insert_multiple: Option<f64>,
    /// Rows changed since the last ANALYZE.
    pub changed_rows: Option<i64>,
    /// Autovacuum runs ANALYZE above so many changed rows.
    pub analyze_threshold: Option<f64>,
    /// Changed rows as a multiple of that.
    pub analyze_multiple: Option<f64>,
    /// Age of its oldest unfrozen transaction ID.
    pub xid_age: Option<i64>,
    /// Autovacuum freezes the table above this age.
    pub freeze_max_age: Option<i64>,
    /// Age of its oldest unfrozen multixact.
    pub multixact_age: Option<i64>,
    /// Autovacuum freezes the table above this age.
    pub multixact_freeze_max_age: Option<i64>,
    /// Whether autovacuum is enabled for it, in words.
    pub autovacuum: Option<&'static str>,
    /// When it was last vacuumed.
    pub last_vacuum: Option<Timestamp>,
    /// When it was last analyzed.
    pub last_analyze: Option<Timestamp>,
    /// What holds dead rows of it that VACUUM has left.
    pub held_by: Option<String>,
    /// The statements that correct its settings, or vacuum it.
    pub remedy: Option<String>,
}

impl TableHealth {
    fn of(table: &Table, held_by: Option<String>) -> Self {
        let subject = table.name.subject(SubjectKind::Table);
        let (stat, thresholds) = (table.stat.as_deref(), table.thresholds);
        Self {
            database: subject.database,
            schema: subject.schema,
            name: subject.name,
            toast_of: table.owner.as_ref().map(|owner| owner.sql()),
            label: table.owner.as_ref().map_or_else(|| table.name.to_string(), |owner| format!("{owner} (TOAST)")),
            live_rows: table.live_rows(),
            dead_rows: table.dead_rows(),
            vacuum_threshold: thresholds.vacuum,
            vacuum_multiple: table.dead_multiple(),
            inserted_rows: stat.and_then(|stat| stat.n_ins_since_vacuum),
            insert_threshold: thresholds.insert,
            insert_multiple: table.insert_multiple(),
            changed_rows: stat.and_then(|stat| stat.n_mod_since_analyze),
            analyze_threshold: thresholds.analyze,
            analyze_multiple: table.analyze_multiple(),
            xid_age: table.freeze_age,
            freeze_max_age: thresholds.freeze,
            multixact_age: table.multixact_age,
            multixact_freeze_max_age: thresholds.multixact,
            autovacuum: table.autovacuum.words(),
            last_vacuum: table.last_vacuum(),
            last_analyze: table.last_analyze(),
            held_by,
            remedy: remedy(table),
        }
    }
}

/// A database with its ages.
#[derive(Debug, Serialize)]
pub struct DatabaseHealth {
    /// Its name.
    pub name: String,
    /// Age of `datfrozenxid`.
    pub xid_age: Option<i64>,
    /// Transaction IDs that are left until the server assigns no more.
    pub xids_left: Option<i64>,
    /// The share that is used up.
    pub xids_used: Option<f64>,
    /// The time until the server assigns no more, in seconds, at the rate between two samples or since the earlier snapshot.
    pub seconds_left: Option<f64>,
    /// Age of `datminmxid`.
    pub multixact_age: Option<i64>,
    /// Multixacts that are left until the server assigns no more.
    pub multixacts_left: Option<i64>,
}

impl DatabaseHealth {
    fn of(database: &DatabaseAge, rate: Option<XidRate>) -> Self {
        let left = database.xid.map(Age::left);
        Self {
            name: database.name.clone(),
            xid_age: database.xid.map(|xid| xid.age),
            xids_left: left,
            xids_used: database.xid.and_then(Age::share).map(|share| share.0),
            seconds_left: rate.zip(left).and_then(|(rate, left)| rate.time_for(left)).map(Millis::seconds),
            multixact_age: database.multixact.map(|multixact| multixact.age),
            multixacts_left: database.multixact.map(Age::left),
        }
    }
}

/// A VACUUM that is running.
#[derive(Debug, Serialize)]
pub struct RunHealth {
    /// Its process ID.
    pub pid: i64,
    /// Its database.
    pub database: Option<String>,
    /// Its table.
    pub table: String,
    /// What runs it, in words.
    pub origin: Option<&'static str>,
    /// Its phase.
    pub phase: Option<String>,
    /// The share of the table that has been scanned.
    pub scanned: Option<f64>,
    /// Completed passes over the indexes.
    pub index_passes: Option<i64>,
    /// When it started.
    pub started: Option<Timestamp>,
}

impl From<&VacuumRun> for RunHealth {
    fn from(run: &VacuumRun) -> Self {
        Self {
            pid: run.row.pid,
            database: run.database.clone(),
            table: run.target(),
            origin: run.origin(),
            phase: run.row.phase.clone(),
            scanned: run.scanned().map(|share| share.0),
            index_passes: run.row.index_vacuum_count,
            started: run.started,
        }
    }
}

/// What holds the xmin horizon.
#[derive(Debug, Serialize)]
pub struct HolderHealth {
    /// `session`, `prepared transaction`, `replication slot` or `standby`.
    pub kind: &'static str,
    /// The process ID, the transaction ID or the name of the slot.
    pub name: String,
    /// Its role.
    pub role: Option<String>,
    /// Its application.
    pub application: Option<String>,
    /// Its state.
    pub state: Option<String>,
    /// The age of what it holds, in transactions.
    pub age: i64,
    /// Since when it holds it.
    pub since: Option<Timestamp>,
    /// How long that is, in seconds.
    pub seconds: Option<f64>,
    /// The database whose rows are kept; none for those of all databases.
    pub database: Option<String>,
    /// Whether only rows of system catalogs are kept.
    pub catalogs_only: bool,
    /// Whether it only has the age of another holder, which has written.
    pub is_copy: bool,
    /// Tables of which VACUUM has left dead rows while it held the horizon.
    pub tables: Vec<String>,
    /// The statement that ends it, where one on this server does.
    pub release: Option<String>,
}

impl HolderHealth {
    fn of(holder: &Holder, tables: &[Table], now: Option<Timestamp>) -> Self {
        let is_kept = |table: &&Table| now.is_some_and(|now| holder.keeps_rows_of(table, now));
        Self {
            kind: holder.kind.word(),
            name: holder.name.clone(),
            role: holder.role.clone(),
            application: holder.application.clone(),
            state: holder.state.clone(),
            age: holder.age,
            since: holder.since,
            seconds: now.and_then(|now| holder.held(now)).map(Millis::seconds),
            database: holder.database().map(str::to_owned),
            catalogs_only: holder.reach == Reach::Catalogs,
            is_copy: holder.is_copy,
            tables: tables.iter().filter(is_kept).map(|table| table.name.to_string()).collect(),
            release: release(holder, now),
        }
    }
}

impl VacuumHealth {
    pub(super) fn of(view: &View<'_>, limit: usize) -> Checked<Self> {
        let now = view.now().ok();
        let all = &view.tables()?.all;
        let horizon = view.horizon()?;
        let (freeze, runs, rate) = (view.freeze(), view.vacuum_runs(), rate(view));
        let mut notes = Vec::new();
        let mut known = |what: &str, missing: Option<&NotAssessed>| {
            notes.extend(missing.map(|missing| format!("{what}: {}", missing.reason)));
        };
        known("Some holders are hidden", horizon.hidden.as_ref());
        known("Time left until wraparound", rate.as_ref().err());
        known("Ages of databases", freeze.as_ref().err());
        known("Running VACUUM commands", runs.as_ref().err());
        let own: Vec<&Table> = all.iter().filter(|table| !table.is_partitioned()).collect();
        let is_past = |table: &&&Table| table.vacuum_multiple() > Some(1.0) || table.analyze_multiple() > Some(1.0);
        let past = own.iter().filter(is_past).count();
        let held = |table: &Table| now.and_then(|now| horizon.keeper(table, now)).map(Holder::words);
        let health = |table: &&Table| {
            let health = TableHealth::of(table, held(table));
            // Those that were counted are shown, but none counted is not none.
            let is_known = health.dead_rows > Some(0) || view.require_dead_rows_of(table).is_ok();
            TableHealth { dead_rows: health.dead_rows.filter(|_| is_known), ..health }
        };
        let first = |most: usize, key: fn(&&Table) -> Option<f64>| first(&own, most, key).iter().map(health).collect();
        let database = |database| DatabaseHealth::of(database, rate.as_ref().ok().copied());
        Ok(Self {
            tables_past_threshold: i64::try_from(past).unwrap_or(i64::MAX),
            uncounted: view.require_dead_rows().err().map(|missing| missing.reason),
            tables: first(limit, |table| worst_multiple(table)),
            oldest_tables: first(limit.min(OLDEST), |table| table.freeze_age.map(|age| age as f64)),
            databases: freeze.ok().map(|freeze| freeze.databases.iter().map(database).collect()),
            xids_per_second: rate.as_ref().ok().map(|rate| rate.per_second),
            running: runs.ok().map(|runs| runs.iter().map(RunHealth::from).collect()),
            holders: horizon.holders.iter().map(|holder| HolderHealth::of(holder, all, now)).collect(),
            notes,
        })
    }
}

/// How fast transaction IDs are assigned.
fn rate(view: &View<'_>) -> Checked<XidRate> {
    let earlier = view.earlier();
    view.transaction_ids()?.rate(earlier.as_ref().and_then(|earlier| earlier.transaction_ids().ok()))
}

/// The greatest multiple of its thresholds and of its age limits that a table is at.
fn worst_multiple(table: &Table) -> Option<f64> {
    let multiples = [table.vacuum_multiple(), table.analyze_multiple(), table.freeze_multiple()];
    multiples.into_iter().flatten().reduce(f64::max)
}

/// The `most` tables with the greatest key.
fn first<'a>(tables: &[&'a Table], most: usize, key: fn(&&Table) -> Option<f64>) -> Vec<&'a Table> {
    let mut sorted: Vec<(&Table, Option<f64>)> = tables.iter().map(|table| (*table, key(table))).collect();
    largest_first(&mut sorted, |(_, key)| *key);
    sorted.into_iter().take(most).map(|(table, _)| table).collect()
}
