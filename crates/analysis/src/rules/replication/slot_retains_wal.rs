//! The consumer of a replication slot is far behind.

use crate::engine::prelude::*;
use crate::facts::slots::Slot;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// How much WAL replication slots with a connected consumer hold, compared with `max_wal_size` and with what
    /// `max_slot_wal_keep_size` allows.
    ///
    /// ## Why it matters
    ///
    /// WAL that the consumer has not confirmed stays in `pg_wal`. Without a limit the disk fills; with one, the slot is
    /// lost when it is reached, and the consumer must be set up again.
    ///
    /// ## Threshold
    ///
    /// A slot holds at least {MIN_RETAINED} and {MULTIPLE} times `max_wal_size`, or it holds at least {NEGLIGIBLE} and
    /// less than that again is left until it is lost. Critical if the free disk space lasts less than {CRITICAL} at the
    /// rate of WAL, in the window of a delta or on average since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Find out what slows the consumer down: the network, conflicts on a standby, a long transaction, an apply error.
    ///
    /// ## When to ignore this
    ///
    /// If the consumer is catching up after maintenance and the amount decreases.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "FE/E0000000", "wal_status": "extended", "safe_wal_size": 100000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "FE/F0000000", "wal_status": "extended", "safe_wal_size": 9000000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1048576", "unit": "MB" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    rule slot_retains_wal {
        code: PGD1205,
        title: "A replication slot holds much WAL",
        passed: "Replication slots hold little WAL",
        worst: Critical,
        reads: [slots, wal, settings],
        source: "PostgreSQL manual, Replication Slots and max_slot_wal_keep_size",
        thresholds: {
            /// Less WAL than this is not reported.
            MIN_RETAINED: Bytes = Bytes::megabytes(5 * 1024),
            /// Multiple of `max_wal_size` from which on it is reported.
            MULTIPLE: i64 = 2,
            /// Less than this is never reported, however near the limit.
            NEGLIGIBLE: Bytes = Bytes::megabytes(256),
            /// If the disk is full in less than this, it is critical.
            CRITICAL: Millis = Millis(86_400_000.0),
        },
    }
}

struct Slow<'a> {
    slot: &'a Slot,
    wal: &'a Wal,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Slow<'a>>> {
    let wal = view.wal()?;
    let ordinary = view.settings()?.bytes("max_wal_size").map_or(0, |size| size.0.saturating_mul(MULTIPLE));
    let is_slow = |slot: &&Slot| {
        let is_used = slot.row.active == Some(true) && !slot.is_lost();
        let is_large = |retained: Bytes| retained >= MIN_RETAINED && retained.0 >= ordinary;
        let is_near = |retained: Bytes| retained >= NEGLIGIBLE && slot.row.safe_wal_size.is_some_and(|left| left < retained.0);
        is_used && slot.retained.is_some_and(|retained| is_large(retained) || is_near(retained))
    };
    Ok(view.slots()?.iter().filter(is_slow).map(|slot| Slow { slot, wal }).collect())
}

fn subject(slow: &Slow<'_>) -> About {
    let is_critical = slow.wal.full_in().is_some_and(|full_in| full_in < CRITICAL);
    About::new(slow.slot.subject(), slow.slot.retained.unwrap_or_default())
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures(slow.slot.figures())
        .figures([Figure::new("safe_wal_size", slow.slot.row.safe_wal_size.map(Bytes)).labelled("WAL until it is lost")])
        .figures(slow.wal.figures())
}

fn describe(found: &Found<Slow<'_>>) -> Draft {
    let retained = display::bytes(Bytes(found.sum(|slow| slow.slot.retained.map(|bytes| bytes.0))));
    let slots = found.each("replication slot", "replication slots");
    Draft::new(format!("Speed up the consumer of {slots}: {retained} of WAL held"))
        .because("The consumer is connected but has not confirmed this WAL, so the server keeps it.")
        .fills_disk(found.first().map(|slow| slow.wal))
        .advise("Compare sent_lsn with replay_lsn: the network is slow if it is not sent, the consumer if it is not replayed.")
        .query("SELECT application_name, state, sent_lsn, replay_lsn, replay_lag FROM pg_stat_replication;")
        .effort(Effort::Project)
}
