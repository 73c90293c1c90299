//! The parts of a server that rules belong to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of a server that a rule checks. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Whether committed data survive a crash.
    Durability,
    /// The configuration as such.
    Settings,
    /// Checkpoints and WAL.
    Checkpoints,
    /// Connections and sessions.
    Connections,
    /// Autovacuum, dead rows, freezing.
    Vacuum,
    /// Indexes.
    Indexes,
    /// Statements.
    Statements,
    /// The planner's statistics.
    Statistics,
    /// Versions and upgrades.
    Versions,
}

impl Area {
    /// The heading that every output format uses.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Durability => "Durability",
            Self::Settings => "Settings",
            Self::Checkpoints => "Checkpoints and WAL",
            Self::Connections => "Connections",
            Self::Vacuum => "Vacuum",
            Self::Indexes => "Indexes",
            Self::Statements => "Statements",
            Self::Statistics => "Planner statistics",
            Self::Versions => "Versions",
        }
    }

    /// The hundred that the codes of its rules are taken from: 1 for `PGD101` to `PGD199`.
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
        }
    }
}
