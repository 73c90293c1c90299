//! How complete the statements are.

use jiff::Timestamp;

use crate::section;
use crate::section::VersionedBy;

section! {
    /// Whether pg_stat_statements had to forget statements, and since when it counts (extension version 1.9).
    section pg_stat_statements_info {
        scope: Cluster,
        why: "Whether the list of statements is complete.",
        since: 14,
        versioned_by: VersionedBy::Extension("pg_stat_statements"),
        sql: [109 => "109.sql"],
        cumulative: true,
    }
    row PgStatStatementsInfo {
        /// Times the least used statements were forgotten for want of room.
        dealloc: Option<i64>,
        /// Since when statements are counted.
        stats_reset: Option<Timestamp>,
    }
}
