//! Prepared transactions.

use jiff::Timestamp;

use crate::section;

section! {
    /// Transactions prepared for two-phase commit. They hold locks and the xmin horizon without a session.
    section pg_prepared_xacts {
        scope: Cluster,
        why: "Forgotten prepared transactions prevent VACUUM from removing dead rows.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgPreparedXact {
        /// Its transaction id, as in `pg_locks.transactionid`. Its name may hold anything and is not collected.
        transactionid: Option<String>,
        /// Age of its transaction id, in transactions.
        transaction_age: Option<i64>,
        /// When it was prepared.
        prepared: Option<Timestamp>,
        /// The role that prepared it.
        owner: Option<String>,
        /// The database.
        database: Option<String>,
    }
}
