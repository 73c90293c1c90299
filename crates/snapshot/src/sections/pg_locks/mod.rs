//! Locks that somebody waits for.

use jiff::Timestamp;

use crate::section;

section! {
    /// Sessions that wait for a lock, with those that block them, and every lock on the things that somebody waits for.
    section pg_locks {
        scope: Cluster,
        why: "Who waits for whom.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
    }
    row PgLock {
        /// The process; null for a prepared transaction.
        pid: Option<i64>,
        /// What is locked: `relation`, `transactionid`, `tuple` and so on.
        locktype: Option<String>,
        /// The database's oid, 0 for a shared object.
        database: Option<i64>,
        /// The relation's oid, see `pg_class`.
        relation: Option<i64>,
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
        /// The mode held or wanted.
        mode: Option<String>,
        /// Whether it is held.
        granted: Option<bool>,
        /// Whether it is held the cheap way.
        fastpath: Option<bool>,
        /// Since when it waits (14).
        waitstart: Option<Timestamp>,
        /// The processes that a waiting one waits for; 0 stands for a prepared transaction.
        blocked_by: Option<Vec<i64>>,
    }
}
