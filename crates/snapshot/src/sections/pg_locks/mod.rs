//! Locks that sessions wait for.

use jiff::Timestamp;

use crate::section;

section! {
    /// Sessions that wait for a lock, with those that block them, every lock on what they wait for, and the tuple locks they
    /// hold: a session that waits for a row waits for the transaction that changed it, and its tuple lock names the row.
    ///
    /// A delta reads it each second too, at most sixty times.
    section pg_locks {
        scope: Cluster,
        why: "Which session waits for which, and for what.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
        between: true,
    }
    row PgLock {
        /// The process; null for a prepared transaction.
        pid: Option<i64>,
        /// What is locked: `relation`, `transactionid`, `tuple` and so on.
        locktype: Option<String>,
        /// The database's oid, 0 for a shared object.
        database: Option<i64>,
        /// The relation's oid, see `pg_class` in the section of its database.
        relation: Option<i64>,
        /// The relation's name if it is one of the server's own, which `pg_class` leaves out.
        catalog: Option<String>,
        /// The page.
        page: Option<i64>,
        /// The row on the page.
        tuple: Option<i64>,
        /// The virtual transaction id.
        virtualxid: Option<String>,
        /// The transaction id.
        transactionid: Option<String>,
        /// The catalogue of another object.
        classid: Option<i64>,
        /// The object's oid there; of an advisory lock a part of its key.
        objid: Option<i64>,
        /// Its part; of an advisory lock 1 for a key of 8 bytes, 2 for two keys of 4.
        objsubid: Option<i64>,
        /// The virtual id of the transaction that holds or awaits it; of a prepared one the id it was prepared under, after a
        /// restart `-1/` and its transaction id.
        virtualtransaction: Option<String>,
        /// The mode held or wanted.
        mode: Option<String>,
        /// Whether it is held.
        granted: Option<bool>,
        /// Whether it was taken by the fast path.
        fastpath: Option<bool>,
        /// Since when it waits (14).
        waitstart: Option<Timestamp>,
        /// The processes that a waiting one waits for; 0 stands for a prepared transaction.
        blocked_by: Option<Vec<i64>>,
    }
}
