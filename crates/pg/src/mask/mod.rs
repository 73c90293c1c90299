//! Removing secrets at the source, before anything reaches a snapshot.
//!
//! What can carry a secret, and what a snapshot still needs of it, was taken from real servers: SQL text
//! ([`sql`]), connection strings ([`conninfo`]) and the values of settings ([`setting`]).

pub mod autovacuum;
pub mod conninfo;
pub mod setting;
pub mod sql;
mod verbs;

/// What stands in place of a value that must not leave the site.
pub const MASK: &str = "***";
