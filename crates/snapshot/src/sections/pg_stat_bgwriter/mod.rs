//! The background writer, and up to version 16 the checkpointer.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of the background writer; up to version 16 also those of the checkpointer.
    section pg_stat_bgwriter {
        scope: Cluster,
        why: "Shows why checkpoints start, and which processes write pages.",
        since: 12,
        sql: [12 => "12.sql", 17 => "17.sql"],
        key: [],
    }
    row PgStatBgwriter {
        /// Timed checkpoints (`checkpoint_timeout`) (up to 16).
        checkpoints_timed: Counter,
        /// Requested checkpoints: WAL volume, CHECKPOINT, base backups (up to 16).
        checkpoints_req: Counter,
        /// Milliseconds checkpoints spent writing (up to 16).
        checkpoint_write_time: Counter<f64>,
        /// Milliseconds checkpoints spent syncing (up to 16).
        checkpoint_sync_time: Counter<f64>,
        /// Pages written by checkpoints (up to 16).
        buffers_checkpoint: Counter,
        /// Pages written by the background writer.
        buffers_clean: Counter,
        /// Cleaning scans stopped at `bgwriter_lru_maxpages`.
        maxwritten_clean: Counter,
        /// Pages written by backends themselves (up to 16).
        buffers_backend: Counter,
        /// Times a backend had to call fsync itself (up to 16).
        buffers_backend_fsync: Counter,
        /// Pages allocated.
        buffers_alloc: Counter,
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
