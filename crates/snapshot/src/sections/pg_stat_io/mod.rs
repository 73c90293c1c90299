//! Reads and writes by kind of process.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// I/O counters for each kind of process, object and context. Combinations that cannot occur are absent, and counters
    /// that do not apply to one are null.
    section pg_stat_io {
        scope: Cluster,
        why: "Shows which processes do I/O, and how long it takes.",
        since: 16,
        sql: [16 => "16.sql", 18 => "18.sql"],
        key: [backend_type, object, context],
    }
    row PgStatIo {
        /// `client backend`, `checkpointer`, `autovacuum worker` and others.
        backend_type: String,
        /// `relation`, `temp relation`; from 18 on also `wal`.
        object: String,
        /// `normal`, `vacuum`, `bulkread`, `bulkwrite`; from 18 on also `init`.
        context: String,
        /// Reads.
        reads: Counter,
        /// Bytes read (18).
        read_bytes: Counter,
        /// Milliseconds spent reading (`track_io_timing`, for WAL `track_wal_io_timing`).
        read_time: Counter<f64>,
        /// Writes.
        writes: Counter,
        /// Bytes written (18).
        write_bytes: Counter,
        /// Milliseconds spent writing, likewise.
        write_time: Counter<f64>,
        /// Pages that the operating system was requested to write out.
        writebacks: Counter,
        /// Milliseconds spent on these requests, likewise.
        writeback_time: Counter<f64>,
        /// Relation extensions.
        extends: Counter,
        /// Bytes added by extensions (18).
        extend_bytes: Counter,
        /// Milliseconds spent extending, likewise.
        extend_time: Counter<f64>,
        /// Bytes of one read, write or extension (up to 17).
        op_bytes: Option<i64>,
        /// Shared buffer hits, in pages.
        hits: Counter,
        /// Pages evicted from shared buffers or from a ring buffer.
        evictions: Counter,
        /// Pages of a ring buffer that were reused.
        reuses: Counter,
        /// Syncs.
        fsyncs: Counter,
        /// Milliseconds spent syncing, likewise.
        fsync_time: Counter<f64>,
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
