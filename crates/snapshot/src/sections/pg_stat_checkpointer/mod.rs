//! The checkpointer, from version 17 on.

use jiff::Timestamp;

use crate::section;

section! {
    /// Counters of the checkpointer. Before version 17 they stand in `pg_stat_bgwriter`.
    section pg_stat_checkpointer {
        scope: Cluster,
        why: "How checkpoints come about, and how long they write.",
        since: 17,
        sql: [17 => "17.sql", 18 => "18.sql"],
        cumulative: true,
    }
    row PgStatCheckpointer {
        /// Checkpoints begun because `checkpoint_timeout` had passed, skipped ones included.
        num_timed: Option<i64>,
        /// Checkpoints begun on request: WAL volume, CHECKPOINT, base backups; skipped ones included.
        num_requested: Option<i64>,
        /// Checkpoints really done (18).
        num_done: Option<i64>,
        /// Restartpoints begun because `checkpoint_timeout` had passed.
        restartpoints_timed: Option<i64>,
        /// Restartpoints begun on request.
        restartpoints_req: Option<i64>,
        /// Restartpoints done.
        restartpoints_done: Option<i64>,
        /// Milliseconds spent writing.
        write_time: Option<f64>,
        /// Milliseconds spent syncing.
        sync_time: Option<f64>,
        /// Pages written.
        buffers_written: Option<i64>,
        /// SLRU pages written (18).
        slru_written: Option<i64>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
