//! A standby or subscriber is far behind.

use crate::engine::prelude::*;
use crate::facts::senders::Sender;

rule! {
    /// ## What it sees
    ///
    /// For each receiver in `pg_stat_replication`, the WAL that it has not replayed, and the time since the primary wrote
    /// what it replayed last. Base backups are left out.
    ///
    /// ## Why it matters
    ///
    /// Queries on the standby return old data. After a failover to it, clients wait for the replay, and with asynchronous
    /// replication what was not received is lost.
    ///
    /// ## Threshold
    ///
    /// A warning if at least {MIN_BYTES} and {MIN_TIME} are missing, critical from {CRITICAL_BYTES} and {CRITICAL_TIME}
    /// on. Both are required: an amount alone is normal for a moment under load, and a time alone says little on an idle
    /// primary.
    ///
    /// ## Remedy
    ///
    /// Compare `sent_lsn` with `replay_lsn`. If WAL is not sent, the network or the primary is slow. If it is not
    /// replayed, look on the standby for replay conflicts, a paused replay, slow storage, or `recovery_min_apply_delay`.
    ///
    /// ## When to ignore this
    ///
    /// If the standby is delayed on purpose (`recovery_min_apply_delay`), or catches up after maintenance.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "streaming", "sync_state": "async", "replay_lsn": "FE/0", "replay_lag_ms": 90000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "streaming", "sync_state": "async", "replay_lsn": "FE/0", "replay_lag_ms": 900 } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "streaming", "sync_state": "async", "replay_lsn": "FE/FFFFF000", "replay_lag_ms": 90000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "replica1", "state": "backup", "sync_state": "async" } ] }
    /// ```
    rule replication_lag {
        code: PGD1207,
        title: "A standby or subscriber is behind",
        passed: "Standbys and subscribers are up to date",
        worst: Critical,
        reads: [senders],
        source: "PostgreSQL manual, pg_stat_replication; the thresholds are ours",
        thresholds: {
            /// Less WAL than this is not reported.
            MIN_BYTES: Bytes = Bytes::megabytes(100),
            /// A shorter time than this is not reported.
            MIN_TIME: Millis = Millis(10_000.0),
            /// WAL from which on it is critical.
            CRITICAL_BYTES: Bytes = Bytes::megabytes(1024),
            /// Time from which on it is critical.
            CRITICAL_TIME: Millis = Millis(60_000.0),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Sender>> {
    Ok(view.senders()?.followers()?.into_iter().filter(|sender| is_behind(sender, MIN_BYTES, MIN_TIME)).collect())
}

/// One that does not report a time has not caught up since it connected.
fn is_behind(sender: &Sender, bytes: Bytes, time: Millis) -> bool {
    sender.behind >= Some(bytes) && sender.lag().is_none_or(|lag| lag >= time)
}

fn subject(sender: &&Sender) -> About {
    let is_critical = sender.lag().is_some() && is_behind(sender, CRITICAL_BYTES, CRITICAL_TIME);
    let limits = if is_critical { (CRITICAL_BYTES, CRITICAL_TIME) } else { (MIN_BYTES, MIN_TIME) };
    About::new(sender.subject(), sender.behind.unwrap_or_default())
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("behind", sender.behind).against(limits.0).labelled("WAL not replayed"),
            Figure::new("lag", sender.lag()).against(limits.1).labelled("replay lag"),
            Figure::new("state", sender.row.state.clone()),
            Figure::new("sync_state", sender.row.sync_state.clone()).labelled("synchronous state"),
        ])
}

fn describe(found: &Found<&Sender>) -> Draft {
    let receivers = found.named("receiver", "receivers");
    let most = display::bytes(Bytes(found.max(|sender| sender.behind.map(|bytes| bytes.0 as f64)) as i64));
    let lag = display::duration(Millis(found.max(|sender| sender.row.replay_lag_ms)));
    Draft::new(format!("Find out why {receivers} does not keep up: {most} behind"))
        .confidence(Confidence::Medium)
        .because(format!("WAL of up to {most} is not replayed, and the replay lag is up to {lag}. This is a single sample."))
        .advise("Compare sent_lsn with replay_lsn. If WAL is not sent, the network is slow; if it is not replayed, the receiver is.")
        .advise("On a standby, check for replay conflicts, a paused replay, recovery_min_apply_delay and slow storage.")
        .query("SELECT application_name, state, sent_lsn, write_lsn, flush_lsn, replay_lsn, replay_lag FROM pg_stat_replication;")
        .effort(Effort::Project)
}
