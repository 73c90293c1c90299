//! A replication slot has lost WAL that its consumer needs.

use crate::engine::prelude::*;
use crate::facts::slots::Slot;

rule! {
    /// ## What it sees
    ///
    /// The status of replication slots: `wal_status` (version 13), `conflicting` (16) and `invalidation_reason` (17).
    ///
    /// ## Why it matters
    ///
    /// A consumer whose slot is lost cannot continue: the standby or subscriber stays behind permanently and must be set
    /// up again. A slot that is unreserved is lost at the next checkpoint unless its consumer catches up before.
    ///
    /// ## Threshold
    ///
    /// Critical if it is lost or invalidated, a warning if it is unreserved.
    ///
    /// ## Remedy
    ///
    /// Drop a lost slot and set its consumer up again, from a base backup or a new copy of the data; a standby with a WAL
    /// archive catches up from there. Raise `max_slot_wal_keep_size` if consumers may be behind for longer.
    ///
    /// ## When to ignore this
    ///
    /// If the consumer no longer exists: then drop the slot.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": null, "wal_status": "lost" } ] }
    /// ```
    /// ```json found
    /// { "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "unreserved" } ] }
    /// ```
    /// ```json found
    /// { "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": "F0/0", "wal_status": "reserved", "invalidation_reason": "idle_timeout" } ] }
    /// ```
    /// ```json passed
    /// { "pg_replication_slots": [ { "slot_name": "replica1", "slot_type": "physical", "active": false, "restart_lsn": "F0/0", "wal_status": "extended" },
    ///                             { "slot_name": "replica1", "slot_type": "physical", "active": true, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
    /// ```
    rule lost_slot {
        code: PGD1206,
        title: "A replication slot has lost WAL",
        passed: "No replication slot has lost WAL",
        worst: Critical,
        reads: [slots],
        source: "PostgreSQL manual, pg_replication_slots",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Slot>> {
    Ok(view.slots()?.iter().filter(|slot| slot.is_lost() || slot.is_unreserved()).collect())
}

fn subject(slot: &&Slot) -> About {
    let (severity, drop) =
        if slot.is_lost() { (Severity::Critical, Some(slot.drop())) } else { (Severity::Warning, None) };
    let about = About::new(slot.subject(), slot.retained.unwrap_or_default()).severity(severity);
    let about = about
        .figures(slot.figures())
        .figures([Figure::new("invalidation_reason", slot.row.invalidation_reason.clone()).labelled("reason")]);
    match drop {
        Some(drop) => about.run(drop),
        None => about,
    }
}

fn describe(found: &Found<&Slot>) -> Draft {
    let slots = found.each("replication slot", "replication slots");
    let (lost, unreserved) = (found.part(|slot| slot.is_lost()), found.part(|slot| !slot.is_lost()));
    let draft = match &lost {
        Some(_) => Draft::new(format!("Set up the consumer of {slots} again: WAL that it needs is gone")),
        None => Draft::new(format!("Let the consumer of {slots} catch up: the next checkpoint removes WAL that it needs")),
    };
    draft
        .because_for(lost.as_ref(), "The server has removed WAL that the consumer has not received, or has invalidated")
        .because_for(unreserved.as_ref(), "The next checkpoint can remove WAL that is needed by")
        .advise_if(lost.is_some(), "Drop the lost slot, and set its consumer up again if it is still needed.")
        .advise_if(unreserved.is_some(), "Raise max_slot_wal_keep_size until the consumer has caught up.")
        .impact("A consumer that is set up again copies all data.")
        .undo_text("A dropped slot cannot be restored, but a lost one is of no use.")
}
