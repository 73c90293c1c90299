//! Counters of each database.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of each database; the row without a name counts the shared objects.
    section pg_stat_database {
        scope: Cluster,
        why: "Cache hits, temporary files, deadlocks and rollbacks of each database.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 18 => "18.sql"],
        key: [datid],
    }
    row PgStatDatabase {
        /// The database's oid, 0 for shared objects.
        datid: i64,
        /// The database's name.
        datname: Option<String>,
        /// Backends connected to it now.
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
        /// Queries cancelled by a conflict with recovery.
        conflicts: Counter,
        /// Temporary files written.
        temp_files: Counter,
        /// Bytes of temporary files written.
        temp_bytes: Counter,
        /// Deadlocks detected.
        deadlocks: Counter,
        /// Page checksum failures; null where checksums are off.
        checksum_failures: Counter,
        /// Milliseconds spent reading pages (`track_io_timing`).
        blk_read_time: Counter<f64>,
        /// Milliseconds spent writing pages (`track_io_timing`).
        blk_write_time: Counter<f64>,
        /// Milliseconds of sessions (14).
        session_time: Counter<f64>,
        /// Milliseconds of running statements (14).
        active_time: Counter<f64>,
        /// Milliseconds idle in a transaction (14).
        idle_in_transaction_time: Counter<f64>,
        /// Sessions begun (14).
        sessions: Counter,
        /// Sessions lost by the client's disappearance (14).
        sessions_abandoned: Counter,
        /// Sessions ended by a fatal error (14).
        sessions_fatal: Counter,
        /// Sessions ended by an administrator (14).
        sessions_killed: Counter,
        /// Parallel workers planned (18).
        parallel_workers_to_launch: Counter,
        /// Parallel workers launched (18).
        parallel_workers_launched: Counter,
        /// Since when these counters count; null since the cluster was made.
        stats_reset: CountedSince,
    }
}
