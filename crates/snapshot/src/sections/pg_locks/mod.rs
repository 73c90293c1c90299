//! Locks that sessions wait for.

use jiff::Timestamp;

use crate::section;

section! {
    /// Sessions that wait for a lock, the sessions that block them, all locks on the objects they wait for, and the
    /// tuple locks they hold: a session that waits for a row waits for the transaction that changed it, and its tuple
    /// lock identifies the row. Also the transaction ids of prepared transactions, which identify their other locks.
    ///
    /// A delta also reads it every second, at most sixty times.
    section pg_locks {
        scope: Cluster,
        why: "Finds blocking sessions.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
        between: true,
    }
    row PgLock {
        /// The process; null for a prepared transaction.
        pid: Option<i64>,
        /// What is locked: `relation`, `transactionid`, `tuple` and others.
        locktype: Option<String>,
        /// The database's oid, 0 for a shared object.
        database: Option<i64>,
        /// The relation's oid, see `pg_class` in the section of its database.
        relation: Option<i64>,
        /// The relation's name if it is a system catalog, which `pg_class` leaves out.
        catalog: Option<String>,
        /// The page.
        page: Option<i64>,
        /// The row on the page.
        tuple: Option<i64>,
        /// The virtual transaction id.
        virtualxid: Option<String>,
        /// The transaction id.
        transactionid: Option<String>,
        /// The catalog of another kind of object.
        classid: Option<i64>,
        /// The object's oid in that catalog; for an advisory lock, part of its key.
        objid: Option<i64>,
        /// The part of the object; for an advisory lock, 1 for one 8-byte key, 2 for two 4-byte keys.
        objsubid: Option<i64>,
        /// The virtual id of the transaction that holds or awaits it; for a prepared transaction, the id under which it
        /// was prepared, after a restart `-1/` and its transaction id.
        virtualtransaction: Option<String>,
        /// The lock mode, held or awaited.
        mode: Option<String>,
        /// Whether it is held.
        granted: Option<bool>,
        /// Whether it was taken via the fast path.
        fastpath: Option<bool>,
        /// When the wait started (14).
        waitstart: Option<Timestamp>,
        /// The processes that block a waiting one; 0 for a prepared transaction.
        blocked_by: Option<Vec<i64>>,
    }
}
