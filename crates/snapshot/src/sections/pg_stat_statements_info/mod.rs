//! How complete the list of statements is.

use crate::section;
use crate::section::{CountedSince, Counter, VersionedBy};

section! {
    /// How often pg_stat_statements has deallocated entries, and when it was last reset (extension version 1.9).
    section pg_stat_statements_info {
        scope: Cluster,
        why: "Shows whether the list of statements is complete.",
        since: 14,
        versioned_by: VersionedBy::Extension("pg_stat_statements"),
        sql: [109 => "109.sql"],
        key: [],
    }
    row PgStatStatementsInfo {
        /// Times the least-executed entries were deallocated because `pg_stat_statements.max` was reached.
        dealloc: Counter,
        /// When the statistics were last reset.
        stats_reset: CountedSince,
    }
}
