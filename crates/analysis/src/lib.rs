//! Turns a DiagSnapshot into findings.
//!
//! [`analyze`] derives the shared facts once ([`facts`]), runs every rule over them ([`rules`]), and returns one
//! [`Analysis`]: what was found, what was looked at and is fine, what could not be looked at and why, and what the
//! snapshot shows of each topic ([`topics`]). [`configuration`] shows the settings themselves. Pure: the
//! time of the snapshot is the only time there is.

pub mod changes;
pub mod configuration;
pub mod detail;
pub mod engine;
pub mod example;
pub mod facts;
pub mod finding;
pub mod quantity;
pub mod recommendation;
pub mod rules;
pub mod schema;
pub mod topics;

pub use changes::Changes;
pub use detail::{Bar, Chart, Detail};
pub use engine::outcome::{NotAssessed, Outcome};
pub use engine::rule::{Area, Rule};
pub use engine::{Options, analyze};
pub use facts::Facts;
pub use finding::{Analysis, Confidence, Finding, Severity, Verdict};
pub use quantity::Quantity;
pub use recommendation::Recommendation;
