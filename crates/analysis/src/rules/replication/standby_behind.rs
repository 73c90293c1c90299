//! A standby has not replayed what it has received.

use crate::engine::prelude::*;
use crate::facts::time;

rule! {
    /// ## What it sees
    ///
    /// On a standby, the WAL that it has received but not replayed. A paused replay is reported by PGD1210.
    ///
    /// ## Why it matters
    ///
    /// Queries on the standby return old data, and a promotion takes as long as the replay of the rest.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_BYTES}, and the last replayed transaction is at least {MIN_AGE} old. Not with
    /// `recovery_min_apply_delay`, which is meant to do that.
    ///
    /// ## Remedy
    ///
    /// Replay is a single process: look at its storage, at queries that it waits for (`max_standby_streaming_delay`), and
    /// at `recovery_prefetch` (version 15).
    ///
    /// ## When to ignore this
    ///
    /// If the standby catches up after maintenance.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "recovery_min_apply_delay", "setting": "0", "unit": "ms" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F1/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "recovery_min_apply_delay", "setting": "3600000", "unit": "ms" } ],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F1/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F0/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_wal_position": [ { "is_in_recovery": true, "receive_lsn": "F1/0", "replay_lsn": "F0/0", "is_replay_paused": false, "replay_timestamp": "2026-01-01T11:59:55Z" } ] }
    /// ```
    rule standby_behind {
        code: PGD1219,
        title: "The standby replays more slowly than it receives",
        passed: "The standby replays what it receives",
        worst: Warning,
        reads: [wal, settings],
        source: "PostgreSQL manual, Hot Standby; the thresholds are our own",
        thresholds: {
            /// Less WAL than this is not reported.
            MIN_BYTES: Bytes = Bytes::megabytes(256),
            /// A younger transaction than this is not reported.
            MIN_AGE: Millis = Millis(60_000.0),
        },
    }
}

struct Behind {
    bytes: Bytes,
    age: Millis,
}

fn check(view: &View<'_>) -> Checked<Option<Behind>> {
    let (wal, settings) = (view.wal()?, view.settings()?);
    let position = &wal.position;
    let is_meant = settings.integer("recovery_min_apply_delay") > Some(0) || position.is_replay_paused == Some(true);
    let behind = || {
        let bytes = wal.not_replayed().filter(|bytes| *bytes >= MIN_BYTES)?;
        let age = time::age(view.now().ok()?, position.replay_timestamp?).filter(|age| *age >= MIN_AGE)?;
        Some(Behind { bytes, age })
    };
    Ok(behind().filter(|_| position.is_in_recovery == Some(true) && !is_meant))
}

fn subject(behind: &Behind) -> About {
    About::new(Subject::cluster(), behind.bytes).figures([
        Figure::new("not_replayed", behind.bytes).against(MIN_BYTES).labelled("WAL not replayed"),
        Figure::new("age", behind.age).against(MIN_AGE).labelled("age of the last replayed transaction"),
    ])
}

fn describe(behind: &Behind) -> Draft {
    let (bytes, age) = (display::bytes(behind.bytes), display::duration(behind.age));
    Draft::new(format!("Speed up replay on this standby: {bytes} of WAL not replayed"))
        .confidence(Confidence::Medium)
        .because(format!("WAL has been received but not replayed, and the last replayed transaction is {age} old."))
        .advise("Check whether replay waits for queries (pg_stat_activity, max_standby_streaming_delay) or for its storage.")
        .query("SELECT pid, state, wait_event_type, wait_event, xact_start, query FROM pg_stat_activity WHERE xact_start IS NOT NULL OR backend_type = 'startup';")
        .effort(Effort::Project)
}
