//! A standby is not connected to its primary.

use crate::engine::prelude::*;
use crate::facts::time;

rule! {
    /// ## What it sees
    ///
    /// On a standby with `primary_conninfo`, whether a WAL receiver is running.
    ///
    /// ## Why it matters
    ///
    /// The standby does not receive changes: it becomes older and older, cannot take over without loss, and if the
    /// primary removes WAL that it needs, it must be built again.
    ///
    /// ## Threshold
    ///
    /// No WAL receiver is running, and the server has been up for at least {MIN_UPTIME}. With `restore_command`, only if
    /// nothing has been replayed for {MIN_AGE}: while WAL comes from the archive, there is no receiver.
    ///
    /// ## Remedy
    ///
    /// Read the server log of the standby. Usual causes are the network, a password, `pg_hba.conf` on the primary, and a
    /// requested WAL segment that has been removed already.
    ///
    /// ## When to ignore this
    ///
    /// If the primary is stopped for maintenance.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "primary_conninfo", "setting": "host=db1" },
    ///                    { "name": "restore_command", "setting": "" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ],
    ///   "pg_stat_wal_receiver": [] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "primary_conninfo", "setting": "host=db1" },
    ///                    { "name": "restore_command", "setting": "" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ],
    ///   "pg_stat_wal_receiver": [ { "pid": 7, "status": "streaming" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "primary_conninfo", "setting": "" },
    ///                    { "name": "restore_command", "setting": "" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ],
    ///   "pg_stat_wal_receiver": [] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true, "start_time": "2026-01-01T09:00:00Z" } ],
    ///   "pg_settings": [ { "name": "primary_conninfo", "setting": "host=db1" },
    ///                    { "name": "restore_command", "setting": "cp /archive/%f %p" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T11:59:00Z" } ],
    ///   "pg_stat_wal_receiver": [] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_settings": [],
    ///   "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ], "pg_stat_wal_receiver": [] }
    /// ```
    rule wal_receiver_missing {
        code: PGD1209,
        title: "The standby is not connected to its primary",
        passed: "The standby is connected to its primary",
        worst: Warning,
        reads: [system, settings, receivers, wal, uptime],
        source: "PostgreSQL manual, Streaming Replication",
        thresholds: {
            /// After its start, a standby first replays the WAL that it has.
            MIN_UPTIME: Millis = Millis(30_000.0),
            /// With a WAL archive, replay that is younger than this is normal.
            MIN_AGE: Millis = Millis(600_000.0),
        },
    }
}

/// For how long nothing has been replayed, where that is known.
type Disconnected = Option<Millis>;

fn check(view: &View<'_>) -> Checked<Option<Disconnected>> {
    if view.system()?.is_in_recovery != Some(true) || !view.receivers()?.is_empty() {
        return Ok(None);
    }
    let is_set = |name: &str| view.settings()?.require(name).map(|setting| setting.setting.as_deref() != Some(""));
    let replayed = view.wal()?.position.replay_timestamp;
    let age = replayed.zip(view.now().ok()).and_then(|(replayed, now)| time::age(now, replayed));
    let is_due = !is_set("restore_command")? || age.is_none_or(|age| age >= MIN_AGE);
    let is_found = is_set("primary_conninfo")? && is_due && *view.uptime()? >= MIN_UPTIME;
    Ok(is_found.then_some(age))
}

fn subject(age: &Disconnected) -> About {
    About::new(Subject::cluster(), age.unwrap_or_default()).figures([
        Figure::new("wal_receiver", "not running").labelled("WAL receiver"),
        Figure::new("last_replayed", *age).labelled("age of the last replayed transaction"),
    ])
}

fn describe(age: &Disconnected) -> Draft {
    let old = age.map(|age| format!("The last transaction that was replayed is {} old.", display::duration(age)));
    Draft::new("Reconnect this standby to its primary: it receives no WAL")
        .because("primary_conninfo is set, but no WAL receiver is running, so the standby does not receive changes.")
        .because(old.unwrap_or_default())
        .advise("Read the standby's server log for the reason: network, authentication, pg_hba.conf, or removed WAL.")
        .advise("If WAL that it needs has been removed, restore it from the archive or build the standby again.")
        .query("SELECT * FROM pg_stat_wal_receiver;\nSHOW primary_conninfo;")
        .effort(Effort::Project)
}
