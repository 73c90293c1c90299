//! Which processes write pages, SLRU caches and file systems.

use pgdba_pg::display;

use super::{Shown, Topic};
use crate::facts::io::{Slru, Writes};
use crate::facts::hardware::FileSystem;
use crate::facts::{View, declared};
use crate::{Block, Checked, Figure, Quantity, Table};

/// Who writes pages, and to what.
pub static TOPIC: Topic = Topic {
    name: "io",
    title: "Memory and I/O",
    reads: &[&declared::writes, &declared::slrus, &declared::hardware],
    show,
};

fn show(view: &View<'_>) -> Checked<Shown> {
    let (writes, hardware) = (view.writes()?, view.hardware()?);
    let used: Vec<&Slru> = view.slrus().map_or_else(|_| Vec::new(), |slrus| slrus.iter().filter(is_used).collect());
    let is_flash = hardware.require_flash().ok().filter(|flash| *flash).map(|_| "solid state");
    let host = [
        Figure::new("memory", hardware.usable_memory()).labelled("memory of the host"),
        Figure::new("solid_state", is_flash).labelled("disks"),
    ];
    let disks = hardware.file_systems();
    let share = writes.backend_share().map(display::percent);
    Ok(Shown {
        lead: share.map_or_else(
            || "No pages were written since the counters were reset.".to_owned(),
            |share| format!("Sessions wrote {share} of the pages."),
        ),
        blocks: [
            Block::Figures { items: written(writes).into() },
            Block::Table(Table::new("SLRU caches", &SLRUS, used.iter().map(slru))),
            Block::Table(Table::new("File systems", &DISKS, disks.iter().map(disk))),
            Block::Figures { items: host.into_iter().filter(|figure| figure.value != Quantity::Unknown).collect() },
        ]
        .into_iter()
        .filter(|block| !block.is_empty())
        .collect(),
    })
}

fn written(writes: &Writes) -> [Figure; 6] {
    let by_sessions = if writes.with_extensions { "pages by sessions, with added ones" } else { "pages by sessions" };
    [
        Figure::new("by_checkpoints", writes.checkpointer).labelled("pages written by checkpoints"),
        Figure::new("by_background_writer", writes.bgwriter).labelled("pages by the background writer"),
        Figure::new("by_sessions", writes.backends).labelled(by_sessions),
        Figure::new("fsyncs_by_sessions", writes.backend_fsyncs),
        Figure::new("stopped_rounds", writes.stopped_rounds).labelled("rounds ended at bgwriter_lru_maxpages"),
        Figure::new("counted_for", writes.window.length).labelled("measured over"),
    ]
}

fn is_used(slru: &&Slru) -> bool {
    slru.hit_ratio().is_some()
}

const SLRUS: [(&str, &str); 4] = [("name", "cache"), ("hits", "hits"), ("reads", "pages read"), ("hit_ratio", "hit ratio")];

fn slru(slru: &&Slru) -> Vec<Quantity> {
    vec![slru.row.name.clone().into(), slru.row.blks_hit.into(), slru.row.blks_read.into(), slru.hit_ratio().into()]
}

const DISKS: [(&str, &str); 4] = [("holds", "contains"), ("size", "size"), ("free", "free"), ("used", "in use")];

fn disk(disk: &FileSystem) -> Vec<Quantity> {
    vec![disk.holds.into(), disk.total.into(), disk.free.into(), disk.used().into()]
}
