//! Whether a change, or its undoing, is in force: what is still missing, by comparing with what the server says now.

use pgdba_pg::parameter;

use crate::change_set::{Change, ChangeSet, Former, Outcome};
use crate::facts::{Facts, FileLine, is_shown, kind_of};

/// The parameters whose new value is neither in force nor known to wait, with the reason, one clause each.
#[must_use]
pub fn not_in_force(change_set: &ChangeSet, facts: &Facts) -> Vec<String> {
    change_set.steps().filter_map(|change| missing(change, facts)).collect()
}

fn missing(change: &Change, facts: &Facts) -> Option<String> {
    let name = &change.name;
    let line = facts.auto_line(name);
    let Some(wanted) = &change.new_value else {
        return line.map(|_| format!("\"{name}\" is still set in postgresql.auto.conf"));
    };
    let Some(setting) = facts.setting(name) else {
        // Nobody knows the parameter of a library that is not loaded: the file is what can be asked.
        let is_written = line.map_or(facts.file_lines.is_none(), |line| line.setting.as_ref() == Some(wanted));
        return (!is_written).then(|| format!("\"{name}\" is not set to the new value in postgresql.auto.conf"));
    };
    let is_shown = is_shown(setting, facts.version.major(), wanted);
    // Where the texts cannot be compared the server was asked before whether it takes this one.
    let is_there = is_shown.unwrap_or(line.is_none_or(|line| line.applied));
    let waits = setting.pending_restart || line.is_some_and(FileLine::waits_for_restart);
    if change.outcome == Outcome::WaitsForRestart {
        return (!(waits || is_there)).then(|| format!("\"{name}\" neither changed nor requires a restart"));
    }
    if let Some(error) = line.and_then(|line| line.error.as_ref()) {
        return Some(format!("\"{name}\" cannot take effect: {error}"));
    }
    // Where this session has a value of its own, or the server shows none, the file is what can be asked.
    if is_there || !setting.shows_files() {
        return None;
    }
    Some(format!("\"{name}\" is {}, but should be {wanted}", setting.shown))
}

/// The parameters that are not as they were before the change, one sentence each. Where only the file had to be put back they
/// may differ for good: somebody changed another file meanwhile, or the server was restarted with the new value.
/// `is_compared` says which of them count.
#[must_use]
pub fn not_as_before(change_set: &ChangeSet, facts: &Facts, is_compared: impl Fn(&str) -> bool) -> Vec<String> {
    change_set.steps().filter(|change| is_compared(&change.name)).filter_map(|change| differs(change, facts)).collect()
}

fn differs(change: &Change, facts: &Facts) -> Option<String> {
    let setting = facts.setting(&change.name)?;
    let before = change.old_value.as_ref()?;
    let kind = kind_of(setting, facts.version.major());
    let name = &change.name;
    if parameter::same(&kind, &setting.shown, before) || !setting.shows_files() {
        let is_marked = setting.pending_restart && change.former == Former::Absent;
        return is_marked.then(|| {
            format!("\"{name}\" keeps its pending-restart flag until the next restart, although no change is pending")
        });
    }
    if change.outcome == Outcome::WaitsForRestart {
        return Some(format!(
            "\"{name}\" is {} since a restart; the former value {before} returns with the next one",
            setting.shown
        ));
    }
    Some(format!(
        "\"{name}\" is now {}, but was {before} before the change, because another configuration file sets it",
        setting.shown
    ))
}
