//! The vocabulary of rules: everything that most of them use, in one line.

pub use pgdba_pg::{Bytes, Millis, Ratio, display};

pub use super::about::About;
pub use super::draft::Draft;
pub use super::found::Found;
pub use crate::facts::View;
pub use crate::facts::checkpoints::Checkpoints;
pub use crate::facts::indexes::Index;
pub use crate::facts::relation::Size;
pub use crate::facts::sessions::Sessions;
pub use crate::facts::statements::Statement;
pub use crate::facts::tables::Table;
pub use crate::format::{
    self, Block, Checked, Confidence, Effort, Figure, NotAssessed, Quantity, Severity, Subject, SubjectKind, Weight,
};
pub use crate::rule;
