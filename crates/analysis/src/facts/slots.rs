//! Replication slots, and the WAL that they hold.

use jiff::Timestamp;
use pgdba_pg::quote::quote_literal;
use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_replication_slots::PgReplicationSlot;

use super::time::age;
use super::wal::Wal;
use crate::format::{Figure, Subject, SubjectKind};

/// A slot that has had no consumer for less than this may only be waiting for one that connects again.
pub const ABANDONED: Millis = Millis(3_600_000.0);

/// A replication slot.
#[derive(Debug)]
pub struct Slot {
    /// Its row.
    pub row: PgReplicationSlot,
    /// The WAL since the position from which it holds it; none if it holds none.
    pub retained: Option<Bytes>,
    /// For how long it has had no consumer (17).
    pub idle_for: Option<Millis>,
}

impl Slot {
    pub(super) fn new(row: PgReplicationSlot, wal: Option<&Wal>, now: Option<Timestamp>) -> Self {
        let is_lost = row.wal_status.as_deref() == Some("lost");
        let retained = wal.filter(|_| !is_lost).and_then(|wal| wal.behind(row.restart_lsn.as_deref()));
        let since = row.inactive_since.filter(|_| row.active == Some(false));
        let idle_for = now.zip(since).and_then(|(now, since)| age(now, since));
        Self { row, retained, idle_for }
    }

    /// Whether it is for logical decoding.
    #[must_use]
    pub fn is_logical(&self) -> bool {
        self.row.slot_type.as_deref() == Some("logical")
    }

    /// Whether WAL that it needs is gone, or a conflict with recovery invalidated it: its consumer cannot continue.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let is_invalid = self.row.invalidation_reason.is_some() || self.row.conflicting == Some(true);
        is_invalid || self.row.wal_status.as_deref() == Some("lost")
    }

    /// Whether the next checkpoint can remove WAL that it needs.
    #[must_use]
    pub fn is_unreserved(&self) -> bool {
        self.row.wal_status.as_deref() == Some("unreserved")
    }

    /// Whether it holds WAL or dead rows, and nothing uses it. One that is synchronized from the primary is inactive by
    /// design, and a temporary one belongs to a session.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        let row = &self.row;
        let holds = row.restart_lsn.is_some() || row.xmin_age.is_some() || row.catalog_xmin_age.is_some();
        let is_meant = row.synced == Some(true) || row.temporary == Some(true);
        row.active == Some(false) && holds && !is_meant && !self.is_lost()
    }

    /// Whether a subscriber made it to copy a table.
    #[must_use]
    pub fn copies_table(&self) -> bool {
        copies_table(&self.row)
    }

    /// The slot as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::ReplicationSlot, &self.row.slot_name)
    }

    /// The statement that drops it.
    #[must_use]
    pub fn drop(&self) -> String {
        drop_statement(&self.row.slot_name)
    }

    /// The statements that drop it, where it has had no consumer [for long](drop_unused) and does not copy a table.
    #[must_use]
    pub fn drop_unused(&self) -> Option<String> {
        if self.copies_table() { None } else { drop_unused(&self.row.slot_name, self.idle_for) }
    }

    /// What it is, how much WAL it holds and for how long.
    #[must_use]
    pub fn figures(&self) -> [Figure; 5] {
        let database = self.row.database.clone();
        [
            Figure::new("type", self.row.slot_type.clone()),
            Figure::new("database", database),
            Figure::new("retained_wal", self.retained).labelled("WAL held"),
            Figure::new("wal_status", self.row.wal_status.clone()).labelled("WAL status"),
            Figure::new("inactive_for", self.idle_for),
        ]
    }
}

/// Whether a slot is one that a subscriber makes to copy a table. It is inactive as long as the rows are copied, and a subscription
/// whose slot is dropped meanwhile never completes the copy. An older snapshot shows it by the name only.
#[must_use]
pub fn copies_table(slot: &PgReplicationSlot) -> bool {
    slot.copies_table.unwrap_or_else(|| is_name_of_copy(&slot.slot_name))
}

