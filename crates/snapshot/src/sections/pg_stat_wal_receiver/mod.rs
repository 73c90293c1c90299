//! Where a standby takes its WAL from.

use jiff::Timestamp;

use crate::section;

section! {
    /// The WAL receiver, on a streaming standby. Otherwise empty.
    section pg_stat_wal_receiver {
        scope: Cluster,
        why: "Shows whether this standby is receiving WAL, and its position.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatWalReceiver {
        /// Its process id.
        pid: i64,
        /// `starting`, `streaming`, `waiting` and others.
        status: Option<String>,
        /// The position at which it started.
        receive_start_lsn: Option<String>,
        /// The timeline on which it started.
        receive_start_tli: Option<i64>,
        /// The last position written (13).
        written_lsn: Option<String>,
        /// The last position flushed.
        flushed_lsn: Option<String>,
        /// The timeline of that position.
        received_tli: Option<i64>,
        /// When the last message was sent, by the sender's clock.
        last_msg_send_time: Option<Timestamp>,
        /// When that message was received.
        last_msg_receipt_time: Option<Timestamp>,
        /// The last position reported to the sender.
        latest_end_lsn: Option<String>,
        /// When that position was reported.
        latest_end_time: Option<Timestamp>,
        /// The replication slot it uses.
        slot_name: Option<String>,
        /// The sender's host.
        sender_host: Option<String>,
        /// The sender's port.
        sender_port: Option<i64>,
        /// The connection string, without secrets.
        conninfo: Option<String> = Conninfo,
    }
}
