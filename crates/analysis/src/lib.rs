//! Turns a DiagSnapshot into findings.
//!
//! [`analyze`] runs every rule ([`rules`]) over the shared facts ([`facts`]) and returns one [`Analysis`] ([`format`](mod@format)):
//! what was found, which checks passed, which could not run and why, and what the snapshot shows of each topic
//! ([`topics`]). [`configuration`] shows the settings themselves. Pure: the time of the snapshot is the only time there
//! is.

mod analyze;
pub mod baseline;
pub mod changes;
pub mod configuration;
pub mod diff;
pub mod engine;
pub mod example;
pub mod explain;
pub mod facts;
pub mod format;
pub mod page;
pub mod policy;
pub mod rates;
pub mod rules;
mod statistics;
pub mod topics;
pub mod trend;
pub mod tuning;

pub use analyze::{Options, analyze, read_policy};
pub use changes::Changes;
pub use diff::{Diff, diff};
pub use engine::rule::Rule;
pub use facts::{Facts, View};
pub use format::{
    Analysis, Area, Bar, Bars, Block, Chart, Checked, Confidence, Figure, Finding, NotAssessed, Outcome, Quantity,
    Recommendation, Severity, Table, Verdict,
};
pub use policy::Policy;
