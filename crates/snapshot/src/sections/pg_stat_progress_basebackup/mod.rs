//! Progress: basebackup.

use crate::section;

section! {
    /// Each base backup that is being sent.
    section pg_stat_progress_basebackup {
        scope: Cluster,
        why: "How far it is.",
        since: 13,
        sql: [13 => "13.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressBasebackup {
        /// The process that sends.
        pid: i64,
        /// What it does now.
        phase: Option<String>,
        /// Bytes to send; null where it was not asked to estimate.
        backup_total: Option<i64>,
        /// Bytes sent.
        backup_streamed: Option<i64>,
        /// Tablespaces to send.
        tablespaces_total: Option<i64>,
        /// Tablespaces sent.
        tablespaces_streamed: Option<i64>,
    }
}
