//! How a change through Patroni is described: the dynamic configuration in place of one server's files.

use pgdba_apply::{Done, Server};
use pgdba_change::change_set::{ChangeSet, Via};
use pgdba_change::machine::State;
use pgdba_change::patroni::{Dcs, Way};
use pgdba_pg::display::counted;

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
    let counted = counted(steps, "parameter", "parameters");
    let id = &done.journal.change_set.id;
    if done.unconfirmed.is_empty() {
        return format!("Applied {counted} {place}, change set {id}.");
    }
    format!("Stored {counted} {place}, change set {id}; not confirmed by: {}.", done.unconfirmed.join(", "))
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
