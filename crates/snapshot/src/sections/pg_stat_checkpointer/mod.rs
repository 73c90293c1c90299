//! The checkpointer, from version 17 on.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of the checkpointer. Before version 17 they are in `pg_stat_bgwriter`.
    section pg_stat_checkpointer {
        scope: Cluster,
        why: "Shows why checkpoints start, and how long they take.",
        since: 17,
        sql: [17 => "17.sql", 18 => "18.sql"],
        key: [],
    }
    row PgStatCheckpointer {
        /// Timed checkpoints (`checkpoint_timeout`), including skipped ones.
        num_timed: Counter,
        /// Requested checkpoints: WAL volume, CHECKPOINT, base backups; including skipped ones.
        num_requested: Counter,
        /// Checkpoints completed (18).
        num_done: Counter,
        /// Timed restartpoints (`checkpoint_timeout`).
        restartpoints_timed: Counter,
        /// Requested restartpoints.
        restartpoints_req: Counter,
        /// Restartpoints completed.
        restartpoints_done: Counter,
        /// Milliseconds spent writing.
        write_time: Counter<f64>,
        /// Milliseconds spent syncing.
        sync_time: Counter<f64>,
        /// Pages written.
        buffers_written: Counter,
        /// SLRU pages written (18).
        slru_written: Counter,
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
