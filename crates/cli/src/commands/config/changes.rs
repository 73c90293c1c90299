//! Changes as people and programs see them. A secret in a value is masked.

use pgdba_analysis::{Block, Table};
use pgdba_change::change_set::{Change, Former, FormerDcs, PlacedValue};
use pgdba_change::journal::Journal;
use pgdba_change::refusal::Refusal;
use pgdba_pg::mask::setting;
use serde_json::{Value, json};

/// The restored parameters, without those that were left as another session set them.
pub(super) fn restored(journal: &Journal) -> Block {
    let changes = &journal.change_set.parameters;
    if changes.iter().any(|change| matches!(change.former, Former::Dynamic { .. })) {
        return restored_in_dcs(changes);
    }
    let is_restored = |change: &&Change| change.outcome.is_step() && !journal.left.contains(&change.name);
    let restored = changes.iter().filter(is_restored);
    let rows = restored.map(|change| {
        [change.name.clone(), wanted(change), now(change), former(change).to_owned()].map(Into::into).to_vec()
    });
    let columns = [
        ("parameter", "parameter"),
        ("changed", "changed value"),
        ("restored", "restored value"),
        ("line", "postgresql.auto.conf"),
    ];
    Block::Table(Table::whole("Restored parameters", &columns, rows))
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
        Former::Absent | Former::AssumedAbsent => "not in the file, as before",
        Former::Line { .. } | Former::Value { .. } => "former line restored",
        // Shown as the value itself.
        Former::Dynamic { .. } => "",
    }
}

pub(super) fn now(change: &Change) -> String {
    if let Former::Dynamic { value } = &change.former {
        return replaced_in_dcs(change, value.as_deref());
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
    change_set.former_dcs = change_set.former_dcs.map(masked_dcs);
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

/// The value that a change replaces: what the dynamic configuration holds, and where it holds none what this member runs with.
pub(super) fn replaced_in_dcs(change: &Change, stored: Option<&str>) -> String {
    let own = change.old_value.as_deref().map(|value| shown(&change.name, value));
    match (stored.map(|value| shown(&change.name, value)), own) {
        (Some(stored), _) => stored,
        (None, Some(own)) => format!("not set ({own})"),
        (None, None) => "not set".to_owned(),
    }
}

/// The parameters that were restored in the dynamic configuration.
fn restored_in_dcs(changes: &[Change]) -> Block {
    let restored = changes.iter().filter(|change| change.outcome.is_step());
    let rows = restored.map(|change| [change.name.clone(), wanted(change), now(change)].map(Into::into).to_vec());
    let columns = [
        ("parameter", "parameter"),
        ("changed", "changed value"),
        ("restored", "restored in the dynamic configuration"),
    ];
    Block::Table(Table::whole("Restored parameters", &columns, rows))
}

/// The former values for programs, without secrets.
fn masked_dcs(mut former: FormerDcs) -> FormerDcs {
    for change in &mut former.plan.changes {
        change.value = change.value.as_ref().map(|value| setting::mask(&change.name, value));
    }
    for value in &mut former.plan.former.values {
        if let Some(Value::String(text)) = &mut value.value {
            *text = setting::mask(&value.name, text);
        }
    }
    former
}

/// A value, masked where it may be a secret.
pub(super) fn shown(name: &str, value: &str) -> String {
    if value.is_empty() { "''".to_owned() } else { setting::mask(name, value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_visible_and_a_secret_is_not() {
        assert_eq!(shown("archive_command", ""), "''");
        assert_eq!(shown("primary_conninfo", "host=a password=hunter2"), "host=a password=***");
    }
}
