//! Changes as people and programs are told of them. A secret in a value is masked.

use pgdba_change::change_set::{Change, Former, PlacedValue};
use pgdba_change::journal::Journal;
use pgdba_change::refusal::Refusal;
use pgdba_pg::mask::setting;
use serde_json::{Value, json};

use super::dcs;
use super::plan::shown;
use crate::table::Table;

/// The parameters and their values again, without those that were left as another session set them.
pub(super) fn put_back(journal: &Journal) -> String {
    let changes = &journal.change_set.parameters;
    if changes.iter().any(|change| matches!(change.former, Former::Dynamic { .. })) {
        return dcs::put_back(changes);
    }
    let is_back = |change: &&Change| change.outcome.is_step() && !journal.left.contains(&change.name);
    let back = changes.iter().filter(is_back);
    let rows = back.map(|change| [change.name.clone(), wanted(change), now(change), former(change).to_owned()]);
    Table::new(["parameter", "was set to", "is again", "in postgresql.auto.conf"], rows).text()
}

/// Which parameters were left as another session set them.
pub(super) fn left(journal: &Journal) -> String {
    match journal.left.as_slice() {
        [] => String::new(),
        names => format!(", except {}, which another session changed", names.join(", ")),
    }
}

fn former(change: &Change) -> &'static str {
    match change.former {
        Former::Absent | Former::AssumedAbsent => "not set, as before",
        Former::Line { .. } | Former::Value { .. } => "its former line",
        // Shown as the value itself.
        Former::Dynamic { .. } => "",
    }
}

pub(super) fn now(change: &Change) -> String {
    if let Former::Dynamic { value } = &change.former {
        return dcs::now(change, value.as_deref());
    }
    change.old_value.as_ref().map_or_else(|| "–".to_owned(), |value| shown(&change.name, value))
}

pub(super) fn wanted(change: &Change) -> String {
    change.new_value.as_ref().map_or_else(|| "(reset)".to_owned(), |value| shown(&change.name, value))
}

/// The changes for programs, without secrets.
pub(super) fn masked(changes: &[Change]) -> Vec<Change> {
    let mask = |change: &Change| {
        let hide = |value: &String| setting::mask(&change.name, value);
        let former = match &change.former {
            Former::Line { text } => Former::Line { text: hide(text) },
            Former::Value { setting } => Former::Value { setting: hide(setting) },
            Former::Dynamic { value } => Former::Dynamic { value: value.as_ref().map(hide) },
            other => other.clone(),
        };
        Change {
            old_value: change.old_value.as_ref().map(hide),
            new_value: change.new_value.as_ref().map(hide),
            after_reset: change
                .after_reset
                .as_ref()
                .map(|after| PlacedValue { value: after.value.as_ref().map(hide), place: after.place.clone() }),
            former,
            ..change.clone()
        }
    };
    changes.iter().map(mask).collect()
}

/// A change and how it stands, for programs.
pub(super) fn journal(journal: &Journal) -> Value {
    let mut change_set = journal.change_set.clone();
    change_set.parameters = masked(&change_set.parameters);
    change_set.former_dcs = change_set.former_dcs.map(dcs::masked);
    json!({ "state": journal.state, "server": journal.server, "change_set": change_set, "entered": journal.entered, "left": journal.left })
}

/// A refusal for programs.
pub(super) fn refusal(refusal: &Refusal) -> Value {
    json!({
        "parameter": refusal.parameter(),
        "code": refusal.code(),
        "message": refusal.to_string(),
        "hint": refusal.hint(),
    })
}
