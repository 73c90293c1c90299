//! The way back: which lines of the change somebody else has changed since, and the statement that writes a former line again.
//!
//! Only the parameters of the change are ever written. What is to be done is worked out from the file as it is at that moment, so it
//! may be begun again after a death at any point of it.

use pgdba_pg::mask::setting;
use pgdba_pg::parameter::{self, Source};

use crate::auto_conf::{Alter, AutoConf, set_from_file, set_of};
use crate::change_set::{Change, ChangeSet, Former, Outcome};
use crate::facts::{AutoConfFile, Facts, Setting};

/// A parameter of the change that has a line which is neither the former one nor that of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// The parameter.
    pub name: String,
    /// What `postgresql.auto.conf` holds of it now.
    pub now: Former,
    /// The line of the file, counted from 1, where the role can see it.
    pub line: Option<usize>,
    /// What the change set would write in its place; none where it would take the line out.
    pub ours: Option<String>,
}

impl Collision {
    /// Whether `other` is the same value of the same parameter. Its line changes with every ALTER SYSTEM of anybody.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.now == other.now
    }

    /// The value now, and by which line. A secret is masked.
    #[must_use]
    pub fn now_clause(&self) -> String {
        let place = self.line.map(|line| format!(" in line {line} of postgresql.auto.conf")).unwrap_or_default();
        match self.now.value() {
            Some(value) => format!("\"{}\" is now set to {}{place}", self.name, self.masked(value)),
            None => format!("\"{}\" is no longer set in postgresql.auto.conf", self.name),
        }
    }

    /// The value that was overwritten, and by which line it was set.
    #[must_use]
    pub fn was_clause(&self) -> String {
        self.now_clause().replacen(" is no longer set ", " was not set ", 1).replacen(" is now set ", " was set ", 1)
    }

    /// What the change set would write in its place.
    #[must_use]
    pub fn ours_clause(&self) -> String {
        self.ours
            .as_deref()
            .map_or_else(|| "remove the line".to_owned(), |value| format!("write {}", self.masked(value)))
    }

    fn masked(&self, value: &str) -> String {
        format!("'{}'", setting::mask(&self.name, value))
    }
}

/// Which way a change goes, which decides what it would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the new values.
    Forward,
    /// To the former state. `clears_marks`: the running value, which clears a mark on that way, may be in the file too.
    Back {
        /// Whether a former run may have got that far.
        clears_marks: bool,
    },
}

/// What the change itself leaves in the file: its new value, or nothing.
#[must_use]
pub fn ours(change: &Change, major: i64) -> Former {
    let written = |text: &String| set_of(&change.name, text, major).ok()?.written(major);
    change
        .new_value
        .as_ref()
        .map_or(Former::Absent, |text| Former::Line { text: written(text).unwrap_or_else(|| text.clone()) })
}

/// The parameters of the change that somebody else has changed since. Those of which the role cannot see the line are left out.
#[must_use]
pub fn collisions(change_set: &ChangeSet, facts: &Facts, direction: Direction) -> Vec<Collision> {
    change_set.steps().filter_map(|change| collision(change, facts, direction)).collect()
}

/// The same for one parameter.
#[must_use]
pub fn collision(change: &Change, facts: &Facts, direction: Direction) -> Option<Collision> {
    let major = facts.version.major();
    let now = facts.held(&change.name).ok()?;
    let ours = ours(change, major);
    let is = |other: &Former| facts.means_same(&change.name, &now, other);
    if is(&change.former)
        || is(&ours)
        || (direction == Direction::Back { clears_marks: true } && is_running(change, facts, &now))
    {
        return None;
    }
    Some(found(change, facts, direction, now))
}

fn found(change: &Change, facts: &Facts, direction: Direction, now: Former) -> Collision {
    let written = match direction {
        Direction::Forward => ours(change, facts.version.major()),
        Direction::Back { .. } => change.former.clone(),
    };
    let line = facts.auto_conf.read().and_then(|file| file.line_of(&change.name));
    Collision { name: change.name.clone(), now, line, ours: written.value().map(str::to_owned) }
}

