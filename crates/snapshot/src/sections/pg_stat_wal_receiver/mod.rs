//! Where a standby takes its WAL from.

use jiff::Timestamp;

use crate::section;

section! {
    /// On a standby that streams: the process that receives WAL. No row elsewhere.
    section pg_stat_wal_receiver {
        scope: Cluster,
        why: "Whether this standby follows, and how far it is.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatWalReceiver {
        /// Its process id.
        pid: i64,
        /// `starting`, `streaming`, `waiting` and so on.
        status: Option<String>,
        /// Where receiving began.
        receive_start_lsn: Option<String>,
        /// The timeline it began on.
        receive_start_tli: Option<i64>,
        /// Written up to here (13).
        written_lsn: Option<String>,
        /// Synced up to here.
        flushed_lsn: Option<String>,
        /// The timeline of it.
        received_tli: Option<i64>,
        /// When the last message was sent, by the sender's clock.
        last_msg_send_time: Option<Timestamp>,
        /// When it came.
        last_msg_receipt_time: Option<Timestamp>,
        /// The last position reported to the sender.
        latest_end_lsn: Option<String>,
        /// When it was.
        latest_end_time: Option<Timestamp>,
        /// The slot it uses.
        slot_name: Option<String>,
        /// The sender's host.
        sender_host: Option<String>,
        /// The sender's port.
        sender_port: Option<i64>,
        /// How it connects, without secrets.
        conninfo: Option<String> = Conninfo,
    }
}
