//! WAL that was made.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// WAL counters. From version 18 on, the number and duration of writes and syncs are in `pg_stat_io`.
    section pg_stat_wal {
        scope: Cluster,
        why: "Shows how much WAL is written, and whether the WAL buffers are large enough.",
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
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
