//! The archiver.

use jiff::Timestamp;

use crate::section;

section! {
    /// What became of WAL files that were to be archived.
    section pg_stat_archiver {
        scope: Cluster,
        why: "WAL that cannot be archived fills the disk, and backups end where it stopped.",
        since: 12,
        sql: [12 => "12.sql"],
        cumulative: true,
    }
    row PgStatArchiver {
        /// Files archived.
        archived_count: Option<i64>,
        /// The last file archived.
        last_archived_wal: Option<String>,
        /// When it was.
        last_archived_time: Option<Timestamp>,
        /// Failed attempts.
        failed_count: Option<i64>,
        /// The file of the last failed attempt.
        last_failed_wal: Option<String>,
        /// When it failed.
        last_failed_time: Option<Timestamp>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
