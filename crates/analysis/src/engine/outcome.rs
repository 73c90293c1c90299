//! What a rule came to. "Looked and fine" and "could not look" are never the same thing.

use schemars::JsonSchema;
use serde::Serialize;

/// Why a rule could not look; a sentence fragment such as "pg_stat_statements is not installed".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAssessed(pub String);

impl NotAssessed {
    /// For the reason `reason`.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// The outcome of one rule for one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// The bad state is there.
    Found {
        /// How many findings.
        count: u64,
    },
    /// Looked, and it is fine.
    Clean,
    /// Could not look.
    NotAssessed {
        /// Why.
        reason: String,
    },
}
