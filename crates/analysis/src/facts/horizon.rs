//! What holds the xmin horizon: the transactions whose rows VACUUM must keep, since someone might still see them.

use std::cmp::Reverse;

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_replication_slots::PgReplicationSlot;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;
use pgdba_snapshot::sections::pg_stat_progress_vacuum::PgStatProgressVacuum;
use pgdba_snapshot::sections::pg_stat_replication::PgStatReplication;

use super::Facts;
use super::tables::{Table, multiple};
use super::time;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

/// Where it is unknown since when the horizon is held, VACUUM must have run this recently to show that it removes nothing.
const RECENT: Millis = Millis(86_400_000.0);

/// A kind of holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HolderKind {
    /// A session with an open transaction.
    Session,
    /// A prepared transaction.
    PreparedTransaction,
    /// A replication slot.
    ReplicationSlot,
    /// A standby with `hot_standby_feedback` and without a slot.
    Standby,
}

impl HolderKind {
    /// The kind in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::PreparedTransaction => "prepared transaction",
            Self::ReplicationSlot => "replication slot",
            Self::Standby => "standby",
        }
    }
}

/// Whose rows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Those of one database; of the others only in shared catalogs.
    Database(String),
    /// Those of all databases.
    Cluster,
    /// Those of system catalogs.
    Catalogs,
}

/// Something that holds the horizon.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Its kind.
    pub kind: HolderKind,
    /// The process ID of a session or of a standby's WAL sender, the transaction ID, or the name of the slot.
    pub name: String,
    /// Its role.
    pub role: Option<String>,
    /// The application name of a session or of a standby.
    pub application: Option<String>,
    /// The state of a session; `active` or `inactive` of a slot.
    pub state: Option<String>,
    /// The age of what it holds, in transactions.
    pub age: i64,
    /// Since when it holds the horizon, at the most.
    pub since: Option<Timestamp>,
    /// Whose rows are kept.
    pub reach: Reach,
    /// Whether its transaction has written, so that the snapshots of other sessions are held by it too.
    has_written: bool,
    /// Whether the age is that of the snapshot of a session that could not be older, because another transaction has written.
    pub is_copy: bool,
}

impl Holder {
    /// How long it has held the horizon.
    #[must_use]
    pub fn held(&self, now: Timestamp) -> Option<Millis> {
        time::age(now, self.since?)
    }

    /// The database that it is in.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        match &self.reach {
            Reach::Database(name) => Some(name),
            Reach::Cluster | Reach::Catalogs => None,
        }
    }

    /// It as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let kind = match self.kind {
            HolderKind::Session => SubjectKind::Session,
            HolderKind::PreparedTransaction => SubjectKind::PreparedTransaction,
            HolderKind::ReplicationSlot => SubjectKind::ReplicationSlot,
            HolderKind::Standby => SubjectKind::Standby,
        };
        Subject::named(kind, &self.name).in_database(self.database())
    }

    /// It in a sentence: `session 4711 (idle in transaction) of role app`.
    #[must_use]
    pub fn words(&self) -> String {
        let state = self.state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default();
        let role = self.role.as_ref().map(|role| format!(" of role {role}")).unwrap_or_default();
        format!("{} {}{state}{role}", self.kind.word(), self.name)
    }

    /// Whether it keeps rows of a table.
    #[must_use]
    pub fn reaches(&self, table: &Table) -> bool {
        match &self.reach {
            Reach::Cluster => true,
            Reach::Catalogs => false,
            Reach::Database(name) => table.name.database().is_none_or(|database| database == name),
        }
    }

    /// Whether VACUUM has run on a table while it held the horizon, and has left more dead rows than the table's threshold. If
    /// ANALYZE has counted them since, as it does when autovacuum runs both, those that came later do not count: a queue fills
    /// again within seconds.
    #[must_use]
    pub fn keeps_rows_of(&self, table: &Table, now: Timestamp) -> bool {
        let ran = match self.since {
            Some(since) => table.last_vacuum() > Some(since),
            None => table.since_vacuum(now).is_some_and(|ago| ago < RECENT),
        };
        let left =
            if table.last_analyze() >= table.last_vacuum() { table.dead_rows_at_analyze() } else { table.dead_rows() };
        let is_above = left.and_then(|left| multiple(left, table.thresholds.vacuum)) >= Some(1.0);
        self.reaches(table) && ran && is_above
    }
}

