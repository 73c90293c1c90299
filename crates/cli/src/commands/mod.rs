//! The commands, one file each: arguments and `run` together.

pub mod check;
pub mod inspect;
pub mod report;
pub mod rule;
pub mod schema;
pub mod snapshot;
