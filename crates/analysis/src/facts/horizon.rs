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
use super::slots::copies_table;
use super::tables::{Table, multiple};
use super::time;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

/// Where it is unknown since when the horizon is held, VACUUM must have run this recently to show that it removes nothing.
const RECENT: Millis = Millis(86_400_000.0);

/// What has held the horizon for less time is not to be ended because of it: short transactions hold it all the time, also those
/// that a transaction manager is about to commit.
pub const LASTING: Millis = Millis(300_000.0);

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
    /// The state of a session; of a slot `active`, `inactive`, or `copying` while a subscriber copies a table with it.
    pub state: Option<String>,
    /// The age of what it holds, in transactions.
    pub age: i64,
    /// Since when it holds the horizon, at the most.
    pub since: Option<Timestamp>,
    /// When the process of a session started, which tells it from a later one with the same process ID.
    pub backend_start: Option<Timestamp>,
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

    /// Whether it has held the horizon long enough to be ended, as far as that is known.
    #[must_use]
    pub fn is_lasting(&self, now: Timestamp) -> bool {
        self.since.is_none() || self.held(now) >= Some(LASTING)
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
            backend_start: process.backend_start,
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
            backend_start: None,
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
        let state = match (is_active, copies_table(&row)) {
            (true, _) => "active",
            (false, true) => "copying",
            (false, false) => "inactive",
        };
        Some(Holder {
            kind: HolderKind::ReplicationSlot,
            name: row.slot_name,
            role: None,
            application: None,
            state: Some(state.to_owned()),
            age: row.xmin_age.max(row.catalog_xmin_age)?,
            since: row.inactive_since.filter(|_| !is_active),
            backend_start: None,
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
            backend_start: None,
            reach: Reach::Cluster,
            has_written: false,
            is_copy: false,
        })
    };
    rows.into_iter().filter(|row| !logical.contains(&row.pid)).filter_map(holds).collect()
}

#[cfg(test)]
mod tests;
