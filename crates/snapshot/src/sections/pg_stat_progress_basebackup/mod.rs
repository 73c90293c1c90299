//! Progress: basebackup.

use crate::section;

section! {
    /// Each running base backup.
    section pg_stat_progress_basebackup {
        scope: Cluster,
        why: "Shows the progress of a long-running command.",
        since: 13,
        sql: [13 => "13.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressBasebackup {
        /// The sending process.
        pid: i64,
        /// The current phase.
        phase: Option<String>,
        /// Bytes to send; null if the size is not estimated.
        backup_total: Option<i64>,
        /// Bytes sent.
        backup_streamed: Option<i64>,
        /// Tablespaces to send.
        tablespaces_total: Option<i64>,
        /// Tablespaces sent.
        tablespaces_streamed: Option<i64>,
    }
}
