//! The parts of a server that rules belong to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of a server that a rule checks. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Whether committed data survive a crash.
    Durability,
    /// Replication, replication slots and WAL archiving.
    Replication,
    /// Who can log in, how, and what they can do.
    Security,
    /// The configuration as such.
    Settings,
    /// Memory, temporary files and other resources of the host.
    Memory,
    /// Checkpoints and WAL.
    Checkpoints,
    /// Connections and sessions.
    Connections,
    /// Locks and other waits.
    Locks,
    /// Autovacuum, dead rows, freezing.
    Vacuum,
    /// Unused space in tables and indexes.
    Bloat,
    /// Indexes.
    Indexes,
    /// Statements.
    Statements,
    /// The planner's statistics.
    Statistics,
    /// Tables, keys, sequences, collations and other definitions.
    Schema,
    /// Versions and upgrades.
    Versions,
    /// The plan of one statement, as EXPLAIN shows it.
    Plans,
}

impl Area {
    /// The heading that every output format uses.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Durability => "Durability",
            Self::Replication => "Replication and archiving",
            Self::Security => "Security",
            Self::Settings => "Settings",
            Self::Memory => "Memory and host",
            Self::Checkpoints => "Checkpoints and WAL",
            Self::Connections => "Connections",
            Self::Locks => "Locks and waits",
            Self::Vacuum => "Vacuum",
            Self::Bloat => "Bloat",
            Self::Indexes => "Indexes",
            Self::Statements => "Statements",
            Self::Statistics => "Planner statistics",
            Self::Schema => "Schema",
            Self::Versions => "Versions",
            Self::Plans => "Plans",
        }
    }

    /// The hundred that the codes of its rules are taken from: 1 for `PGD101` to `PGD199`, 10 for `PGD1001` to
    /// `PGD1099`.
    #[must_use]
    pub fn hundred(self) -> u32 {
        match self {
            Self::Durability => 1,
            Self::Settings => 2,
            Self::Checkpoints => 3,
            Self::Connections => 4,
            Self::Vacuum => 5,
            Self::Indexes => 6,
            Self::Statements => 7,
            Self::Statistics => 8,
            Self::Versions => 9,
            Self::Memory => 10,
            Self::Locks => 11,
            Self::Replication => 12,
            Self::Security => 13,
            Self::Schema => 14,
            Self::Bloat => 15,
            Self::Plans => 16,
        }
    }
}
