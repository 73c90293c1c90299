//! What a collection is asked for.

use std::time::Duration;

use pgdba_snapshot::Producer;

/// What to collect, and how long it may take.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// The sections by name; none means all that the server's version has.
    pub sections: Option<Vec<String>>,
    /// Whether a warning names those of `sections` that the server's version does not have: a user named them.
    pub warns_of_newer_sections: bool,
    /// Maximum number of statements from pg_stat_statements.
    pub statements: u32,
    /// The longest the whole may take, connecting included and a delta's interval not.
    pub max_time: Duration,
    /// Whether sections of a database are read in all databases, not in the session's own alone.
    pub all_databases: bool,
    /// How long a delta lasts; none for a single look.
    pub interval: Option<Duration>,
    /// Who collects, for the document.
    pub producer: Producer,
}

impl CollectOptions {
    /// Statements that are kept where nothing else is said.
    pub const STATEMENTS: u32 = 1000;

    /// The time limit where nothing else is said.
    pub const MAX_TIME: Duration = Duration::from_secs(60);

    /// Everything of one database at one look, within the usual limits.
    #[must_use]
    pub fn new(producer: Producer) -> Self {
        Self {
            sections: None,
            warns_of_newer_sections: false,
            statements: Self::STATEMENTS,
            max_time: Self::MAX_TIME,
            all_databases: false,
            interval: None,
            producer,
        }
    }

    /// The longest everything may take.
    pub(crate) fn limit(&self) -> Duration {
        self.max_time.saturating_add(self.interval.unwrap_or_default())
    }
}