/// The parameters whose line is not that of the change any more, although it was written.
#[must_use]
pub fn replaced(change_set: &ChangeSet, facts: &Facts) -> Vec<Collision> {
    let major = facts.version.major();
    let is_replaced = |change: &&Change| {
        facts.held(&change.name).is_ok_and(|now| !facts.means_same(&change.name, &now, &ours(change, major)))
    };
    change_set
        .steps()
        .filter(is_replaced)
        .filter_map(|change| Some(found(change, facts, Direction::Forward, facts.held(&change.name).ok()?)))
        .collect()
}

fn is_running(change: &Change, facts: &Facts, now: &Former) -> bool {
    let running = facts.setting(&change.name).map(|setting| Former::Value { setting: setting.setting.clone() });
    change.outcome == Outcome::WaitsForRestart
        && running.is_some_and(|running| facts.means_same(&change.name, now, &running))
}

/// The parameters `begun` in the order in which their lines are written again: those that were absent first, then as the file had them.
/// What the change never wrote is not put back either: another session may have changed it.
#[must_use]
pub fn in_order<'a>(change_set: &'a ChangeSet, begun: &[String]) -> Vec<&'a Change> {
    let names = change_set.former_file.names.as_deref().unwrap_or_default();
    let mut changes: Vec<&Change> = change_set.steps().filter(|change| begun.contains(&change.name)).collect();
    changes.sort_by_key(|change| names.iter().rposition(|name| name.eq_ignore_ascii_case(&change.name)));
    changes
}

/// The statement after which the file holds what it held before of this parameter; none where it does already, or where somebody
/// wrote the same value in another spelling.
#[must_use]
pub fn statement(change: &Change, facts: &Facts) -> Option<Alter> {
    let major = facts.version.major();
    let back = || line(change, major).unwrap_or_else(|| Alter::Reset { name: change.name.clone() });
    // The settings show what was loaded last, not what the file holds now.
    if !facts.sees_file() {
        return Some(back());
    }
    let Ok(now) = facts.held(&change.name) else { return Some(back()) };
    let is_repeated = facts.auto_conf.read().is_some_and(|file| file.all(&change.name).count() > 1);
    if now == change.former && !is_repeated {
        return None;
    }
    let (is_former, is_ours) = (facts.means_same(&change.name, &now, &change.former), now == ours(change, major));
    (!is_former || is_ours).then(back)
}

/// The statement that writes the former line, word for word where one can, else with the same value; none where there was none.
fn line(change: &Change, major: i64) -> Option<Alter> {
    match &change.former {
        Former::Absent | Former::AssumedAbsent | Former::Dynamic { .. } => None,
        Former::Line { text } => {
            set_from_file(&change.name, text.as_bytes(), major).or_else(|| set_of(&change.name, text, major).ok())
        }
        Former::Value { setting } => set_of(&change.name, setting, major).ok(),
    }
}

/// The parameters whose mark "waits for a restart" would outlive the way back: the server clears it only when the running value is
/// set once more (it forgets to where the value in force is not from a file).
///
/// A line in the file counts as much as the mark: a session that looks into `pg_file_settings` takes its own marks from there, also
/// from lines that the server has not read yet.
#[must_use]
pub fn stale_marks<'a>(
    change_set: &'a ChangeSet,
    begun: &[String],
    facts: &'a Facts,
) -> Vec<(&'a Change, &'a Setting)> {
    let is_stale = |setting: &Setting| {
        let is_of_no_file = matches!(setting.source, Some(Source::Default | Source::Override));
        is_of_no_file && (setting.pending_restart || facts.auto_line(&setting.name).is_some())
    };
    change_set
        .steps()
        .filter(|change| begun.contains(&change.name))
        .filter(|change| change.outcome == Outcome::WaitsForRestart && change.former.is_absent())
        .filter_map(|change| Some((change, facts.setting(&change.name)?)))
        .filter(|(_, setting)| is_stale(setting))
        .collect()
}