/// Everything that holds the horizon and could be seen.
#[derive(Debug, Default)]
pub struct Horizon {
    /// The oldest first; of the same age those that have written, then the longest.
    pub holders: Vec<Holder>,
    /// Why there might be others.
    pub hidden: Option<NotAssessed>,
}

impl Horizon {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let parts = [facts.session_holders(), facts.prepared_holders(), facts.slot_holders(), facts.standby_holders()];
        let hidden = parts.iter().find_map(|part| part.as_ref().err().cloned());
        Ok(Self::new(parts.into_iter().flatten().flatten().cloned().collect(), hidden))
    }

    fn new(mut holders: Vec<Holder>, hidden: Option<NotAssessed>) -> Self {
        holders.sort_by_key(|holder| (Reverse(holder.age), !holder.has_written, holder.since));
        let mut written: Option<i64> = None;
        for holder in &mut holders {
            holder.is_copy = !holder.has_written && holder.kind == HolderKind::Session && written == Some(holder.age);
            written = if holder.has_written { Some(holder.age) } else { written };
        }
        Self { holders, hidden }
    }

    /// The oldest that keeps dead rows of a table which VACUUM would have removed. A transaction that has written keeps rows of
    /// another database through the snapshots of sessions there, which cannot be newer.
    #[must_use]
    pub fn keeper(&self, table: &Table, now: Timestamp) -> Option<&Holder> {
        let keeper = self.holders.iter().find(|holder| holder.keeps_rows_of(table, now))?;
        let writer = || self.holders.iter().find(|holder| holder.has_written && holder.age == keeper.age);
        Some(if keeper.is_copy { writer().unwrap_or(keeper) } else { keeper })
    }
}

/// Sessions whose transaction has a snapshot or has written. VACUUM does not hold the horizon, nor do WAL senders by
/// themselves; a parallel worker has the snapshot of its leader.
pub(super) fn sessions(processes: &[PgStatActivity], vacuums: &[PgStatProgressVacuum]) -> Vec<Holder> {
    let vacuums = |process: &&PgStatActivity| vacuums.iter().any(|row| row.pid == process.pid);
    let is_own = |process: &&PgStatActivity| {
        let kind = process.backend_type.as_deref();
        !matches!(kind, Some("walsender" | "parallel worker"))
            && process.leader_pid.is_none_or(|pid| pid == process.pid)
    };
    let holds = |process: &PgStatActivity| {
        Some(Holder {
            kind: HolderKind::Session,
            name: process.pid.to_string(),
            role: process.usename.clone(),
            application: process.application_name.clone().filter(|name| !name.is_empty()),
            state: process.state.clone().or_else(|| process.backend_type.clone()),
            age: process.backend_xid_age.max(process.backend_xmin_age)?,
            since: process.xact_start,
            reach: process.datname.clone().map_or(Reach::Cluster, Reach::Database),
            has_written: process.backend_xid_age.is_some() && process.backend_xid_age >= process.backend_xmin_age,
            is_copy: false,
        })
    };
    processes.iter().filter(is_own).filter(|process| !vacuums(process)).filter_map(holds).collect()
}

pub(super) fn prepared(rows: Vec<PgPreparedXact>) -> Vec<Holder> {
    let holds = |row: PgPreparedXact| {
        Some(Holder {
            kind: HolderKind::PreparedTransaction,
            name: row.transactionid.unwrap_or_default(),
            role: row.owner,
            application: None,
            state: None,
            age: row.transaction_age?,
            since: row.prepared,
            reach: row.database.map_or(Reach::Cluster, Reach::Database),
            has_written: true,
            is_copy: false,
        })
    };
    rows.into_iter().filter_map(holds).collect()
}

