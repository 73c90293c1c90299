//! The severity of a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The severity of a finding. Ordered: critical is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Information.
    Info,
    /// An improvement is possible.
    Notice,
    /// It will cause problems, or has a cost already.
    Warning,
    /// Data or service are at risk now.
    Critical,
}

impl Severity {
    /// Every severity, the greatest first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Warning, Self::Notice, Self::Info];

    /// The word that every output format uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
        }
    }
}
