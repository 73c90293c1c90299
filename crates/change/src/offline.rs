//! The way back of a change on a server that does not run: which lines of `postgresql.auto.conf` are edited, and what others
//! changed there since.

use std::collections::BTreeMap;

use pgdba_pg::ServerVersion;
use pgdba_pg::mask::setting;
use pgdba_pg::parameter::{self, Declaration, Kind};

use crate::auto_conf::{Edit, Edited, Target, edit, set_of, value_in};
use crate::change_set::{Change, ChangeSet, Former};
use crate::machine::State;

/// What sort of value each parameter takes, by its name in lower case.
pub type Kinds = BTreeMap<String, Kind>;

/// The way back in one file.
pub struct OfflineWay {
    /// The edited file.
    pub edited: Edited,
    /// What others changed since; it is overwritten.
    pub foreign: Vec<Foreign>,
}

/// A parameter of the change that somebody changed again since: its value is neither the former nor the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The parameter.
    pub name: String,
    /// The line and the value that count now, without secrets; `None` where the parameter is not in the file.
    pub now: Option<(usize, String)>,
    /// The value that it had before the change, without secrets; `None` where it was not in the file.
    pub former: Option<String>,
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.name;
        match &self.now {
            Some((line, value)) => write!(f, "\"{name}\" is now '{value}' (postgresql.auto.conf:{line})"),
            None => write!(f, "\"{name}\" is no longer in postgresql.auto.conf"),
        }
    }
}

impl Foreign {
    /// What overwriting it comes to, as a clause.
    #[must_use]
    pub fn overwritten(&self) -> String {
        match &self.former {
            Some(value) => format!("\"{}\" = '{value}'", self.name),
            None => format!("\"{}\" removed from the file", self.name),
        }
    }
}

/// How to get from the bytes of the file to what the parameters `begun` of the change were before it. `state` is how far the change
/// came. What the change never wrote is not put back: another session may have changed it.
#[must_use]
pub fn way_back(change_set: &ChangeSet, begun: &[String], state: &State, bytes: &[u8], kinds: &Kinds) -> OfflineWay {
    let (mut targets, mut foreign) = (Vec::new(), Vec::new());
    for change in change_set.steps().filter(|change| begun.contains(&change.name)) {
        let now = value_in(bytes, &change.name);
        let former = former_value(change, major_of(change_set));
        let meant = |value: Option<&str>| means(change, change_set, kinds, now.as_ref().map(|(_, value)| value), value);
        let is_former = meant(former.as_deref());
        let is_known = is_former || meant(new_value(change, major_of(change_set)).as_deref());
        // The way back that an ordinary rollback began may have set the running value in between.
        let is_cleared = matches!(state, State::Restoring { .. }) && meant(change.old_value.as_deref());
        if !(is_known || is_cleared) {
            let shown = |value: &str| setting::mask(&change.name, value);
            let now = now.as_ref().map(|(line, value)| (*line, shown(&String::from_utf8_lossy(value))));
            let former = former.as_deref().map(shown);
            foreign.push(Foreign { name: change.name.clone(), now, former });
        }
        // Where the value is the former one in another spelling, the spelling stays.
        let kept = now.map(|(_, value)| value).filter(|_| is_former);
        let value = kept.or(former.map(String::into_bytes));
        targets.push(Target { name: change.name.clone(), value });
    }
    OfflineWay { edited: edit(bytes, &targets), foreign }
}

/// The edits that take a change back, told without the file: its lines as the server would have written them.
#[must_use]
pub fn edits_by_hand(change_set: &ChangeSet, begun: &[String]) -> Vec<Edit> {
    let major = major_of(change_set);
    let edit = |change: &Change| Edit {
        name: change.name.clone(),
        line: None,
        before: new_value(change, major).map(String::into_bytes),
        after: former_value(change, major).map(String::into_bytes),
    };
    change_set.steps().filter(|change| begun.contains(&change.name)).map(edit).collect()
}

fn major_of(change_set: &ChangeSet) -> i64 {
    ServerVersion(change_set.server_version_num).major()
}

/// The value that the file had before the change; of one that was known by its setting alone, as the server would write it.
fn former_value(change: &Change, major: i64) -> Option<String> {
    match &change.former {
        Former::Line { text } => Some(text.clone()),
        Former::Value { setting } => Some(written(&change.name, setting, major)),
        Former::Absent | Former::AssumedAbsent | Former::Dynamic { .. } => None,
    }
}

/// The value that the change writes into the file.
fn new_value(change: &Change, major: i64) -> Option<String> {
    change.new_value.as_ref().map(|text| written(&change.name, text, major))
}

fn written(name: &str, text: &str, major: i64) -> String {
    set_of(name, text, major).ok().and_then(|set| set.written(major)).unwrap_or_else(|| text.to_owned())
}

/// Whether two values mean the same to the parameter. Of a parameter that no snapshot describes only the text can tell.
fn means(change: &Change, change_set: &ChangeSet, kinds: &Kinds, now: Option<&Vec<u8>>, value: Option<&str>) -> bool {
    let (Some(now), Some(value)) = (now, value) else { return now.is_none() && value.is_none() };
    let Ok(now) = std::str::from_utf8(now) else { return false };
    let undescribed = || {
        let (name, major) = (change.name.as_str(), major_of(change_set));
        let (vartype, unit, min_val, max_val) = ("string", None, None, None);
        Kind::of(&Declaration { name, vartype, unit, min_val, max_val, enumvals: &[], major })
    };
    let kind = kinds.get(&change.name.to_ascii_lowercase()).cloned().unwrap_or_else(undescribed);
    parameter::same(&kind, now, value)
}

#[cfg(test)]
mod tests;