/// Slots that hold a horizon; those that were invalidated hold nothing.
pub(super) fn slots(rows: Vec<PgReplicationSlot>) -> Vec<Holder> {
    let is_valid =
        |row: &PgReplicationSlot| row.wal_status.as_deref() != Some("lost") && row.invalidation_reason.is_none();
    let holds = |row: PgReplicationSlot| {
        let is_active = row.active == Some(true);
        Some(Holder {
            kind: HolderKind::ReplicationSlot,
            name: row.slot_name,
            role: None,
            application: None,
            state: Some(if is_active { "active" } else { "inactive" }.to_owned()),
            age: row.xmin_age.max(row.catalog_xmin_age)?,
            since: row.inactive_since.filter(|_| !is_active),
            reach: if row.xmin_age >= row.catalog_xmin_age { Reach::Cluster } else { Reach::Catalogs },
            has_written: false,
            is_copy: false,
        })
    };
    rows.into_iter().filter(is_valid).filter_map(holds).collect()
}

/// WAL senders whose standby reports its horizon. That of a logical slot's WAL sender holds nothing.
pub(super) fn standbys(rows: Vec<PgStatReplication>, slots: &[PgReplicationSlot]) -> Vec<Holder> {
    let logical: Vec<i64> =
        slots.iter().filter(|slot| slot.plugin.is_some()).filter_map(|slot| slot.active_pid).collect();
    let holds = |row: PgStatReplication| {
        Some(Holder {
            kind: HolderKind::Standby,
            name: row.pid.to_string(),
            role: row.usename,
            application: row.application_name.filter(|name| !name.is_empty()),
            state: row.state,
            age: row.backend_xmin_age?,
            since: None,
            reach: Reach::Cluster,
            has_written: false,
            is_copy: false,
        })
    };
    rows.into_iter().filter(|row| !logical.contains(&row.pid)).filter_map(holds).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Facts, example};

    fn process(pid: i64, own: &Value) -> Value {
        let mut row = json!({ "pid": pid, "datname": "shop", "usename": "app", "state": "active",
                              "backend_type": "client backend", "xact_start": "2026-01-01T11:00:00Z" });
        row.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        row
    }

    /// The holders in a document, as kind, name and whether each is a copy.
    fn holders(document: &Value) -> Vec<(HolderKind, String, bool)> {
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let holders = &facts.horizon().unwrap().holders;
        holders.iter().map(|holder| (holder.kind, holder.name.clone(), holder.is_copy)).collect()
    }

    #[test]
    fn snapshots_that_are_as_old_as_a_writing_transaction_are_copies_of_it() {
        let sessions = [
            process(1, &json!({ "backend_xmin_age": 500, "xact_start": "2026-01-01T11:59:00Z" })),
            process(2, &json!({ "backend_xid_age": 500, "state": "idle in transaction" })),
            process(3, &json!({ "backend_xmin_age": 700, "xact_start": "2026-01-01T10:00:00Z" })),
            process(4, &json!({ "backend_xmin_age": 700 })),
            process(5, &json!({ "state": "idle" })),
        ];
        let session = |name: &str, is_copy: bool| (HolderKind::Session, name.to_owned(), is_copy);
        let expected = [session("3", false), session("4", false), session("2", false), session("1", true)];
        assert_eq!(holders(&json!({ "pg_stat_activity": sessions })), expected);
        let prepared = json!([{ "transactionid": "900", "transaction_age": 700, "database": "shop" }]);
        let copies = holders(&json!({ "pg_stat_activity": sessions, "pg_prepared_xacts": prepared }));
        assert_eq!(copies[0], (HolderKind::PreparedTransaction, "900".to_owned(), false));
        assert_eq!(copies[1..3], [session("3", true), session("4", true)]);
    }

    #[test]
    fn what_does_not_hold_the_horizon_is_left_out() {
        let old = |own: Value| {
            let mut own = own;
            own["backend_xmin_age"] = json!(900);
            own
        };
        let document = json!({
            "pg_stat_activity": [
                process(1, &old(json!({ "backend_type": "walsender" }))),
                process(2, &old(json!({ "backend_type": "parallel worker", "leader_pid": 3 }))),
                process(3, &old(json!({}))),
                process(4, &old(json!({ "query": "VACUUM t" }))),
                process(5, &old(json!({ "backend_type": "autovacuum worker", "query": "autovacuum: VACUUM public.t" }))),
            ],
            "pg_stat_progress_vacuum": [{ "pid": 4 }, { "pid": 5 }],
            "pg_stat_replication": [
                { "pid": 1, "backend_xmin_age": 900 }, { "pid": 6, "backend_xmin_age": 800 }, { "pid": 7 },
            ],
            "pg_replication_slots": [
                { "slot_name": "sub", "plugin": "pgoutput", "active_pid": 1, "active": true, "catalog_xmin_age": 600 },
                { "slot_name": "lost", "wal_status": "lost", "xmin_age": 999 },
                { "slot_name": "gone", "invalidation_reason": "idle_timeout", "xmin_age": 999 },
                { "slot_name": "fresh" },
            ],
        });
        let expected = [
            (HolderKind::Session, "3".to_owned(), false),
            (HolderKind::Standby, "6".to_owned(), false),
            (HolderKind::ReplicationSlot, "sub".to_owned(), false),
        ];
        assert_eq!(holders(&document), expected);
    }

    /// Whether a session of `database` since 11:00 keeps rows of a table in database `shop`.
    fn keeps(database: &str, counters: &Value) -> bool {
        let mut stat = json!({ "datname": "shop", "relid": 1, "n_live_tup": 1000, "n_dead_tup": 90_000 });
        stat.as_object_mut().unwrap().extend(counters.as_object().unwrap().clone());
        let document = json!({
            "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                            { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
            "pg_class": [{ "datname": "shop", "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 9,
                           "reltuples": 1000 }],
            "pg_stat_user_tables": [stat], "pg_prepared_xacts": [], "pg_replication_slots": [], "pg_stat_replication": [],
            "pg_stat_activity": [process(1, &json!({ "backend_xid_age": 500, "datname": database }))],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let table = &facts.tables().unwrap().all[0];
        facts.horizon().unwrap().keeper(table, facts.now().unwrap()).is_some()
    }

    #[test]
    fn a_transaction_in_another_database_is_blamed_through_a_snapshot_here() {
        let document = json!({
            "pg_settings": [{ "name": "autovacuum_vacuum_threshold", "setting": "50" },
                            { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" }],
            "pg_class": [{ "datname": "shop", "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 9,
                           "reltuples": 1000 }],
            "pg_stat_user_tables": [{ "datname": "shop", "relid": 1, "n_dead_tup": 90_000,
                                      "last_vacuum": "2026-01-01T11:58:00Z" }],
            "pg_stat_activity": [
                process(1, &json!({ "backend_xid_age": 500, "datname": "other" })),
                process(2, &json!({ "backend_xmin_age": 500, "xact_start": "2026-01-01T11:57:00Z" })),
            ],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let table = &facts.tables().unwrap().all[0];
        let keeper = facts.horizon().unwrap().keeper(table, facts.now().unwrap());
        assert_eq!(keeper.map(|keeper| keeper.name.as_str()), Some("1"));
    }

    #[test]
    fn a_holder_is_blamed_if_vacuum_ran_meanwhile_and_left_rows() {
        let vacuumed = |at: &str| json!({ "last_vacuum": at });
        assert!(keeps("shop", &vacuumed("2026-01-01T11:30:00Z")));
        assert!(!keeps("shop", &vacuumed("2026-01-01T10:30:00Z")), "VACUUM ran before");
        assert!(!keeps("shop", &json!({})), "VACUUM never ran");
        assert!(!keeps("other", &vacuumed("2026-01-01T11:30:00Z")), "sees no table of this database");
        let analyzed = |changed: i64| {
            json!({ "last_autovacuum": "2026-01-01T11:30:00Z", "last_autoanalyze": "2026-01-01T11:30:01Z",
                    "n_mod_since_analyze": changed })
        };
        assert!(keeps("shop", &analyzed(500)));
        assert!(!keeps("shop", &analyzed(90_000)), "a queue, whose rows came after VACUUM");
    }
}
