//! A standby does not replay what it receives.

use crate::engine::prelude::*;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// Whether replay is paused on a standby (`pg_is_wal_replay_paused()`).
    ///
    /// ## Why it matters
    ///
    /// Queries on the standby return ever older data, and WAL accumulates on it. A promotion ends the pause, after which
    /// everything is replayed first.
    ///
    /// ## Threshold
    ///
    /// None: a pause is always reported.
    ///
    /// ## Remedy
    ///
    /// Run `SELECT pg_wal_replay_resume()` on the standby. From version 14 on, replay also pauses if a parameter such as
    /// `max_connections` is lower than on the primary; the server log says so, and the remedy is to raise it and restart
    /// the standby.
    ///
    /// ## When to ignore this
    ///
    /// If it is paused on purpose, such as for a consistent report or an upgrade.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F1/0", "replay_lsn": "F0/0", "is_replay_paused": true, "replay_timestamp": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ] }
    /// ```
    rule replay_paused {
        code: PGD1210,
        title: "Replay is paused",
        passed: "Replay is not paused",
        worst: Warning,
        reads: [wal],
        source: "PostgreSQL manual, Recovery Control Functions",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Option<&'a Wal>> {
    let wal = view.wal()?;
    let is_standby = wal.position.is_in_recovery == Some(true);
    Ok((is_standby && wal.position.is_replay_paused == Some(true)).then_some(wal))
}

fn subject(wal: &&Wal) -> About {
    About::new(Subject::cluster(), wal.not_replayed().unwrap_or_default()).figures([
        Figure::new("not_replayed", wal.not_replayed()).labelled("WAL not replayed"),
        Figure::new("replay_timestamp", wal.position.replay_timestamp).labelled("last replayed transaction"),
    ])
}

fn describe(wal: &&Wal) -> Draft {
    let not_replayed = wal.not_replayed().map_or_else(String::new, |bytes| format!(": {} not replayed", display::bytes(bytes)));
    Draft::new(format!("Resume replay on this standby{not_replayed}"))
        .because("Replay is paused, so queries here return old data while WAL accumulates.")
        .advise("Run this on the standby. If it pauses again, the server log names a parameter that is lower than on the primary.")
        .query("SELECT pg_wal_replay_resume();")
        .impact("Queries that conflict with replay can be canceled.")
        .undo("SELECT pg_wal_replay_pause();")
}
