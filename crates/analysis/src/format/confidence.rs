//! How certain a finding is.

use schemars::JsonSchema;
use serde::Serialize;

/// How certain a finding is. Ordered: high is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The figures are recent, few or indirect.
    Low,
    /// An estimate from reliable figures.
    Medium,
    /// Reported by the server itself.
    High,
}

impl Confidence {
    /// The word that every output format uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
