//! The background writer, and up to version 16 the checkpointer.

use jiff::Timestamp;

use crate::section;

section! {
    /// Counters of the background writer; up to version 16 those of the checkpointer too.
    section pg_stat_bgwriter {
        scope: Cluster,
        why: "How checkpoints come about, and who writes pages.",
        since: 12,
        sql: [12 => "12.sql", 17 => "17.sql"],
        cumulative: true,
    }
    row PgStatBgwriter {
        /// Checkpoints begun because `checkpoint_timeout` had passed (up to 16).
        checkpoints_timed: Option<i64>,
        /// Checkpoints begun on request: WAL volume, CHECKPOINT, base backups (up to 16).
        checkpoints_req: Option<i64>,
        /// Milliseconds checkpoints spent writing (up to 16).
        checkpoint_write_time: Option<f64>,
        /// Milliseconds checkpoints spent syncing (up to 16).
        checkpoint_sync_time: Option<f64>,
        /// Pages written by checkpoints (up to 16).
        buffers_checkpoint: Option<i64>,
        /// Pages written by the background writer.
        buffers_clean: Option<i64>,
        /// Rounds that stopped at `bgwriter_lru_maxpages`.
        maxwritten_clean: Option<i64>,
        /// Pages written by backends themselves (up to 16).
        buffers_backend: Option<i64>,
        /// Times a backend had to sync a file itself (up to 16).
        buffers_backend_fsync: Option<i64>,
        /// Pages allocated.
        buffers_alloc: Option<i64>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