/// Whether it is a name such as `pg_16394_sync_16385_7212345678901234567`.
fn is_name_of_copy(slot: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = slot.strip_prefix("pg_").and_then(|rest| rest.split_once("_sync_"));
    numbers.is_some_and(|(subscription, rest)| {
        let (table, system) = rest.split_once('_').unwrap_or((rest, "0"));
        [subscription, table, system].into_iter().all(is_number)
    })
}

fn drop_statement(slot: &str) -> String {
    format!("SELECT pg_drop_replication_slot({});", quote_literal(slot))
}

/// The statements that drop a slot without a consumer: none if it has been inactive for less than an [hour](ABANDONED). If it is not known for how long it has been inactive, a query before them shows whether it still is.
#[must_use]
pub fn drop_unused(slot: &str, idle_for: Option<Millis>) -> Option<String> {
    if idle_for.is_some_and(|idle| idle < ABANDONED) {
        return None;
    }
    let check = format!(
        "SELECT slot_name, active, restart_lsn FROM pg_replication_slots WHERE slot_name = {}; -- run it again after some \
         minutes, and drop the slot only if it is still inactive\n",
        quote_literal(slot)
    );
    Some(format!("{}{}", if idle_for.is_none() { check } else { String::new() }, drop_statement(slot)))
}

#[cfg(test)]
mod tests {
    use pgdba_pg::Millis;
    use serde_json::{Value, json};

    use crate::example;
    use crate::facts::Facts;

    #[test]
    fn the_slot_of_a_table_synchronization_is_known_by_its_name() {
        for name in ["pg_16394_sync_16385_7212345678901234567", "pg_16394_sync_16385"] {
            assert!(super::is_name_of_copy(name), "{name}");
        }
        for name in
            ["pg_16394_sync_", "pg_sync_1", "pg_1_sync_2_", "pg_1_sync_2_x", "pg_1_sync_2_3_4", "my_1_sync_2_3", "sub"]
        {
            assert!(!super::is_name_of_copy(name), "{name}");
        }
    }

    #[test]
    fn a_slot_is_dropped_only_if_its_consumer_has_been_gone_for_long() {
        let drop = |name: &str, minutes: Option<f64>| {
            super::drop_unused(name, minutes.map(|minutes| Millis(minutes * 60_000.0)))
        };
        assert_eq!(drop("s", Some(61.0)).unwrap(), "SELECT pg_drop_replication_slot('s');");
        assert_eq!(drop("s", Some(1.0)), None);
        let unknown = drop("s", None).unwrap();
        assert!(unknown.starts_with("SELECT slot_name, active") && unknown.contains("\nSELECT pg_drop_"), "{unknown}");
    }

    #[test]
    fn only_a_slot_that_holds_something_and_should_be_used_is_unused() {
        let is_unused = |changes: Value| {
            let mut slot = json!({ "slot_name": "s", "slot_type": "physical", "active": false, "restart_lsn": "0/1",
                                   "wal_status": "reserved", "temporary": false });
            slot.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let snapshot = example::snapshot(&json!({ "pg_replication_slots": [slot] }).to_string()).unwrap();
            Facts::of(&snapshot).slots().unwrap().iter().any(super::Slot::is_unused)
        };
        assert!(is_unused(json!({})));
        assert!(is_unused(json!({ "restart_lsn": null, "xmin_age": 5 })));
        for changes in [
            json!({ "active": true }),
            json!({ "restart_lsn": null }),
            json!({ "synced": true }),
            json!({ "temporary": true }),
            json!({ "wal_status": "lost" }),
            json!({ "invalidation_reason": "idle_timeout" }),
        ] {
            assert!(!is_unused(changes.clone()), "{changes}");
        }
    }
}
