//! Where in the WAL the server is.

use jiff::Timestamp;
use pgdba_pg::Lsn;

use crate::section;
use crate::section::Counter;

section! {
    /// Where in the WAL the server is, as a primary or as a standby, and the next transaction id. Two samples give the
    /// rate of WAL and of transactions.
    section pg_wal_position {
        scope: Cluster,
        why: "How far replicas are behind is counted from here.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [],
    }
    row PgWalPosition {
        /// Whether it is a standby.
        is_in_recovery: Option<bool>,
        /// Where the primary inserts.
        insert_lsn: Counter<Lsn>,
        /// Up to where the primary has written.
        current_lsn: Counter<Lsn>,
        /// Up to where the primary has synced.
        flush_lsn: Counter<Lsn>,
        /// The primary's current WAL file, whose first eight digits are the timeline.
        wal_file: Option<String>,
        /// Up to where the standby has received and synced.
        receive_lsn: Option<String>,
        /// Up to where the standby has replayed.
        replay_lsn: Counter<Lsn>,
        /// The time of the last transaction the standby has replayed.
        replay_timestamp: Option<Timestamp>,
        /// Whether replay was paused.
        is_replay_paused: Option<bool>,
        /// The next transaction id, with its epoch.
        next_xid: Counter,
    }
}
