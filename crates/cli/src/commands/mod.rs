//! The commands, one file each: arguments and `run` together.

pub(crate) mod baseline;
pub(crate) mod check;
pub(crate) mod cluster;
pub(crate) mod config;
pub(crate) mod inspect;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod rule;
pub(crate) mod schema;
pub(crate) mod snapshot;
