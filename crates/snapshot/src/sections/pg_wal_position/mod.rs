//! Where in the WAL the server is.

use jiff::Timestamp;
use pgdba_pg::Lsn;

use crate::section;
use crate::section::Counter;

section! {
    /// The current WAL positions, on a primary or a standby, and the next transaction ID. Two samples give the rates of
    /// WAL and transactions.
    section pg_wal_position {
        scope: Cluster,
        why: "Replication lag is computed relative to these positions.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [],
    }
    row PgWalPosition {
        /// Whether it is a standby.
        is_in_recovery: Option<bool>,
        /// The insert position of the primary.
        insert_lsn: Counter<Lsn>,
        /// The write position of the primary.
        current_lsn: Counter<Lsn>,
        /// The flush position of the primary.
        flush_lsn: Counter<Lsn>,
        /// The primary's current WAL file, whose first eight digits are the timeline.
        wal_file: Option<String>,
        /// The last position received and flushed by the standby.
        receive_lsn: Option<String>,
        /// The last position replayed by the standby.
        replay_lsn: Counter<Lsn>,
        /// The time of the last transaction replayed by the standby.
        replay_timestamp: Option<Timestamp>,
        /// Whether replay is paused.
        is_replay_paused: Option<bool>,
        /// The next transaction id, with its epoch.
        next_xid: Counter,
    }
}
