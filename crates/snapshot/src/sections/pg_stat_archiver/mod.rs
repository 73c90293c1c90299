//! The archiver.

use jiff::Timestamp;

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// How archiving of WAL files went.
    section pg_stat_archiver {
        scope: Cluster,
        why: "WAL that cannot be archived fills the disk, and point-in-time recovery ends where archiving stopped.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [],
    }
    row PgStatArchiver {
        /// Files archived.
        archived_count: Counter,
        /// The last file archived.
        last_archived_wal: Option<String>,
        /// When it was.
        last_archived_time: Option<Timestamp>,
        /// Failed attempts.
        failed_count: Counter,
        /// The file of the last failed attempt.
        last_failed_wal: Option<String>,
        /// When it failed.
        last_failed_time: Option<Timestamp>,
        /// Since when these counters count.
        stats_reset: CountedSince,
    }
}
