//! What surrounds a server's settings and decides what a change of them leads to.

use std::collections::BTreeSet;

use pgdba_pg::start;

/// Facts of the host and of what is going on, each an absence where it was not asked for or could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Environment {
    /// What decides whether the server starts.
    pub host: start::Host,
    /// The names under which standbys are connected (`pg_stat_replication.application_name`), in lower case.
    pub standbys: Option<BTreeSet<String>>,
    /// Client sessions that use a connection slot, this one not counted.
    pub sessions: Option<i64>,
}

/// What is worth asking before a change: only what can decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// For [`Environment::host`].
    pub start: start::Questions,
    /// For [`Environment::standbys`].
    pub standbys: bool,
    /// For [`Environment::sessions`].
    pub sessions: bool,
}
