//! The types of an analysis, a public format. `docs/schema/analysis.json` is generated from them.
//!
//! Nothing here knows how a figure is found; everything else in the crate may use it.

pub mod analysis;
pub mod area;
pub mod block;
pub mod chart;
pub mod confidence;
pub mod figure;
pub mod finding;
pub mod outcome;
pub mod policy;
pub mod quantity;
pub mod recommendation;
pub mod remedy;
pub mod schema;
pub mod severity;
mod spark;
pub mod subject;
pub mod takes_effect;
pub mod verdict;
pub mod weight;

pub use analysis::{Analysis, ClusterSummary, SectionState, TopicView};
pub use area::Area;
pub use block::{Block, Cell, Code, Column, Language, Table, Tone, Tree};
pub use chart::{Bar, Bars, Chart};
pub use confidence::Confidence;
pub use figure::Figure;
pub use finding::{Affected, Finding};
pub use outcome::{Assessment, Checked, Coverage, NotAssessed, Outcome};
pub use policy::{Overridden, PolicySummary, SetAside, Why};
pub use quantity::Quantity;
pub use recommendation::Recommendation;
pub use remedy::{Effort, ParameterValue, Remedy};
pub use severity::Severity;
pub use subject::{Subject, SubjectKind};
pub use takes_effect::TakesEffect;
pub use verdict::Verdict;
pub use weight::Weight;
