//! Standbys, replication slots and WAL archiving.

use pgdba_pg::display;

use super::{Shown, Topic, number_of};
use crate::facts::archiver::Archiver;
use crate::facts::senders::Sender;
use crate::facts::slots::Slot;
use crate::facts::{View, declared};
use crate::{Block, Checked, Figure, Quantity, Table};

/// Who receives WAL, what is kept for whom, and the archive.
pub static TOPIC: Topic = Topic {
    name: "replication",
    title: "Replication and archiving",
    reads: &[&declared::senders, &declared::slots, &declared::archiver, &declared::wal, &declared::receivers],
    show,
};

fn show(view: &View<'_>) -> Checked<Shown> {
    let (senders, slots, wal) = (view.senders()?, view.slots()?, view.wal()?);
    let received = display::counted(number_of(&senders.all), "receiver", "receivers");
    let kept = display::counted(number_of(slots), "replication slot", "replication slots");
    let archiving = match view.archiver() {
        Ok(archiver) if archiver.is_enabled => "WAL is archived",
        Ok(_) => "WAL is not archived",
        Err(_) => "whether WAL is archived is unknown",
    };
    let tables = [
        Block::Table(Table::new("Receivers of WAL", &SENDERS, senders.all.iter().map(sender))),
        Block::Table(Table::new("Replication slots", &SLOTS, slots.iter().map(slot))),
    ];
    let archiver = view.archiver().ok().filter(|archiver| archiver.is_enabled).map(archive);
    let replay = standby(view);
    Ok(Shown {
        lead: format!("{received}, {kept}; {archiving}."),
        blocks: tables
            .into_iter()
            .filter(|block| !block.is_empty())
            .chain(archiver)
            .chain(replay)
            .chain([Block::Figures { items: wal.figures().into() }])
            .collect(),
    })
}

const SENDERS: [(&str, &str); 6] = [
    ("name", "application"),
    ("address", "address"),
    ("state", "state"),
    ("sync_state", "synchronous"),
    ("behind", "WAL not replayed"),
    ("lag", "replay lag"),
];

fn sender(sender: &Sender) -> Vec<Quantity> {
    let row = &sender.row;
    vec![
        sender.name.clone().into(),
        row.client_addr.clone().into(),
        row.state.clone().into(),
        row.sync_state.clone().into(),
        sender.behind.into(),
        sender.lag().into(),
    ]
}

const SLOTS: [(&str, &str); 6] = [
    ("name", "slot"),
    ("type", "type"),
    ("active", "active"),
    ("retained", "WAL held"),
    ("wal_status", "WAL status"),
    ("idle_for", "inactive for"),
];

fn slot(slot: &Slot) -> Vec<Quantity> {
    let row = &slot.row;
    vec![
        row.slot_name.clone().into(),
        row.slot_type.clone().into(),
        row.active.map(|active| if active { "yes" } else { "no" }).into(),
        slot.retained.into(),
        row.wal_status.clone().into(),
        slot.idle_for.into(),
    ]
}

fn archive(archiver: &Archiver) -> Block {
    let (files, age) = archiver.waiting.unzip();
    Block::Figures {
        items: vec![
            Figure::new("archived_count", archiver.row.archived_count).labelled("files archived"),
            Figure::new("last_archived_time", archiver.row.last_archived_time).labelled("last archived"),
            Figure::new("failed_count", archiver.row.failed_count).labelled("failed attempts"),
            Figure::new("last_failed_time", archiver.row.last_failed_time).labelled("last failed"),
            Figure::new("waiting", files).labelled("files waiting"),
            Figure::new("oldest", age.flatten()).labelled("oldest waits for"),
        ],
    }
}

/// What a standby receives and replays.
fn standby(view: &View<'_>) -> Option<Block> {
    let wal = view.wal().ok().filter(|wal| wal.position.is_in_recovery == Some(true))?;
    let receiver = view.receivers().ok()?.first();
    let status = receiver.map_or_else(|| Some("not running".to_owned()), |receiver| receiver.status.clone());
    let paused = wal.position.is_replay_paused.map(|is| if is { "paused" } else { "running" });
    Some(Block::Figures {
        items: vec![
            Figure::new("wal_receiver", status).labelled("WAL receiver"),
            Figure::new("replay", paused),
            Figure::new("not_replayed", wal.not_replayed()).labelled("WAL not replayed"),
            Figure::new("replay_timestamp", wal.position.replay_timestamp).labelled("last replayed transaction"),
        ],
    })
}