/// What of the file is not as it was before, one clause each: lines of the change that are not back, and the order of lines.
/// `is_compared` says which parameters count.
#[must_use]
pub fn remaining(change_set: &ChangeSet, facts: &Facts, is_compared: impl Fn(&str) -> bool) -> Vec<String> {
    let AutoConfFile::Read(file) = &facts.auto_conf else {
        let text = "this role cannot read postgresql.auto.conf: the former values are restored, but their notation \
                    could not be checked";
        return vec![text.to_owned()];
    };
    let compared = change_set.steps().filter(|change| is_compared(&change.name));
    let differs = compared.filter_map(|change| spelled_differently(change, file));
    differs.chain(moved(change_set, file)).collect()
}

fn spelled_differently(change: &Change, file: &AutoConf) -> Option<String> {
    if let Former::Value { .. } = &change.former {
        return Some(format!("\"{}\" has its former value; its former notation is unknown", change.name));
    }
    let (Former::Line { text }, Some(now)) = (&change.former, file.get(&change.name)) else { return None };
    let is_back = now.text() == Some(text);
    (!is_back).then(|| {
        let text = setting::mask(&change.name, text);
        format!("\"{}\" has its former value in a different notation; it was written '{text}'", change.name)
    })
}

/// ALTER SYSTEM appends: a line that stood before others stands behind them now.
fn moved(change_set: &ChangeSet, file: &AutoConf) -> Option<String> {
    let names = change_set.former_file.names.as_deref()?;
    let is_in = |list: &[String], name: &str| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let now: Vec<String> = file.entries().iter().map(|entry| entry.name.clone()).collect();
    let common = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter().filter(|name| is_in(other, name)).map(|name| name.to_ascii_lowercase()).collect()
    };
    (common(names, &now) != common(&now, names)).then(|| {
        "the restored lines are now at the end of postgresql.auto.conf; the order of lines does not matter to the \
         server"
            .to_owned()
    })
}

/// What others changed in the file between two moments, one clause for each parameter that is not the change's own.
#[must_use]
pub fn foreign_changes(change_set: &ChangeSet, before: &AutoConf, after: &AutoConf) -> Vec<String> {
    let is_own = |name: &str| change_set.steps().any(|change| change.name.eq_ignore_ascii_case(name));
    let mut names: Vec<String> = Vec::new();
    for entry in before.entries().iter().chain(after.entries()) {
        let name = entry.name.to_ascii_lowercase();
        if !is_own(&name)
            && !names.contains(&name)
            && before.get(&name).map(|e| &e.value) != after.get(&name).map(|e| &e.value)
        {
            names.push(name);
        }
    }
    let shown = |file: &AutoConf, name: &str| match file.get(name) {
        Some(entry) => format!("'{}'", setting::mask(name, entry.text().unwrap_or("(not UTF-8)"))),
        None => "not set".to_owned(),
    };
    names.iter().map(|name| format!("{name} ({} -> {})", shown(before, name), shown(after, name))).collect()
}

/// What the server's next rewrite of the file drops, which no way back restores: comments, duplicates, and the spelling of lists that
/// the change touches.
#[must_use]
pub fn lost(file: &AutoConf, names: &[&str], major: i64) -> Vec<String> {
    let comments = file.comments();
    let mut lost: Vec<String> = Vec::new();
    if let Some(first) = comments.first() {
        let more = match comments.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lost.push(format!("the comment in line {} ({}){more}", first.line, short(&first.text)));
    }
    for name in names {
        if file.all(name).count() > 1 {
            lost.push(format!("all but the last of the {} lines that set {name}", file.all(name).count()));
        }
        let Some(text) = file.get(name).and_then(|entry| entry.text()) else { continue };
        let is_rewritten =
            parameter::is_list_quoted(name, major) && set_from_file(name, text.as_bytes(), major).is_none();
        if let (true, Some(written)) = (is_rewritten, set_of(name, text, major).ok().and_then(|set| set.written(major)))
        {
            lost.push(format!("the notation '{text}' of {name}, which a rollback writes as '{written}'"));
        }
    }
    lost
}

/// The longest comment that is repeated, in characters.
const LONGEST_COMMENT: usize = 60;

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST_COMMENT {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(LONGEST_COMMENT).collect::<String>())
}

#[cfg(test)]
mod tests;
