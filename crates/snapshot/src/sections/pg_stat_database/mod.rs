//! Counters of each database.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of each database; the row without a name is for shared objects.
    section pg_stat_database {
        scope: Cluster,
        why: "Shows cache hits, temporary files, deadlocks and rollbacks of each database.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 18 => "18.sql"],
        key: [datid],
    }
    row PgStatDatabase {
        /// The database's oid, 0 for shared objects.
        datid: i64,
        /// The database's name.
        datname: Option<String>,
        /// Current number of connections.
        numbackends: Option<i64>,
        /// Transactions committed.
        xact_commit: Counter,
        /// Transactions rolled back.
        xact_rollback: Counter,
        /// Pages read from the operating system.
        blks_read: Counter,
        /// Shared buffer hits, in pages.
        blks_hit: Counter,
        /// Rows returned by scans.
        tup_returned: Counter,
        /// Rows fetched.
        tup_fetched: Counter,
        /// Rows inserted.
        tup_inserted: Counter,
        /// Rows updated.
        tup_updated: Counter,
        /// Rows deleted.
        tup_deleted: Counter,
        /// Queries canceled due to conflicts with recovery.
        conflicts: Counter,
        /// Temporary files written.
        temp_files: Counter,
        /// Bytes of temporary files written.
        temp_bytes: Counter,
        /// Deadlocks detected.
        deadlocks: Counter,
        /// Page checksum failures; null if checksums are disabled.
        checksum_failures: Counter,
        /// Milliseconds spent reading pages (`track_io_timing`).
        blk_read_time: Counter<f64>,
        /// Milliseconds spent writing pages (`track_io_timing`).
        blk_write_time: Counter<f64>,
        /// Milliseconds spent in sessions (14).
        session_time: Counter<f64>,
        /// Milliseconds spent executing statements (14).
        active_time: Counter<f64>,
        /// Milliseconds idle in a transaction (14).
        idle_in_transaction_time: Counter<f64>,
        /// Sessions started (14).
        sessions: Counter,
        /// Sessions ended because the connection to the client was lost (14).
        sessions_abandoned: Counter,
        /// Sessions ended by a fatal error (14).
        sessions_fatal: Counter,
        /// Sessions ended by an administrator (14).
        sessions_killed: Counter,
        /// Parallel workers planned (18).
        parallel_workers_to_launch: Counter,
        /// Parallel workers launched (18).
        parallel_workers_launched: Counter,
        /// When these counters were last reset; null if never.
        stats_reset: CountedSince,
    }
}
