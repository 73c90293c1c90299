//! The archiver.

use jiff::Timestamp;

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// The state of WAL archiving.
    section pg_stat_archiver {
        scope: Cluster,
        why: "WAL that cannot be archived fills the disk, and point-in-time recovery is not possible beyond it.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [],
    }
    row PgStatArchiver {
        /// Files archived.
        archived_count: Counter,
        /// The last archived file.
        last_archived_wal: Option<String>,
        /// When it was archived.
        last_archived_time: Option<Timestamp>,
        /// Failed attempts.
        failed_count: Counter,
        /// The file of the last failed attempt.
        last_failed_wal: Option<String>,
        /// When that attempt failed.
        last_failed_time: Option<Timestamp>,
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
