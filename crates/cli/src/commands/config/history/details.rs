//! One change in full: its values, where they were set before, its steps and the way back.

use std::collections::BTreeMap;

use pgdba_analysis::configuration::Configuration;
use pgdba_apply::Store;
use pgdba_change::change_set::{Change, ChangeSet, Former, Via};
use pgdba_change::machine::{TakeUp, take_up};

use super::status::Entry;
use super::{TIME, author, shown};
use crate::table::Table;
use crate::terminal::one_line;

/// The change as text; `again` are the options that name its server.
pub(super) fn text(entry: &Entry, store: &Store, again: &str) -> String {
    let change_set = &entry.journal.change_set;
    let facts = [
        ("change set", change_set.id.clone()),
        ("server", entry.journal.server.clone()),
        ("author", author(change_set)),
        ("created", format!("{} UTC", change_set.created_at.strftime(TIME))),
        ("state", entry.text()),
    ];
    let facts: String = facts.iter().map(|(name, value)| format!("{name:<12}{}\n", one_line(value))).collect();
    let origins = origins(store, &change_set.id);
    let rows = change_set.parameters.iter().map(|change| row(change, &origins));
    let former = match change_set.via {
        Via::AlterSystem => "old line in postgresql.auto.conf",
        Via::Patroni => "old value in the dynamic configuration",
    };
    let table = Table::new(["parameter", "old value", "set by", former, "new value"], rows);
    let notes: String = change_set
        .parameters
        .iter()
        .flat_map(|change| change.notes.iter().map(move |note| format!("  {}: {}\n", change.name, one_line(note))))
        .collect();
    let steps: String = entry
        .journal
        .entered
        .iter()
        .map(|entered| format!("{} UTC  {}\n", entered.at.strftime("%Y-%m-%d %H:%M:%S%.3f"), entered.state))
        .collect();
    format!("{facts}\n{}{notes}\n{steps}{}", table.text(), ways(entry, again))
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
fn ways(entry: &Entry, again: &str) -> String {
    let (state, change_set) = (&entry.journal.state, &entry.journal.change_set);
    if entry.runs.is_some() {
        return String::new();
    }
    let options = format!("{again}{} --changeset-id {}", patroni(change_set), change_set.id);
    let mut ways = String::new();
    if take_up(state, TakeUp::RollBack, change_set.step_count()).is_ok() {
        ways.push_str(&format!("\nTo roll back: pgdba config rollback{options}\n"));
    }
    if !state.is_settled() && take_up(state, TakeUp::Resume, change_set.step_count()).is_ok() {
        let options = format!("{again}{} --resume --changeset-id {}", patroni(change_set), change_set.id);
        ways.push_str(&format!("To continue: pgdba config apply{options}\n"));
    }
    ways
}

/// The option that names Patroni, for a change that was made through it.
fn patroni(change_set: &ChangeSet) -> String {
    match (&change_set.former_dcs, change_set.via) {
        (Some(former), Via::Patroni) => format!(" --patroni {}", one_line(&former.url)),
        _ => String::new(),
    }
}
