//! How complete the statements are.

use crate::section;
use crate::section::{CountedSince, Counter, VersionedBy};

section! {
    /// Whether pg_stat_statements had to forget statements, and since when it counts (extension version 1.9).
    section pg_stat_statements_info {
        scope: Cluster,
        why: "Whether the list of statements is complete.",
        since: 14,
        versioned_by: VersionedBy::Extension("pg_stat_statements"),
        sql: [109 => "109.sql"],
        key: [],
    }
    row PgStatStatementsInfo {
        /// Times the least used statements were forgotten for want of room.
        dealloc: Counter,
        /// Since when statements are counted.
        stats_reset: CountedSince,
    }
}
