//! Counters of each database.

use jiff::Timestamp;

use crate::section;

section! {
    /// Counters of each database; the row without a name counts the shared objects.
    section pg_stat_database {
        scope: Cluster,
        why: "Cache hits, temporary files, deadlocks and rollbacks of each database.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 18 => "18.sql"],
        cumulative: true,
    }
    row PgStatDatabase {
        /// The database's oid, 0 for shared objects.
        datid: i64,
        /// The database's name.
        datname: Option<String>,
        /// Backends connected to it now.
        numbackends: Option<i64>,
        /// Transactions committed.
        xact_commit: Option<i64>,
        /// Transactions rolled back.
        xact_rollback: Option<i64>,
        /// Pages read from the operating system.
        blks_read: Option<i64>,
        /// Pages found in shared buffers.
        blks_hit: Option<i64>,
        /// Rows returned by scans.
        tup_returned: Option<i64>,
        /// Rows fetched.
        tup_fetched: Option<i64>,
        /// Rows inserted.
        tup_inserted: Option<i64>,
        /// Rows updated.
        tup_updated: Option<i64>,
        /// Rows deleted.
        tup_deleted: Option<i64>,
        /// Queries cancelled by a conflict with recovery.
        conflicts: Option<i64>,
        /// Temporary files written.
        temp_files: Option<i64>,
        /// Bytes of temporary files written.
        temp_bytes: Option<i64>,
        /// Deadlocks detected.
        deadlocks: Option<i64>,
        /// Page checksum failures; null where checksums are off.
        checksum_failures: Option<i64>,
        /// Milliseconds spent reading pages (`track_io_timing`).
        blk_read_time: Option<f64>,
        /// Milliseconds spent writing pages (`track_io_timing`).
        blk_write_time: Option<f64>,
        /// Milliseconds of sessions (14).
        session_time: Option<f64>,
        /// Milliseconds of running statements (14).
        active_time: Option<f64>,
        /// Milliseconds idle in a transaction (14).
        idle_in_transaction_time: Option<f64>,
        /// Sessions begun (14).
        sessions: Option<i64>,
        /// Sessions lost by the client's disappearance (14).
        sessions_abandoned: Option<i64>,
        /// Sessions ended by a fatal error (14).
        sessions_fatal: Option<i64>,
        /// Sessions ended by an administrator (14).
        sessions_killed: Option<i64>,
        /// Parallel workers planned (18).
        parallel_workers_to_launch: Option<i64>,
        /// Parallel workers launched (18).
        parallel_workers_launched: Option<i64>,
        /// Since when these counters count; null since the cluster was made.
        stats_reset: Option<Timestamp>,
    }
}
