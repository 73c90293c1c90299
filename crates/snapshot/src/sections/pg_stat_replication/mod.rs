//! Standbys that are connected.

use jiff::Timestamp;

use crate::section;

section! {
    /// One row for each process that sends WAL.
    section pg_stat_replication {
        scope: Cluster,
        why: "Shows the replication lag of the standbys.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatReplication {
        /// The sender's process id.
        pid: i64,
        /// The role's oid.
        usesysid: Option<i64>,
        /// The role's name.
        usename: Option<String>,
        /// The application name of the receiver.
        application_name: Option<String> = Urls,
        /// The receiver's address; null for a Unix-domain socket.
        client_addr: Option<String>,
        /// When the sender started.
        backend_start: Option<Timestamp>,
        /// Age of the xmin horizon held by `hot_standby_feedback`, in transactions.
        backend_xmin_age: Option<i64>,
        /// `startup`, `catchup`, `streaming`, `backup`, `stopping`.
        state: Option<String>,
        /// The last position sent.
        sent_lsn: Option<String>,
        /// The last position written by the standby.
        write_lsn: Option<String>,
        /// The last position flushed by the standby.
        flush_lsn: Option<String>,
        /// The last position replayed by the standby.
        replay_lsn: Option<String>,
        /// Milliseconds between the local flush and the standby's confirmation of the write.
        write_lag_ms: Option<f64>,
        /// The same for its flush.
        flush_lag_ms: Option<f64>,
        /// The same for its replay.
        replay_lag_ms: Option<f64>,
        /// Its priority as a synchronous standby, 0 if asynchronous.
        sync_priority: Option<i64>,
        /// `async`, `potential`, `sync`, `quorum`.
        sync_state: Option<String>,
        /// When its last reply was sent, by the standby's clock.
        reply_time: Option<Timestamp>,
    }
}
