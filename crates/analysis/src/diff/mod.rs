//! What changed from one snapshot to another: settings, statements, tables, indexes, rates, waits and findings.
//!
//! [`diff()`] never guesses: where a reset, a restart or an eviction hides what happened, there is a reason instead of a figure, and
//! where a change cannot be told from chance, nothing is claimed.

mod findings;
mod identity;
mod rates;
mod regressions;
mod relations;
pub mod schema;
mod settings;
mod shown;
mod sides;
pub mod statements;
#[cfg(test)]
mod tests;
mod waits;

use pgdba_snapshot::DiagSnapshot;
use schemars::JsonSchema;
use serde::Serialize;

pub use findings::{FindingChange, FindingDiff, Findings};
pub(crate) use identity::has_same_names;
pub use identity::{Identity, Note, NoteKind, Relation};
pub use rates::RateDiff;
pub use regressions::{Regression, RegressionKind};
pub use relations::{Presence, RelationDiff, RelationFigures, Relations};
pub use settings::{PendingSetting, SettingChange, SettingValue, Settings};
pub use statements::Statements;
pub use waits::{WaitDiff, Waits};

use self::sides::{Side, Sides};
use crate::Facts;
use crate::format::{Block, ClusterSummary};
pub use crate::rates::{Period, Rate, RateUnit};

/// What differs between two snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diff {
    /// Always `pgdba.diff`.
    pub format: &'static str,
    /// The version of this format.
    pub format_version: i64,
    /// The cluster in the first snapshot.
    pub before: ClusterSummary,
    /// The cluster in the second snapshot.
    pub after: ClusterSummary,
    /// Whether it is the same, and what happened in between.
    pub identity: Identity,
    /// What became worse, certainly enough to fail on, worst first.
    pub regressions: Vec<Regression>,
    /// Parameters.
    pub settings: Settings,
    /// Statements.
    pub statements: Statements,
    /// Tables and indexes.
    pub relations: Relations,
    /// Rates of the server as a whole.
    pub rates: Vec<RateDiff>,
    /// What sessions waited for.
    pub waits: Waits,
    /// Findings.
    pub findings: Findings,
}

/// Compares two snapshots.
#[must_use]
pub fn diff(before: &DiagSnapshot, after: &DiagSnapshot) -> Diff {
    let identity = Identity::of(before, after);
    let facts = (Facts::of(before), Facts::of(after));
    let sides = Sides {
        before: Side { snapshot: before, facts: &facts.0 },
        after: Side { snapshot: after, facts: &facts.1 },
        identity: &identity,
    };
    let statements = statements::compare(&sides);
    let findings = findings::diff(&sides);
    let rates = rates::diff(&sides);
    Diff {
        format: "pgdba.diff",
        format_version: 1,
        before: facts.0.cluster(),
        after: facts.1.cluster(),
        regressions: regressions::all(&statements, &rates, &findings),
        settings: settings::diff(&sides),
        relations: relations::diff(&sides),
        waits: waits::diff(&sides),
        statements,
        findings,
        rates,
        identity: identity.clone(),
    }
}

impl Diff {
    /// How many things changed, in one sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        shown::summary(self)
    }

    /// What is shown, regressions first.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        shown::blocks(self)
    }
}
