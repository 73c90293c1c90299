//! The machine and the demand that values are computed for: what the snapshot shows, and what the caller says instead.

use pgdba_pg::Bytes;
use pgdba_pg::start::{Host, Memory};
use serde::Serialize;

use super::given::Given;
use super::pgtune::{DataSize, Input, OperatingSystem, Storage, Workload};
use crate::facts::Facts;
use crate::facts::hardware::{Disks, Hardware};
use crate::facts::relation::Size;
use crate::format::{Figure, Quantity};

/// A machine and the demand on its server.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The operating system.
    pub os: OperatingSystem,
    /// The memory that the server and its cache can use; none if unknown.
    pub memory: Option<Bytes>,
    /// The processors; none if unknown.
    pub cpus: Option<i64>,
    /// The storage; none if unknown.
    pub storage: Option<Storage>,
    /// The size of the data compared with the memory.
    pub data_size: DataSize,
    /// The connections that it must accept: those that were asked for, or what `max_connections` allows now.
    pub connections: Option<i64>,
    /// The client sessions at the time of collection; none if unknown.
    pub sessions: Option<i64>,
    /// What `pg_wal` can grow to; none if unknown.
    pub wal_space: Option<Bytes>,
    /// What else decides whether the server starts.
    #[serde(skip)]
    pub(super) host: Host,
}

impl Machine {
    /// The machine of a snapshot, and what was given.
    #[must_use]
    pub fn of(facts: &Facts<'_>, given: &Given) -> Self {
        let unknown = Hardware::default();
        let seen = facts.hardware().unwrap_or(&unknown);
        let memory = given.memory.or_else(|| seen.usable_memory());
        let settings = facts.settings().ok();
        let in_force = settings.and_then(|settings| settings.integer("max_connections"));
        Self {
            os: os(facts),
            memory,
            cpus: given.cpus.or(seen.cpus),
            storage: given.storage.or_else(|| storage(seen.disks)),
            data_size: given.data_size.unwrap_or_else(|| data_size(facts, memory)),
            connections: given.connections.or(in_force),
            sessions: sessions(facts),
            wal_space: given.wal_space.or_else(|| seen.wal_space()),
            host: host(facts, seen, given),
        }
    }

    /// What the formulas need; none where the memory is unknown. Where the storage is unknown, a formula that depends on it
    /// must not be used.
    #[must_use]
    pub fn input(&self, workload: Workload, major: i64) -> Option<Input> {
        Some(Input {
            major,
            os: self.os,
            workload,
            memory: self.memory?,
            cpus: self.cpus,
            connections: self.connections,
            storage: self.storage.unwrap_or(Storage::Ssd),
            data_size: self.data_size,
        })
    }

    /// What values are computed from.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let storage = self.storage.map_or(Quantity::Unknown, |storage| storage.word().into());
        vec![
            Figure::new("memory", self.memory),
            Figure::new("cpus", self.cpus).labelled("processors"),
            Figure::new("storage", storage),
            Figure::new("data_size", self.data_size.word()),
            Figure::new("connections", self.connections),
            Figure::new("sessions", self.sessions).labelled("sessions at collection"),
            Figure::new("wal_space", self.wal_space).labelled("space for WAL"),
        ]
    }
}

fn os(facts: &Facts<'_>) -> OperatingSystem {
    let version = facts.system().ok().and_then(|system| system.version.clone()).unwrap_or_default();
    let names = |words: &[&str]| words.iter().any(|word| version.contains(word));
    if names(&["Visual C++", "mingw", "windows"]) {
        OperatingSystem::Windows
    } else if names(&["darwin", "apple"]) {
        OperatingSystem::Mac
    } else {
        OperatingSystem::Linux
    }
}

/// A disk that reports being rotational might be a virtual one.
fn storage(disks: Option<Disks>) -> Option<Storage> {
    match disks? {
        Disks::Nvme => Some(Storage::Nvme),
        Disks::Ssd => Some(Storage::Ssd),
        Disks::Rotational => None,
    }
}

/// The relations of the snapshot are a part of the data: that the data are small cannot be known from them.
fn data_size(facts: &Facts<'_>, memory: Option<Bytes>) -> DataSize {
    let own = facts.tables().ok().map(|tables| tables.all.iter().filter(|table| !table.is_partitioned()));
    let seen = own.and_then(|tables| Size::sum(tables.filter_map(|table| table.size)));
    match (seen, memory) {
        (Some(seen), Some(memory)) if seen.bytes > memory => DataSize::GreaterRam,
        _ => DataSize::MidRam,
    }
}

/// The sessions that the role saw, or those that the databases count, which every role sees.
fn sessions(facts: &Facts<'_>) -> Option<i64> {
    let seen = facts.visible_sessions().ok().map(|sessions| sessions.clients().count());
    let counted = facts
        .databases()
        .ok()
        .map(|databases| databases.all.iter().filter_map(|(row, _)| row.numbackends).fold(0_i64, i64::saturating_add));
    seen.and_then(|seen| i64::try_from(seen).ok()).into_iter().chain(counted).max()
}

/// What decides whether the server starts. Memory that was given takes the place of the machine's.
fn host(facts: &Facts<'_>, seen: &Hardware, given: &Given) -> Host {
    let consumers = facts.wal_consumers().ok();
    let total = |total| Memory { total, swap: Bytes::default(), overcommit: None };
    Host {
        memory: given.memory.map(total).or(seen.memory),
        container_limit: seen.container_limit.filter(|_| given.memory.is_none()),
        huge_pages: seen.huge_pages,
        slots: consumers.and_then(|consumers| consumers.slots.clone()),
        prepared_transactions: consumers.and_then(|consumers| consumers.prepared),
        in_recovery: facts.surroundings().ok().map(|surroundings| surroundings.is_standby),
        ..Host::default()
    }
}
