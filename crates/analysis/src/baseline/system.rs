//! The host, sessions, the activity of databases, and transaction IDs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use schemars::JsonSchema;
use serde::Serialize;

use super::section::{CountedSince, Derived, Reading, among};
use crate::facts::databases::Databases;
use crate::facts::freeze::Freeze;
use crate::facts::sessions;
use crate::facts::{Fact, declared};
use crate::format::Checked;
use crate::rates::{Counted, Rate, ServerRate, server};

/// The facts it reads.
pub(super) static READS: &[&Fact] = &[
    &declared::system,
    &declared::uptime,
    &declared::hardware,
    &declared::visible_sessions,
    &declared::databases,
    &declared::freeze,
];

/// The rates it contains.
const RATES: [&str; 7] =
    ["commits", "rollbacks", "deadlocks", "checksum_failures", "rows_inserted", "rows_updated", "rows_deleted"];

/// The server and its host.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct System {
    /// When the server started.
    #[schemars(with = "Option<String>")]
    pub start_time: Option<Timestamp>,
    /// How long it has been running, in milliseconds.
    pub uptime_ms: Option<f64>,
    /// Whether it is a standby.
    pub is_standby: Option<bool>,
    /// The machine.
    pub host: Host,
    /// Client sessions; none if they could not be read.
    pub sessions: Option<Sessions>,
    /// Rates of the server as a whole.
    pub rates: Vec<ServerRate>,
    /// Databases, the most active first.
    pub databases: Vec<Database>,
    /// Ages of transaction IDs; none if they could not be read.
    pub transaction_ids: Option<TransactionIds>,
}

/// The machine; what is unknown of it is none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Host {
    /// Processors that the server can use.
    pub cpus: Option<i64>,
    /// Memory that it can use, in bytes.
    pub memory_bytes: Option<i64>,
    /// Free space of the file system with the data directory, in bytes.
    pub data_free_bytes: Option<i64>,
    /// Its size, in bytes.
    pub data_total_bytes: Option<i64>,
    /// Free space of the file system with `pg_wal`, in bytes.
    pub wal_free_bytes: Option<i64>,
    /// What `pg_wal` contains, in bytes.
    pub wal_bytes: Option<i64>,
}

/// Client sessions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Sessions {
    /// How many there were, besides the collector's own.
    pub clients: usize,
    /// Slots available to ordinary roles.
    pub slots: Option<i64>,
    /// How many there were in each state.
    pub by_state: BTreeMap<String, i64>,
    /// What is hidden from the collecting role, so that there might be more.
    pub hidden: Option<String>,
}

/// The activity of a database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Sessions connected to it.
    pub sessions: Option<i64>,
    /// Transactions, committed and rolled back.
    pub transactions: Rate,
    /// Pages read from outside shared buffers.
    pub pages_read: Rate,
    /// Rows inserted, updated and deleted.
    pub rows_changed: Rate,
    /// Bytes of temporary files.
    pub temp_bytes: Rate,
}

/// Ages of transaction IDs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TransactionIds {
    /// The database with the oldest unfrozen transaction ID.
    pub oldest_database: Option<String>,
    /// Its age.
    pub oldest_age: Option<i64>,
    /// The age from which autovacuum prevents wraparound (`autovacuum_freeze_max_age`).
    pub freeze_max_age: Option<i64>,
    /// The age at which the server assigns no more transaction IDs.
    pub stop_age: i64,
}

/// Derives it.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<System>> {
    let view = &reading.view;
    let system = view.system()?;
    let databases = view.databases().ok();
    Ok(Derived {
        stats_reset: databases.map_or_else(Vec::new, |all| CountedSince::databases("pg_stat_database", all)),
        data: System {
            start_time: system.start_time,
            uptime_ms: view.uptime().ok().map(|time| time.0),
            is_standby: system.is_in_recovery,
            host: host(reading),
            sessions: view.visible_sessions().ok().map(sessions),
            rates: among(server(&reading.source), &RATES),
            databases: databases.map_or_else(Vec::new, |all| activity(reading, all)),
            transaction_ids: view.freeze().ok().map(transaction_ids),
        },
    })
}

fn host(reading: &Reading<'_>) -> Host {
    let hardware = reading.view.hardware().cloned().unwrap_or_default();
    let data = hardware.data_disk;
    Host {
        cpus: hardware.cpus,
        memory_bytes: hardware.usable_memory().map(|bytes| bytes.0),
        data_free_bytes: data.map(|disk| disk.free.0),
        data_total_bytes: data.and_then(|disk| disk.total).map(|bytes| bytes.0),
        wal_free_bytes: hardware.wal_disk.map(|disk| disk.free.0),
        wal_bytes: hardware.wal.map(|bytes| bytes.0),
    }
}

fn sessions(sessions: &sessions::Sessions) -> Sessions {
    let mut by_state = BTreeMap::<String, i64>::new();
    for client in sessions.clients() {
        *by_state.entry(client.state.clone().unwrap_or_else(|| "hidden".to_owned())).or_default() += 1;
    }
    Sessions {
        clients: sessions.clients().count(),
        slots: sessions.slots,
        by_state,
        hidden: sessions.hidden.as_ref().map(|missing| missing.reason.clone()),
    }
}

fn activity(reading: &Reading<'_>, databases: &Databases) -> Vec<Database> {
    let counted: Counted<PgStatDatabase> = reading.source.counted();
    let reset = |row: &PgStatDatabase| databases.window(row, None).since;
    let rates = |counter: fn(&PgStatDatabase) -> Option<i64>| {
        counted.rates(move |row| counter(row).map(|count| count as f64), reset)
    };
    let transactions = rates(|row| Some(row.xact_commit?.saturating_add(row.xact_rollback?)));
    let pages_read = rates(|row| row.blks_read);
    let rows_changed =
        rates(|row| Some(row.tup_inserted?.saturating_add(row.tup_updated?).saturating_add(row.tup_deleted?)));
    let temp_bytes = rates(|row| row.temp_bytes);
    let all = transactions.zip(pages_read).zip(rows_changed.zip(temp_bytes));
    let mut all: Vec<Database> = all
        .filter_map(|(((row, transactions), (_, pages_read)), ((_, rows_changed), (_, temp_bytes)))| {
            let name = row.datname.clone()?;
            Some(Database { name, sessions: row.numbackends, transactions, pages_read, rows_changed, temp_bytes })
        })
        .collect();
    let most = |one: &Database| one.transactions.per_second().unwrap_or(-1.0);
    all.sort_by(|a, b| most(b).total_cmp(&most(a)));
    all
}

fn transaction_ids(freeze: &Freeze) -> TransactionIds {
    let oldest = freeze.databases.first();
    TransactionIds {
        oldest_database: oldest.map(|database| database.name.clone()),
        oldest_age: oldest.and_then(|database| database.xid).map(|xid| xid.age),
        freeze_max_age: freeze.xid.freeze,
        stop_age: freeze.xid.stop,
    }
}
