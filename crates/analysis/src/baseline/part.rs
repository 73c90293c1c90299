//! The sections that a baseline can have.

use schemars::JsonSchema;
use serde::Serialize;

use super::{config, io, system, tables};
use crate::facts::Fact;
use crate::topics::{self, Topic};

/// A section that a baseline can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Parameters.
    Config,
    /// Statements.
    Queries,
    /// Tables and the sizes of databases.
    Tables,
    /// Replication and archiving.
    Replication,
    /// The host, sessions, activity of databases, transaction IDs.
    System,
    /// Sessions that wait for locks.
    Locks,
    /// Pages, WAL and files that are read and written.
    Io,
}

impl Part {
    /// Every section, in reading order.
    pub const ALL: [Self; 7] =
        [Self::Config, Self::Queries, Self::Tables, Self::Replication, Self::System, Self::Locks, Self::Io];

    /// Its name on the command line and in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Queries => "queries",
            Self::Tables => "tables",
            Self::Replication => "replication",
            Self::System => "system",
            Self::Locks => "locks",
            Self::Io => "io",
        }
    }

    /// The section of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Config => "Configuration",
            Self::Queries => "Queries",
            Self::Tables => "Tables",
            Self::Replication => "Replication",
            Self::System => "System",
            Self::Locks => "Locks",
            Self::Io => "I/O",
        }
    }

    /// The facts that its data are derived from.
    #[must_use]
    pub fn reads(self) -> &'static [&'static Fact] {
        match self {
            Self::Config => config::READS,
            Self::Queries => topics::queries::TOPIC.reads,
            Self::Tables => tables::READS,
            Self::Replication => topics::replication::TOPIC.reads,
            Self::System => system::READS,
            Self::Locks => topics::locks::TOPIC.reads,
            Self::Io => io::READS,
        }
    }

    /// What is shown of it.
    #[must_use]
    pub fn topics(self) -> Vec<&'static Topic> {
        match self {
            Self::Config => vec![&topics::settings::TOPIC],
            Self::Queries => vec![&topics::queries::TOPIC],
            Self::Tables => vec![&topics::tables::TOPIC],
            Self::Replication => vec![&topics::replication::TOPIC],
            Self::System => vec![&topics::databases::TOPIC, &topics::sessions::TOPIC],
            Self::Locks => vec![&topics::locks::TOPIC],
            Self::Io => vec![&topics::checkpoints::TOPIC, &topics::io::TOPIC],
        }
    }

    /// The names of the sections of a snapshot that `parts` read.
    #[must_use]
    pub fn snapshot_sections(parts: &[Self]) -> Vec<&'static str> {
        let own = parts.iter().flat_map(|part| part.reads());
        let shown = parts.iter().flat_map(|part| part.topics()).flat_map(|topic| topic.reads);
        Fact::section_names(own.chain(shown))
    }
}
