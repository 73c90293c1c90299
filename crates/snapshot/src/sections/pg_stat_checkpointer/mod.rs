//! The checkpointer, from version 17 on.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of the checkpointer. Before version 17 they stand in `pg_stat_bgwriter`.
    section pg_stat_checkpointer {
        scope: Cluster,
        why: "How checkpoints come about, and how long they write.",
        since: 17,
        sql: [17 => "17.sql", 18 => "18.sql"],
        key: [],
    }
    row PgStatCheckpointer {
        /// Checkpoints begun because `checkpoint_timeout` had passed, skipped ones included.
        num_timed: Counter,
        /// Checkpoints begun on request: WAL volume, CHECKPOINT, base backups; skipped ones included.
        num_requested: Counter,
        /// Checkpoints really done (18).
        num_done: Counter,
        /// Restartpoints begun because `checkpoint_timeout` had passed.
        restartpoints_timed: Counter,
        /// Restartpoints begun on request.
        restartpoints_req: Counter,
        /// Restartpoints done.
        restartpoints_done: Counter,
        /// Milliseconds spent writing.
        write_time: Counter<f64>,
        /// Milliseconds spent syncing.
        sync_time: Counter<f64>,
        /// Pages written.
        buffers_written: Counter,
        /// SLRU pages written (18).
        slru_written: Counter,
        /// Since when these counters count.
        stats_reset: CountedSince,
    }
}
