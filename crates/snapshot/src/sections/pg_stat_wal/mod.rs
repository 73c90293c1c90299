//! WAL that was made.

use jiff::Timestamp;

use crate::section;

section! {
    /// Counters of WAL. From version 18 on, how often and how long it was written and synced is in `pg_stat_io`.
    section pg_stat_wal {
        scope: Cluster,
        why: "How much WAL is written, and whether its buffers are large enough.",
        since: 14,
        sql: [14 => "14.sql", 18 => "18.sql"],
        cumulative: true,
    }
    row PgStatWal {
        /// WAL records.
        wal_records: Option<i64>,
        /// Full page images.
        wal_fpi: Option<i64>,
        /// Bytes of WAL.
        wal_bytes: Option<i64>,
        /// Times WAL was written because its buffers were full.
        wal_buffers_full: Option<i64>,
        /// Times WAL buffers were written (up to 17).
        wal_write: Option<i64>,
        /// Times WAL files were synced (up to 17).
        wal_sync: Option<i64>,
        /// Milliseconds spent writing (`track_wal_io_timing`) (up to 17).
        wal_write_time: Option<f64>,
        /// Milliseconds spent syncing (`track_wal_io_timing`) (up to 17).
        wal_sync_time: Option<f64>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
