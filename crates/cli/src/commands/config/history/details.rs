//! One change in full: its values, where they were set before, its steps and the way back.

use std::collections::BTreeMap;

use pgdba_analysis::configuration::Configuration;
use pgdba_analysis::{Block, Figure, Table};
use pgdba_apply::Store;
use pgdba_change::change_set::{Change, ChangeSet, Former, Via};
use pgdba_change::machine::{TakeUp, take_up};

use super::status::Entry;
use super::{TIME, author, shown};
use crate::terminal::shell_word;

/// The change in full; `again` are the options that name its server.
pub(super) fn blocks(entry: &Entry, store: &Store, again: &str) -> Vec<Block> {
    let change_set = &entry.journal.change_set;
    let facts = [
        ("change set", change_set.id.clone()),
        ("server", entry.journal.server.clone()),
        ("author", author(change_set)),
        ("created", format!("{} UTC", change_set.created_at.strftime(TIME))),
        ("state", entry.text()),
    ];
    let items = facts.into_iter().map(|(name, value)| Figure::new(name, value)).collect();
    let notes = change_set
        .parameters
        .iter()
        .flat_map(|change| change.notes.iter().map(move |note| format!("{}: {note}", change.name)));
    let steps = entry.journal.entered.iter().map(|entered| {
        [entered.at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(), entered.state.to_string()].map(Into::into).to_vec()
    });
    let steps = Table::whole("Steps", &[("time", "time (UTC)"), ("state", "step")], steps);
    let blocks = [Block::Figures { items }, parameters(change_set, store), Block::list(notes), Block::Table(steps)];
    blocks.into_iter().chain(ways(entry, again)).collect()
}

/// The parameters with their old and new values.
fn parameters(change_set: &ChangeSet, store: &Store) -> Block {
    let origins = origins(store, &change_set.id);
    let former = match change_set.via {
        Via::AlterSystem => "old line in postgresql.auto.conf",
        Via::Patroni => "old value in the dynamic configuration",
    };
    let columns = [
        ("parameter", "parameter"),
        ("old", "old value"),
        ("source", "source"),
        ("former", former),
        ("new", "new value"),
    ];
    let rows = change_set.parameters.iter().map(|change| row(change, &origins).map(Into::into).to_vec());
    Block::Table(Table::whole("Parameters", &columns, rows))
}

fn row(change: &Change, origins: &BTreeMap<String, String>) -> [String; 5] {
    let line = match &change.former {
        Former::Absent => "none".to_owned(),
        Former::AssumedAbsent => "unreadable, assumed none".to_owned(),
        Former::Line { text } => shown(&change.name, text),
        Former::Value { setting } => format!("unreadable, value {}", shown(&change.name, setting)),
        Former::Dynamic { value: Some(value) } => shown(&change.name, value),
        Former::Dynamic { value: None } => "none".to_owned(),
    };
    let old = change.old_value.as_ref().map_or_else(|| "–".to_owned(), |value| shown(&change.name, value));
    let new = change.new_value.as_ref().map_or_else(|| "(reset)".to_owned(), |value| shown(&change.name, value));
    let origin = origins.get(&change.name).cloned().unwrap_or_else(|| "–".to_owned());
    [change.name.clone(), old, origin, line, new]
}

/// Where each value came from before the change, from the snapshot that was kept; nothing where that is gone.
fn origins(store: &Store, id: &str) -> BTreeMap<String, String> {
    let Ok(bytes) = std::fs::read(store.pre_snapshot_path(id)) else { return BTreeMap::new() };
    let Ok(snapshot) = pgdba_snapshot::read(&bytes) else { return BTreeMap::new() };
    let parameters = Configuration::of(&snapshot).parameters.into_iter();
    parameters.map(|parameter| (parameter.name, parameter.origin.words)).collect()
}

/// The commands that undo or finish it, complete.
fn ways(entry: &Entry, again: &str) -> Vec<Block> {
    let (state, change_set) = (&entry.journal.state, &entry.journal.change_set);
    if entry.runs.is_some() {
        return Vec::new();
    }
    let steps = change_set.step_count();
    let patroni = patroni(change_set);
    let id = &change_set.id;
    let back = take_up(state, TakeUp::RollBack, steps)
        .is_ok()
        .then(|| Block::shell("To roll back", format!("pgdba config rollback{again}{patroni} --changeset-id {id}")));
    let is_resumable = !state.is_settled() && take_up(state, TakeUp::Resume, steps).is_ok();
    let on = is_resumable.then(|| {
        Block::shell("To continue", format!("pgdba config apply{again}{patroni} --resume --changeset-id {id}"))
    });
    back.into_iter().chain(on).collect()
}

/// The option that names Patroni, for a change that was made through it.
fn patroni(change_set: &ChangeSet) -> String {
    match (&change_set.former_dcs, change_set.via) {
        (Some(former), Via::Patroni) => format!(" --patroni {}", shell_word(&former.url)),
        _ => String::new(),
    }
}
