//! Whether a change, or its undoing, is in force: what is still missing, by comparing with what the server says now.

use pgdba_pg::parameter;
use pgdba_snapshot::identity::sha256_hex;

use crate::auto_conf::{Alter, AutoConf, Entry, set_from_file, set_of, steps, with_only};
use crate::change_set::{Change, ChangeSet, Former, FormerFile, Outcome};
use crate::facts::{Facts, FileLine, Setting};
use crate::precheck::{is_overriding, is_shown, kind_of};

/// The parameters whose new value is neither in force nor known to wait, with the reason, one clause each.
#[must_use]
pub fn not_in_force(change_set: &ChangeSet, facts: &Facts) -> Vec<String> {
    change_set.steps().filter_map(|change| missing(change, facts)).collect()
}

fn missing(change: &Change, facts: &Facts) -> Option<String> {
    let name = &change.name;
    let line = facts.auto_line(name);
    let Some(wanted) = &change.new_value else {
        return line.map(|_| format!("\"{name}\" still stands in postgresql.auto.conf"));
    };
    let Some(setting) = facts.setting(name) else {
        // Nobody knows the parameter of a library that is not loaded: the file is what can be asked.
        let is_written = line.map_or(facts.file_lines.is_none(), |line| line.setting.as_ref() == Some(wanted));
        return (!is_written).then(|| format!("\"{name}\" does not stand in postgresql.auto.conf as wanted"));
    };
    let is_shown = is_shown(setting, facts.version.major(), wanted);
    // Where the texts cannot be compared the server was asked before whether it takes this one.
    let is_there = is_shown.unwrap_or(line.is_none_or(|line| line.applied));
    let waits = setting.pending_restart || line.is_some_and(FileLine::waits_for_restart);
    if change.outcome == Outcome::WaitsForRestart {
        return (!(waits || is_there)).then(|| format!("\"{name}\" neither changed nor waits for a restart"));
    }
    if let Some(error) = line.and_then(|line| line.error.as_ref()) {
        return Some(format!("\"{name}\" cannot be in force: {error}"));
    }
    // Where this session has a value of its own, or the server shows none, the file is what can be asked.
    if is_there || is_overriding(&setting.source) {
        return None;
    }
    Some(format!("\"{name}\" is {} and should be {wanted}", setting.shown))
}

/// The parameters that are not as they were before the change, one sentence each. Where only the file had to be put back they
/// may differ for good: somebody changed another file meanwhile, or the server was restarted with the new value.
#[must_use]
pub fn not_as_before(change_set: &ChangeSet, facts: &Facts) -> Vec<String> {
    change_set.steps().filter_map(|change| differs(change, facts)).collect()
}

fn differs(change: &Change, facts: &Facts) -> Option<String> {
    let setting = facts.setting(&change.name)?;
    let before = change.old_value.as_ref()?;
    let kind = kind_of(setting, facts.version.major());
    let name = &change.name;
    if parameter::same(&kind, &setting.shown, before) || is_overriding(&setting.source) {
        let is_marked = setting.pending_restart && change.former == Former::Absent;
        return is_marked.then(|| {
            format!("\"{name}\" stays marked as waiting for a restart until the next one, although nothing waits")
        });
    }
    if change.outcome == Outcome::WaitsForRestart {
        return Some(format!(
            "\"{name}\" runs with {} since a restart; the former {before} comes back with the next one",
            setting.shown
        ));
    }
    Some(format!("\"{name}\" is {} now and was {before} before the change: the files decide", setting.shown))
}

/// What puts the file back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    /// The statements, in order.
    pub steps: Vec<Alter>,
    /// Why the file will not be byte for byte what it was; none where it will.
    pub not_exact: Option<String>,
}

/// How to get from the file as it is to what it was before the change.
///
/// Where nobody else touched it, to its very bytes; else only the parameters of this change are put back.
#[must_use]
pub fn way_back(change_set: &ChangeSet, current: &AutoConf, major: i64) -> WayBack {
    let ours: Vec<&str> = change_set.steps().map(|change| change.name.as_str()).collect();
    let former = former_lines(change_set, major);
    let target = former_order(change_set, current, &former).unwrap_or_else(|| with_only(current, &ours, &former));
    let restore = steps(current, &target, major);
    let reached = Some(sha256_hex(&target.render()));
    let not_exact = match &change_set.former_file {
        FormerFile { not_exact: Some(reason), .. } => Some(reason.clone()),
        _ if !restore.exact() => Some(restore.reasons.join("; ")),
        FormerFile { sha256: None, .. } => {
            Some("postgresql.auto.conf could not be read before the change: its values were put back, and perhaps not their spelling".to_owned())
        }
        FormerFile { sha256, .. } if *sha256 != reached => {
            Some("postgresql.auto.conf was changed again since: only this change was put back".to_owned())
        }
        _ => None,
    };
    WayBack { steps: restore.steps, not_exact }
}

/// How to put back the lines of this change alone, where the others cannot be written again in their order: the server refuses
/// one of them, or the role may not.
#[must_use]
pub fn way_back_of_own(change_set: &ChangeSet, current: &AutoConf, major: i64) -> Vec<Alter> {
    let ours: Vec<&str> = change_set.steps().map(|change| change.name.as_str()).collect();
    let target = with_only(current, &ours, &former_lines(change_set, major));
    let mut own = steps(current, &target, major).steps;
    own.retain(|alter| is_own(change_set, alter.name()));
    own
}

