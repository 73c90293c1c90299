//! Which statement of one window is which of the other.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::fingerprint::fingerprint;
use super::window::{Key, Recorded, key};

/// By what a statement was recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By its query ID.
    QueryId,
    /// By its text, database and role: another version computes other query IDs, and before version 18 so does a table that
    /// was created again.
    Text,
}

/// A statement in both windows: one entry each, or several that have the same form.
#[derive(Debug)]
pub(super) struct Pair<'r, 'a> {
    pub(super) before: Vec<&'r Recorded<'a>>,
    pub(super) after: Vec<&'r Recorded<'a>>,
    pub(super) by: MatchedBy,
}

/// The statements that ran in a window.
#[derive(Debug, Default)]
pub(super) struct Matched<'r, 'a> {
    pub(super) pairs: Vec<Pair<'r, 'a>>,
    pub(super) only_before: Vec<&'r Recorded<'a>>,
    pub(super) only_after: Vec<&'r Recorded<'a>>,
}

/// What identifies a statement besides its query ID: database, role, whether it is nested, and its form.
pub(super) type Form = (Option<String>, Option<String>, bool, String);

/// The form of a statement; none if its text is hidden.
pub(super) fn form(recorded: &Recorded<'_>) -> Option<Form> {
    let statement = recorded.statement;
    let row = &statement.row;
    let text = row.query.as_deref().filter(|_| !statement.is_hidden())?;
    Some((row.datname.clone(), statement.role.clone(), row.toplevel == Some(false), fingerprint(text)))
}

/// Matches the statements that ran. Query IDs are compared if they mean the same in both (`has_same_ids`), texts if names do
/// (`has_same_names`).
pub(super) fn matched<'r, 'a>(
    before: &'r [Recorded<'a>],
    after: &'r [Recorded<'a>],
    has_same_ids: bool,
    has_same_names: bool,
) -> Matched<'r, 'a> {
    let mut matched = Matched {
        pairs: Vec::new(),
        only_before: before.iter().filter(|recorded| recorded.has_run()).collect(),
        only_after: after.iter().filter(|recorded| recorded.has_run()).collect(),
    };
    if has_same_ids {
        matched.by_id();
    }
    if has_same_names {
        matched.by_form();
    }
    matched
}

impl<'r, 'a> Matched<'r, 'a> {
    fn by_id(&mut self) {
        let entry = |recorded: &'r Recorded<'a>| Some((key(&recorded.statement.row)?, recorded));
        let mut known: BTreeMap<Key<'_>, &Recorded<'_>> =
            self.only_before.iter().filter_map(|recorded| entry(recorded)).collect();
        let mut rest = Vec::new();
        for recorded in std::mem::take(&mut self.only_after) {
            match key(&recorded.statement.row).and_then(|key| known.remove(&key)) {
                Some(before) => {
                    self.pairs.push(Pair { before: vec![before], after: vec![recorded], by: MatchedBy::QueryId });
                }
                None => rest.push(recorded),
            }
        }
        self.only_after = rest;
        self.only_before.retain(|recorded| key(&recorded.statement.row).is_none_or(|key| known.contains_key(&key)));
    }

    fn by_form(&mut self) {
        let (before, mut unmatched_before) = by_form(std::mem::take(&mut self.only_before));
        let (mut after, unmatched_after) = by_form(std::mem::take(&mut self.only_after));
        for (form, before) in before {
            match after.remove(&form) {
                Some(after) => self.pairs.push(Pair { before, after, by: MatchedBy::Text }),
                None => unmatched_before.extend(before),
            }
        }
        self.only_before = unmatched_before;
        self.only_after = unmatched_after.into_iter().chain(after.into_values().flatten()).collect();
    }
}

/// Statements by form, and those whose text is hidden.
type ByForm<'r, 'a> = (BTreeMap<Form, Vec<&'r Recorded<'a>>>, Vec<&'r Recorded<'a>>);

fn by_form<'r, 'a>(all: Vec<&'r Recorded<'a>>) -> ByForm<'r, 'a> {
    let mut found = ByForm::default();
    for recorded in all {
        match form(recorded) {
            Some(form) => found.0.entry(form).or_default().push(recorded),
            None => found.1.push(recorded),
        }
    }
    found
}
