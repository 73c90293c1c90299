//! Replication slots, and the WAL that they hold.

use jiff::Timestamp;
use pgdba_pg::quote::quote_literal;
use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_replication_slots::PgReplicationSlot;

use super::time::age;
use super::wal::Wal;
use crate::format::{Figure, Subject, SubjectKind};

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

    /// The slot as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::ReplicationSlot, &self.row.slot_name)
    }

    /// The statement that drops it.
    #[must_use]
    pub fn drop(&self) -> String {
        format!("SELECT pg_drop_replication_slot({});", quote_literal(&self.row.slot_name))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::example;
    use crate::facts::Facts;

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
