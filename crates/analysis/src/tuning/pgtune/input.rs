//! What the formulas know of a machine and its workload.

use pgdba_pg::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the formulas know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The server's major version.
    pub major: i64,
    /// The operating system.
    pub os: OperatingSystem,
    /// The workload.
    pub workload: Workload,
    /// The memory for the server and the cache of the operating system.
    pub memory: Bytes,
    /// Processors, if known.
    pub cpus: Option<i64>,
    /// Connections, if known.
    pub connections: Option<i64>,
    /// The storage of the data directory.
    pub storage: Storage,
    /// The size of the data.
    pub data_size: DataSize,
}

/// What a server is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// A web application: many simple queries on data that mostly fit in memory.
    Web,
    /// Transactions: many small writes, large data.
    Oltp,
    /// Analytical queries and bulk loads; PGTune's data warehouse.
    #[serde(alias = "dw")]
    Olap,
    /// Several of these.
    #[default]
    Mixed,
    /// A workstation, on which the server is one program of many.
    Desktop,
    /// A server whose memory and processors are unknown: only what depends on neither.
    RemoteConservative,
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperatingSystem {
    /// Linux.
    #[default]
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Mac,
}

/// A kind of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// Flash behind SATA or SAS.
    Ssd,
    /// Rotating disks.
    Hdd,
    /// A storage network.
    San,
    /// Flash behind PCIe.
    Nvme,
}

/// The size of the data compared with the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DataSize {
    /// It fits in memory.
    LessRam,
    /// It is about as large.
    MidRam,
    /// It is larger.
    GreaterRam,
}

impl Input {
    /// The connections, or what the workload usually has.
    pub(super) fn connections(&self) -> i64 {
        self.connections.unwrap_or(match self.workload {
            Workload::Web => 200,
            Workload::Oltp => 300,
            Workload::Olap => 40,
            Workload::Desktop => 20,
            Workload::Mixed | Workload::RemoteConservative => 100,
        })
    }

    /// The memory in kB.
    pub(super) fn kilobytes(&self) -> i64 {
        self.memory.0 / 1024
    }

    /// Whether it is Windows with a version whose sizes have 32 bits: less than 2 GB.
    pub(super) fn has_small_sizes(&self) -> bool {
        self.os == OperatingSystem::Windows && self.major <= 17
    }
}

impl Workload {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Oltp => "oltp",
            Self::Olap => "olap",
            Self::Mixed => "mixed",
            Self::Desktop => "desktop",
            Self::RemoteConservative => "remote-conservative",
        }
    }
}

impl Storage {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ssd => "ssd",
            Self::Hdd => "hdd",
            Self::San => "san",
            Self::Nvme => "nvme",
        }
    }
}

impl DataSize {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LessRam => "less-ram",
            Self::MidRam => "mid-ram",
            Self::GreaterRam => "greater-ram",
        }
    }
}
