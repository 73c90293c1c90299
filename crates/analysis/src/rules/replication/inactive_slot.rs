//! A replication slot has no consumer.

use crate::engine::prelude::*;
use crate::facts::slots::Slot;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// Replication slots that hold WAL or dead rows and that nothing is connected to. Synchronized failover slots,
    /// temporary and lost slots are left out, and on a standby slots that hold little.
    ///
    /// ## Why it matters
    ///
    /// A slot holds all WAL since its consumer was last connected, and a logical slot or one with `hot_standby_feedback`
    /// also dead rows. `pg_wal` grows until the disk is full and the server stops.
    ///
    /// ## Threshold
    ///
    /// A notice if a slot has no consumer. A warning if it holds at least {MIN_RETAINED}, or has been inactive for at
    /// least {MIN_IDLE} (known from version 17 on).
    ///
    /// ## Remedy
    ///
    /// Start the consumer again, or drop the slot if it does not come back. Set `max_slot_wal_keep_size`, so that a
    /// forgotten slot cannot fill the disk.
    ///
    /// ## When to ignore this
    ///
    /// If the consumer is being restarted or maintained.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": "F0/0", "wal_status": "extended", "synced": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": null, "wal_status": "extended" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": true, "replay_lsn": "F0/100" } ],
    ///   "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    rule inactive_slot {
        code: PGD1204,
        title: "A replication slot has no consumer",
        passed: "Every replication slot that holds WAL has a consumer",
        worst: Warning,
        reads: [slots, wal],
        source: "PostgreSQL manual, Replication Slots",
        thresholds: {
            /// From this amount of WAL on it is a warning.
            MIN_RETAINED: Bytes = Bytes::megabytes(1024),
            /// From this time on it is a warning.
            MIN_IDLE: Millis = Millis(86_400_000.0),
        },
    }
}

struct Unused<'a> {
    slot: &'a Slot,
    wal: &'a Wal,
}

impl Unused<'_> {
    fn is_costly(&self) -> bool {
        self.slot.retained >= Some(MIN_RETAINED) || self.slot.idle_for >= Some(MIN_IDLE)
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unused<'a>>> {
    let wal = view.wal()?;
    let is_standby = wal.position.is_in_recovery == Some(true);
    let unused = view.slots()?.iter().filter(|slot| slot.is_unused()).map(|slot| Unused { slot, wal });
    Ok(unused.filter(|unused| !is_standby || unused.slot.retained >= Some(MIN_RETAINED)).collect())
}

fn subject(unused: &Unused<'_>) -> About {
    About::new(unused.slot.subject(), unused.slot.retained.unwrap_or_default())
        .severity(if unused.is_costly() { Severity::Warning } else { Severity::Notice })
        .figures(unused.slot.figures())
        .figures(unused.wal.figures())
        .run(unused.slot.drop())
}

fn describe(found: &Found<Unused<'_>>) -> Draft {
    let retained = display::bytes(Bytes(found.sum(|unused| unused.slot.retained.map(|bytes| bytes.0))));
    let full_in = found.first().and_then(|unused| unused.wal.full_in()).map(display::duration);
    let slots = found.each("replication slot", "replication slots");
    Draft::new(format!("Reconnect or drop {slots} without a consumer: {retained} of WAL held"))
        .because("No consumer is connected, and the server keeps all WAL from restart_lsn on.")
        .because_for(full_in.as_ref(), "At the present rate the disk is full in")
        .advise("Start the consumer again. If it does not come back, drop the slot.")
        .advise("Set max_slot_wal_keep_size, so that a forgotten slot cannot fill the disk.")
        .impact("A consumer whose slot is dropped must be set up again.")
        .undo_text("A dropped slot cannot be restored: create a new one and copy the data again.")
}
