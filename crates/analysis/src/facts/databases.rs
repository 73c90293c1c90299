//! Counters of each database.

use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::growth::{Growth, Sampled};
use super::sections::Rows;

/// The databases of a snapshot.
#[derive(Debug)]
pub struct Databases {
    /// Each with its counters and what they grew by; the one without a name counts the shared objects.
    pub all: Vec<(PgStatDatabase, Growth<PgStatDatabase>)>,
    /// The window, where the snapshot is a delta.
    pub sampled: Option<Sampled>,
}

impl Databases {
    pub(super) fn new(read: Rows<PgStatDatabase>) -> Self {
        let grown = read.grown();
        Self { all: grown.rows, sampled: grown.sampled }
    }
}
