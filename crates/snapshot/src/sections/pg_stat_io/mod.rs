//! Reads and writes by kind of process.

use jiff::Timestamp;

use crate::section;

section! {
    /// Reads, writes and their kin, for each kind of process, object and context. Combinations that cannot be are
    /// absent, and so are counters that cannot be of one: they are null.
    section pg_stat_io {
        scope: Cluster,
        why: "Which kind of process reads and writes, and how long it waits for it.",
        since: 16,
        sql: [16 => "16.sql", 18 => "18.sql"],
        cumulative: true,
    }
    row PgStatIo {
        /// `client backend`, `checkpointer`, `autovacuum worker` and so on.
        backend_type: String,
        /// `relation`, `temp relation`; from 18 on `wal`.
        object: String,
        /// `normal`, `vacuum`, `bulkread`, `bulkwrite`; from 18 on `init`.
        context: String,
        /// Reads.
        reads: Option<i64>,
        /// Bytes read (18).
        read_bytes: Option<i64>,
        /// Milliseconds spent reading (`track_io_timing`, of WAL `track_wal_io_timing`).
        read_time: Option<f64>,
        /// Writes.
        writes: Option<i64>,
        /// Bytes written (18).
        write_bytes: Option<i64>,
        /// Milliseconds spent writing, likewise.
        write_time: Option<f64>,
        /// Pages the operating system was asked to write out.
        writebacks: Option<i64>,
        /// Milliseconds spent asking, likewise.
        writeback_time: Option<f64>,
        /// Times a relation was extended.
        extends: Option<i64>,
        /// Bytes extended (18).
        extend_bytes: Option<i64>,
        /// Milliseconds spent extending, likewise.
        extend_time: Option<f64>,
        /// Bytes of one read, write or extension (up to 17).
        op_bytes: Option<i64>,
        /// Pages found in shared buffers.
        hits: Option<i64>,
        /// Pages pushed out of shared buffers or of a ring.
        evictions: Option<i64>,
        /// Pages of a ring that were used again.
        reuses: Option<i64>,
        /// Syncs.
        fsyncs: Option<i64>,
        /// Milliseconds spent syncing, likewise.
        fsync_time: Option<f64>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
