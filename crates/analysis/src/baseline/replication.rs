//! Receivers of WAL, replication slots, replay and archiving.

use jiff::Timestamp;
use pgdba_snapshot::sections::pg_stat_archiver::PgStatArchiver;
use pgdba_snapshot::sections::pg_stat_wal::PgStatWal;
use schemars::JsonSchema;
use serde::Serialize;

use super::section::{CountedSince, Derived, Reading, named};
use crate::facts::archiver;
use crate::facts::senders::Sender;
use crate::facts::slots;
use crate::facts::wal::Wal;
use crate::format::Checked;
use crate::rates::{Counted, Rate, server};

/// Who receives WAL, what is kept for whom, and the archive.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Replication {
    /// Bytes of WAL.
    pub wal: Option<Rate>,
    /// Connected standbys and other receivers.
    pub receivers: Vec<Receiver>,
    /// Replication slots.
    pub slots: Vec<Slot>,
    /// WAL archiving; none if its state could not be read.
    pub archiver: Option<Archiver>,
    /// Replay; none on a primary.
    pub replay: Option<Replay>,
}

/// A receiver of WAL.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Receiver {
    /// Its application name, with its address if several have the same.
    pub name: String,
    /// Its address.
    pub address: Option<String>,
    /// `streaming`, `catchup`, `backup` and others.
    pub state: Option<String>,
    /// `async`, `sync`, `quorum` or `potential`.
    pub sync_state: Option<String>,
    /// WAL that it has not replayed, in bytes.
    pub behind_bytes: Option<i64>,
    /// Its replay lag, in milliseconds.
    pub replay_lag_ms: Option<f64>,
}

/// A replication slot.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// `physical` or `logical`.
    pub slot_type: Option<String>,
    /// The database of a logical slot.
    pub database: Option<String>,
    /// Whether it has a consumer.
    pub active: Option<bool>,
    /// WAL that it holds, in bytes.
    pub retained_bytes: Option<i64>,
    /// `reserved`, `extended`, `unreserved` or `lost` (13).
    pub wal_status: Option<String>,
    /// For how long it has had no consumer, in milliseconds (17).
    pub inactive_ms: Option<f64>,
}

/// WAL archiving.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Archiver {
    /// Whether this server archives.
    pub is_enabled: bool,
    /// Files archived.
    pub archived: Rate,
    /// Failed attempts.
    pub failed: Rate,
    /// When a file was last archived.
    #[schemars(with = "Option<String>")]
    pub last_archived: Option<Timestamp>,
    /// When an attempt last failed.
    #[schemars(with = "Option<String>")]
    pub last_failed: Option<Timestamp>,
    /// Files that wait to be archived; none if the collecting role could not see them.
    pub waiting_files: Option<i64>,
}

/// What a standby receives and replays.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Replay {
    /// WAL that was received but not replayed, in bytes.
    pub not_replayed_bytes: Option<i64>,
    /// Whether replay is paused.
    pub is_paused: Option<bool>,
    /// The time of the last replayed transaction.
    #[schemars(with = "Option<String>")]
    pub last_transaction: Option<Timestamp>,
    /// The state of the WAL receiver; none if it is not running.
    pub receiver: Option<String>,
}

/// Derives it.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<Replication>> {
    let view = &reading.view;
    let (senders, slots, wal) = (view.senders()?, view.slots()?, view.wal()?);
    let archiver = view.archiver().ok();
    let stats_reset = [
        CountedSince::whole(reading.snapshot, |row: &PgStatWal| row.stats_reset),
        CountedSince::whole(reading.snapshot, |row: &PgStatArchiver| row.stats_reset),
    ];
    Ok(Derived {
        stats_reset: stats_reset.into_iter().flatten().collect(),
        data: Replication {
            wal: named(&server(&reading.source), "wal_bytes").cloned(),
            receivers: senders.all.iter().map(receiver).collect(),
            slots: slots.iter().map(slot).collect(),
            archiver: archiver.map(|archiver| archive(reading, archiver)),
            replay: replay(reading, wal),
        },
    })
}

fn receiver(sender: &Sender) -> Receiver {
    Receiver {
        name: sender.name.clone(),
        address: sender.row.client_addr.clone(),
        state: sender.row.state.clone(),
        sync_state: sender.row.sync_state.clone(),
        behind_bytes: sender.behind.map(|bytes| bytes.0),
        replay_lag_ms: sender.lag().map(|lag| lag.0),
    }
}

fn slot(slot: &slots::Slot) -> Slot {
    Slot {
        name: slot.row.slot_name.clone(),
        slot_type: slot.row.slot_type.clone(),
        database: slot.row.database.clone(),
        active: slot.row.active,
        retained_bytes: slot.retained.map(|bytes| bytes.0),
        wal_status: slot.row.wal_status.clone(),
        inactive_ms: slot.idle_for.map(|time| time.0),
    }
}

fn archive(reading: &Reading<'_>, archiver: &archiver::Archiver) -> Archiver {
    let counted: Counted<PgStatArchiver> = reading.source.counted();
    let rate = |counter: fn(&PgStatArchiver) -> Option<i64>| {
        counted.rate(|row| counter(row).map(|count| count as f64), |row| row.stats_reset)
    };
    Archiver {
        is_enabled: archiver.is_enabled,
        archived: rate(|row| row.archived_count),
        failed: rate(|row| row.failed_count),
        last_archived: archiver.row.last_archived_time,
        last_failed: archiver.row.last_failed_time,
        waiting_files: archiver.waiting.map(|(files, _)| files),
    }
}

fn replay(reading: &Reading<'_>, wal: &Wal) -> Option<Replay> {
    let position = Some(&wal.position).filter(|position| position.is_in_recovery == Some(true))?;
    let receiver = reading.view.receivers().ok().and_then(|all| all.first());
    Some(Replay {
        not_replayed_bytes: wal.not_replayed().map(|bytes| bytes.0),
        is_paused: position.is_replay_paused,
        last_transaction: position.replay_timestamp,
        receiver: receiver.and_then(|receiver| receiver.status.clone()),
    })
}
