//! WAL that was made.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of WAL. From version 18 on, how often and how long it was written and synced is in `pg_stat_io`.
    section pg_stat_wal {
        scope: Cluster,
        why: "How much WAL is written, and whether its buffers are large enough.",
        since: 14,
        sql: [14 => "14.sql", 18 => "18.sql"],
        key: [],
    }
    row PgStatWal {
        /// WAL records.
        wal_records: Counter,
        /// Full page images.
        wal_fpi: Counter,
        /// Bytes of WAL.
        wal_bytes: Counter,
        /// Times WAL was written because its buffers were full.
        wal_buffers_full: Counter,
        /// Times WAL buffers were written (up to 17).
        wal_write: Counter,
        /// Times WAL files were synced (up to 17).
        wal_sync: Counter,
        /// Milliseconds spent writing (`track_wal_io_timing`) (up to 17).
        wal_write_time: Counter<f64>,
        /// Milliseconds spent syncing (`track_wal_io_timing`) (up to 17).
        wal_sync_time: Counter<f64>,
        /// Since when these counters count.
        stats_reset: CountedSince,
    }
}
