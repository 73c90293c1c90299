//! What needs the WAL of this server besides its own recovery.

use pgdba_pg::start::Slot;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_replication_slots::PgReplicationSlot;
use pgdba_snapshot::sections::pg_stat_replication::PgStatReplication;

/// What needs the WAL; an absence where the section could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalConsumers {
    /// Connected standbys and other receivers of WAL, such as base backups.
    pub receivers: Option<i64>,
    /// The replication slots that outlive a restart.
    pub slots: Option<Vec<Slot>>,
    /// Prepared transactions.
    pub prepared: Option<i64>,
}

impl WalConsumers {
    pub(super) fn new(
        receivers: Option<&[PgStatReplication]>,
        slots: Option<&[PgReplicationSlot]>,
        prepared: Option<&[PgPreparedXact]>,
    ) -> Self {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let slot = |slot: &PgReplicationSlot| Slot {
            name: slot.slot_name.clone(),
            is_logical: slot.slot_type.as_deref() == Some("logical"),
        };
        Self {
            receivers: receivers.map(|rows| number(rows.len())),
            slots: slots.map(|rows| rows.iter().filter(|row| row.temporary != Some(true)).map(slot).collect()),
            prepared: prepared.map(|rows| number(rows.len())),
        }
    }
}
