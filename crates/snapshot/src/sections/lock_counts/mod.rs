//! Locks, counted by process.

use crate::section;

section! {
    /// Locks that processes hold or await, counted by kind and mode: `pg_locks` itself is kept only of what someone waits for.
    ///
    /// Locks of processes on their own virtual transaction id and predicate locks of serializable transactions are left out.
    section lock_counts {
        scope: Cluster,
        why: "Shows sessions that hold many or strong locks, and how full the lock table is.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row LockCount {
        /// The process; null for prepared transactions.
        pid: Option<i64>,
        /// What is locked: `relation`, `transactionid`, `advisory` and others.
        locktype: Option<String>,
        /// The lock mode, held or awaited.
        mode: Option<String>,
        /// Whether they are held.
        granted: Option<bool>,
        /// Whether they were taken via the fast path, outside the lock table.
        fastpath: Option<bool>,
        /// The number of locks.
        locks: Option<i64>,
        /// Objects in the lock table that all processes share; the same in each row.
        locked_objects: Option<i64>,
    }
}
