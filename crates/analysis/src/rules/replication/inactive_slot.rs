//! A replication slot has no consumer.

use crate::engine::prelude::*;
use crate::facts::slots::{ABANDONED, Slot};
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// Replication slots that hold WAL or dead rows and that nothing is connected to. Synchronized failover slots,
    /// temporary and lost slots are left out, and on a standby slots that hold little. So are those that a subscriber makes
    /// to copy a table (`pg_…_sync_…`): they are inactive while the rows are copied. They are reported if they have been
    /// inactive for {MIN_IDLE}.
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
    /// Start the consumer again, or drop the slot if it does not come back. From version 13 on, set `max_slot_wal_keep_size`, so
    /// that a forgotten slot cannot fill the disk.
    ///
    /// The statement that drops it is not given for a slot that was in use within the last hour, nor for one that
    /// copies a table: without its slot, the subscription never completes the copy. Before version 17 the server does not
    /// record since when a slot is inactive, so check it again after some minutes.
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
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_replication_slots": [ { "slot_name": "pg_16394_sync_16385_7212345678901234567", "slot_type": "logical", "active": false, "restart_lsn": "F0/0", "wal_status": "extended" } ] }
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
    /// Whether this version has max_slot_wal_keep_size.
    can_limit: bool,
}

impl Unused<'_> {
    fn is_costly(&self) -> bool {
        self.slot.retained >= Some(MIN_RETAINED) || self.slot.idle_for >= Some(MIN_IDLE)
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unused<'a>>> {
    let wal = view.wal()?;
    let is_standby = wal.position.is_in_recovery == Some(true);
    let is_copying = |slot: &Slot| slot.copies_table() && slot.idle_for.is_none_or(|idle| idle < MIN_IDLE);
    let can_limit = view.version().is_ok_and(|version| version.major() >= 13);
    let unused = view.slots()?.iter().filter(|slot| slot.is_unused() && !is_copying(slot));
    let unused = unused.map(|slot| Unused { slot, wal, can_limit });
    Ok(unused.filter(|unused| !is_standby || unused.slot.retained >= Some(MIN_RETAINED)).collect())
}

fn subject(unused: &Unused<'_>) -> About {
    let about = About::new(unused.slot.subject(), unused.slot.retained.unwrap_or_default())
        .severity(if unused.is_costly() { Severity::Warning } else { Severity::Notice })
        .figures(unused.slot.figures())
        .figures(unused.wal.figures());
    match unused.slot.drop_unused() {
        Some(drop) => about.run(drop),
        None => about,
    }
}

fn describe(found: &Found<Unused<'_>>) -> Draft {
    let retained = display::bytes(Bytes(found.sum(|unused| unused.slot.retained.map(|bytes| bytes.0))));
    let slots = found.each("replication slot", "replication slots");
    let is_any = |is: fn(&Slot) -> bool| found.any(|unused| is(unused.slot));
    let is_recent = is_any(|slot| slot.idle_for.is_some_and(|idle| idle < ABANDONED));
    let is_copy = is_any(Slot::copies_table);
    Draft::new(format!("Reconnect or drop {slots} without a consumer: {retained} of WAL held"))
        .because("No consumer is connected, and the server keeps all WAL from restart_lsn on.")
        .fills_disk(found.first().map(|unused| unused.wal))
        .advise("Start the consumer again. If it does not come back, drop the slot.")
        .advise_if(is_recent, "Wait first where the slot was in use within the last hour: its consumer may be connecting again.")
        .advise_if(
            is_any(|slot| slot.idle_for.is_none()),
            "This version does not record since when a slot is inactive: check it again after some minutes before you drop it.",
        )
        .advise_if(
            is_copy,
            "Drop a slot pg_…_sync_… only if pg_subscription_rel on the subscriber shows that its table is not being copied any more.",
        )
        .advise_if(found.any(|unused| unused.can_limit), "Set max_slot_wal_keep_size, so that a forgotten slot cannot fill the disk.")
        .impact("A consumer whose slot is dropped must be set up again.")
        .undo_text("A dropped slot cannot be restored: create a new one and copy the data again.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::Finding;
    use crate::{Options, analyze, example};

    /// What is found of a slot of this name that became inactive at this time, at 12:00.
    fn found(name: &str, since: Value) -> Option<Finding> {
        let document = json!({
            "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": "FF/0" }], "system": [{ "is_in_recovery": false }],
            "pg_replication_slots": [{ "slot_name": name, "slot_type": "logical", "active": false, "restart_lsn": "F0/0",
                                       "inactive_since": since }],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1204")
    }

    #[test]
    fn a_slot_that_was_just_in_use_is_not_dropped() {
        let (script, words) = {
            let finding = found("s", json!("2026-01-01T11:59:56Z")).unwrap();
            (finding.statements(), finding.remedy.text)
        };
        assert_eq!(script, None);
        assert!(words.contains("Wait first"), "{words}");
        let old = found("s", json!("2026-01-01T09:00:00Z")).unwrap();
        assert_eq!(old.statements().unwrap(), "SELECT pg_drop_replication_slot('s');");
        assert!(!old.remedy.text.contains("Wait first") && !old.remedy.text.contains("does not record"));
        assert!(found("s", Value::Null).unwrap().remedy.text.contains("does not record since when"));
    }

    #[test]
    fn no_parameter_is_named_that_the_version_does_not_have() {
        for (version, is_named) in [(12, false), (13, true)] {
            let document = json!({
                "version": version, "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": "FF/0" }],
                "pg_replication_slots": [{ "slot_name": "s", "slot_type": "logical", "active": false, "restart_lsn": "F0/0" }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let finding = findings.iter().find(|finding| finding.code == "PGD1204").unwrap();
            assert_eq!(finding.remedy.text.contains("max_slot_wal_keep_size"), is_named, "{version}");
        }
    }

    #[test]
    fn a_redacted_name_does_not_hide_that_a_slot_copies_a_table() {
        let is_found = |copies: Value| {
            let document = json!({
                "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": "FF/0" }],
                "pg_replication_slots": [{ "slot_name": "slot_1", "slot_type": "logical", "active": false, "restart_lsn": "F0/0",
                                           "copies_table": copies }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            findings.iter().any(|finding| finding.code == "PGD1204")
        };
        assert_eq!([json!(true), json!(false), Value::Null].map(is_found), [false, true, true]);
    }

    #[test]
    fn a_slot_that_copies_a_table_is_inactive_meanwhile() {
        let name = "pg_16394_sync_16385_7212345678901234567";
        assert!(found(name, Value::Null).is_none() && found(name, json!("2026-01-01T09:00:00Z")).is_none());
        // The subscription is gone, and has left it.
        let left = found(name, json!("2025-12-20T09:00:00Z")).unwrap();
        assert_eq!(left.statements(), None);
        assert!(left.remedy.text.contains("pg_subscription_rel"), "{}", left.remedy.text);
    }
}