/// Whether the change set changes this parameter.
#[must_use]
pub fn is_own(change_set: &ChangeSet, name: &str) -> bool {
    change_set.steps().any(|change| change.name.eq_ignore_ascii_case(name))
}

/// The lines of this change's own parameters, as they were. Of one that the changing role could not read, and that is put back by
/// one who can, the value is known and not its spelling.
fn former_lines(change_set: &ChangeSet, major: i64) -> AutoConf {
    let lines = change_set.steps().filter_map(|change| {
        let text = match &change.former {
            Former::Line { text } => text.clone(),
            Former::Value { setting } => set_of(&change.name, setting, major).ok()?.written(major)?,
            Former::Absent | Former::AssumedAbsent | Former::Dynamic { .. } => return None,
        };
        Some(Entry { name: change.name.clone(), value: text.into_bytes() })
    });
    AutoConf::of(lines.collect())
}

/// The file with its former lines in their former order; none where others put in or took out lines since.
fn former_order(change_set: &ChangeSet, current: &AutoConf, former: &AutoConf) -> Option<AutoConf> {
    let FormerFile { sha256: Some(sha256), names, .. } = &change_set.former_file else { return None };
    let is_ours = |name: &str| is_own(change_set, name);
    // Of a name that stands twice the last one counts, and one of them is all that a server writes.
    let line = |name: &String| {
        let found = if is_ours(name) { former.get(name) } else { current.get(name) };
        found.map(|entry| Entry { name: name.clone(), value: entry.value.clone() })
    };
    let ordered = AutoConf::of(names.iter().map(line).collect::<Option<Vec<_>>>()?);
    let others_then = names.iter().filter(|name| !is_ours(name));
    let others_now = current.entries().iter().map(|entry| &entry.name).filter(|name| !is_ours(name));
    let count_now = others_now.clone().count();
    // A way back that was broken off leaves the others' lines in another order too; the digest tells that all are there.
    let is_broken_off = || count_now == others_then.clone().count() && sha256_hex(&ordered.render()) == *sha256;
    (others_then.clone().eq(others_now) || is_broken_off()).then_some(ordered)
}

/// How to put parameters back where the file cannot be read: in reverse order, by what the settings told.
#[must_use]
pub fn blind_way_back(change_set: &ChangeSet, major: i64) -> Vec<Alter> {
    let back = |change: &Change| {
        let set = match &change.former {
            Former::Value { setting } => set_of(&change.name, setting, major).ok(),
            Former::Line { text } => set_from_file(&change.name, text.as_bytes(), major),
            Former::Absent | Former::AssumedAbsent | Former::Dynamic { .. } => None,
        };
        set.unwrap_or_else(|| Alter::Reset { name: change.name.clone() })
    };
    let mut steps: Vec<Alter> = change_set.steps().map(back).collect();
    steps.reverse();
    steps
}

/// The parameters that somebody changed again after this change set: their line is neither the new one nor the former one. With
/// `facts`, which are given where a way back was broken off, nor the running value, which clears a mark on that way.
#[must_use]
pub fn changed_since(change_set: &ChangeSet, current: &AutoConf, facts: Option<&Facts>, major: i64) -> Vec<String> {
    let former = former_lines(change_set, major);
    let written = |name: &str, text: &str| set_of(name, text, major).ok()?.written(major).map(String::into_bytes);
    let is_known = |change: &&Change| {
        let now = current.get(&change.name).map(|entry| entry.value.clone());
        let before = former.get(&change.name).map(|entry| entry.value.clone());
        let new = change.new_value.as_ref().and_then(|text| written(&change.name, text));
        let running = facts.and_then(|facts| facts.setting(&change.name));
        let running = running.and_then(|setting| written(&change.name, &setting.setting));
        now == before || now == new || (running.is_some() && now == running)
    };
    change_set.steps().filter(|change| !is_known(change)).map(|change| change.name.clone()).collect()
}

/// The parameters whose mark "waits for a restart" would outlive the way back: the server clears it only when the running value is
/// set once more (it forgets to where the value in force is not from a file).
///
/// A line in the file counts as much as the mark: a session that looks into `pg_file_settings` takes its own marks from there, also
/// from lines that the server has not read yet.
#[must_use]
pub fn stale_marks<'a>(change_set: &'a ChangeSet, facts: &'a Facts) -> Vec<&'a Setting> {
    let is_stale = |setting: &&Setting| {
        let is_of_no_file = matches!(setting.source.as_str(), "default" | "override");
        is_of_no_file && (setting.pending_restart || facts.auto_line(&setting.name).is_some())
    };
    change_set
        .steps()
        .filter(|change| change.outcome == Outcome::WaitsForRestart)
        .filter(|change| matches!(change.former, Former::Absent | Former::AssumedAbsent))
        .filter_map(|change| facts.setting(&change.name))
        .filter(is_stale)
        .collect()
}

#[cfg(test)]
mod tests;
