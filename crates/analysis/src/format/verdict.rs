//! The state of a cluster in one word.

use schemars::JsonSchema;
use serde::Serialize;

/// The state of the cluster in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A critical problem was found.
    ActNow,
    /// A warning was found.
    NeedsAttention,
    /// Only notices or information.
    HealthyWithSuggestions,
    /// Every rule that can find a warning ran, and none found anything.
    Healthy,
    /// Nothing above a notice was found, but a rule that can find a warning could not run.
    Incomplete,
}

impl Verdict {
    /// The words that every output format uses.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ActNow => "Act now",
            Self::NeedsAttention => "Needs attention",
            Self::HealthyWithSuggestions => "Suggestions only",
            Self::Healthy => "No problems found",
            Self::Incomplete => "No problems found, but incomplete",
        }
    }
}
