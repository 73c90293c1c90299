//! Dead standbys are not noticed.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `wal_sender_timeout` on a server that sends WAL to standbys or subscribers.
    ///
    /// ## Why it matters
    ///
    /// If a standby's host or the network fails without closing the connection, the server keeps the process, its slot
    /// stays active and, with synchronous replication, commits wait for it, until the operating system notices after
    /// hours.
    ///
    /// ## Threshold
    ///
    /// It is 0, and a receiver is connected.
    ///
    /// ## Remedy
    ///
    /// Set it to the default of 60 seconds.
    ///
    /// ## When to ignore this
    ///
    /// If the network pauses for longer regularly; then set a longer time.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_sender_timeout", "setting": "0", "unit": "ms" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "streaming", "sync_state": "async" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_sender_timeout", "setting": "60000", "unit": "ms" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "streaming", "sync_state": "async" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_sender_timeout", "setting": "0", "unit": "ms" } ], "pg_stat_replication": [] }
    /// ```
    rule wal_sender_timeout_off {
        code: PGD1218,
        title: "wal_sender_timeout is disabled",
        passed: "wal_sender_timeout is enabled where WAL is sent",
        worst: Notice,
        reads: [senders, server_settings],
        source: "PostgreSQL manual, wal_sender_timeout",
    }
}

fn check(view: &View<'_>) -> Checked<Option<i64>> {
    let is_off = view.server_settings()?.integer("wal_sender_timeout") == Some(0);
    if !is_off {
        return Ok(None);
    }
    let receivers = i64::try_from(view.senders()?.followers()?.len()).unwrap_or(i64::MAX);
    Ok((receivers > 0).then_some(receivers))
}

fn subject(receivers: &i64) -> About {
    About::parameter("wal_sender_timeout", Weight::Count(*receivers))
        .figures([Figure::parameter("wal_sender_timeout", "0").against("60s"), Figure::new("receivers", *receivers)])
}

fn describe(receivers: &i64) -> Draft {
    let receivers = display::counted(*receivers, "receiver", "receivers");
    Draft::new(format!("Enable wal_sender_timeout for {receivers}"))
        .set("wal_sender_timeout", "60s", Effort::Reload)
        .because("A receiver whose host or network fails is not noticed, and holds its slot or makes commits wait.")
        .impact("A receiver that does not answer for that long is disconnected, and connects again.")
}
