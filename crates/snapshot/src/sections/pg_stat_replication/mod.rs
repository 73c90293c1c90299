//! Standbys that are connected.

use jiff::Timestamp;

use crate::section;

section! {
    /// One row for each process that sends WAL.
    section pg_stat_replication {
        scope: Cluster,
        why: "How far behind the standbys are.",
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
        /// What the receiver calls itself.
        application_name: Option<String> = Urls,
        /// The receiver's address; none over a Unix socket.
        client_addr: Option<String>,
        /// When the sender started.
        backend_start: Option<Timestamp>,
        /// Age of the horizon that `hot_standby_feedback` holds, in transactions.
        backend_xmin_age: Option<i64>,
        /// `startup`, `catchup`, `streaming`, `backup`, `stopping`.
        state: Option<String>,
        /// Sent up to here.
        sent_lsn: Option<String>,
        /// Written there up to here.
        write_lsn: Option<String>,
        /// Synced there up to here.
        flush_lsn: Option<String>,
        /// Replayed there up to here.
        replay_lsn: Option<String>,
        /// Milliseconds between local flush and the word that it was written there.
        write_lag_ms: Option<f64>,
        /// Milliseconds until the word that it was synced there.
        flush_lag_ms: Option<f64>,
        /// Milliseconds until the word that it was replayed there.
        replay_lag_ms: Option<f64>,
        /// Its place among the synchronous standbys, 0 for none.
        sync_priority: Option<i64>,
        /// `async`, `potential`, `sync`, `quorum`.
        sync_state: Option<String>,
        /// When its last reply was sent, by its own clock.
        reply_time: Option<Timestamp>,
    }
}
