//! What a change through Patroni reads like: the dynamic configuration in place of one server's files.

use pgdba_apply::{Done, Server};
use pgdba_change::change_set::{Change, ChangeSet, FormerDcs, Via};
use pgdba_change::machine::State;
use pgdba_change::patroni::{Dcs, Way};
use pgdba_pg::display::counted;
use pgdba_pg::mask::setting;
use serde_json::Value;

use super::plan::shown;
use super::told;
use crate::table::Table;
use crate::terminal::one_line;

/// The value that a change replaces: what the dynamic configuration holds, and where it holds none what this member runs with.
pub(super) fn now(change: &Change, stored: Option<&str>) -> String {
    let own = change.old_value.as_deref().map(|value| shown(&change.name, value));
    match (stored.map(|value| shown(&change.name, value)), own) {
        (Some(stored), _) => stored,
        (None, Some(own)) => format!("not set ({own})"),
        (None, None) => "not set".to_owned(),
    }
}

/// The parameters and what the dynamic configuration holds again.
pub(super) fn put_back(changes: &[Change]) -> String {
    let back = changes.iter().filter(|change| change.outcome.is_step());
    let rows = back.map(|change| [change.name.clone(), told::wanted(change), told::now(change)]);
    Table::new(["parameter", "was set to", "restored in the dynamic configuration"], rows).text()
}

/// The place that a change was made in: for one through Patroni no single server.
pub(super) fn place(server: &Server, change_set: &ChangeSet) -> String {
    match (change_set.via, server.patroni_url()) {
        (Via::Patroni, Some(url)) => format!("through Patroni at {url}"),
        (Via::Patroni, None) => "through Patroni".to_owned(),
        (Via::AlterSystem, _) => format!("on {}", server.place()),
    }
}

/// How many parameters were applied where, as a sentence that names the members that did not confirm it.
pub(super) fn applied(done: &Done, place: &str, steps: usize) -> String {
    let counted = counted(i64::try_from(steps).unwrap_or(i64::MAX), "parameter", "parameters");
    let (place, id) = (one_line(place), &done.journal.change_set.id);
    if done.silent.is_empty() {
        return format!("Applied {counted} {place}, change set {id}.\n");
    }
    let silent = one_line(&done.silent.join(", "));
    format!("Stored {counted} {place}, change set {id}; not confirmed by: {silent}.\n")
}

/// The former values for programs, without secrets.
pub(super) fn masked(mut former: FormerDcs) -> FormerDcs {
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

/// How a change through Patroni compares with the dynamic configuration as it is now; none for other changes, and where nothing is
/// in force of it.
pub(super) fn state_now(change_set: &ChangeSet, state: &State, dcs: &Dcs) -> Option<String> {
    let is_in_force = *state == State::Recorded || (state.has_touched_server() && !state.is_settled());
    let plan = &change_set.former_dcs.as_ref().filter(|_| is_in_force)?.plan;
    if plan.lost(Way::Forward, dcs).is_empty() {
        return Some("the dynamic configuration holds the new values".to_owned());
    }
    if plan.lost(Way::Back, dcs).is_empty() {
        return Some("the dynamic configuration holds the former values".to_owned());
    }
    let foreign: Vec<String> = plan.lost(Way::Forward, dcs).iter().map(ToString::to_string).collect();
    Some(format!("changed since: {}", foreign.join(", ")))
}
