//! `pgdba config unlock`: frees the lock that a process left behind as it died.

use pgdba_apply::Store;
use pgdba_apply::store::only_one;
use serde_json::json;

use crate::answer::{Answer, Exit};
use crate::failure::Failure;
use crate::registry::Home;

/// Frees the lock of a change whose process died; the server is left as it is
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The change that the lock names; the beginning of its id is enough
    #[arg(long, value_name = "ID")]
    changeset_id: String,
}

/// Frees it. No server is asked: it may be one that is gone.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    let mut held = Vec::new();
    for store in Store::all(home.path())? {
        held.extend(store.holder()?.map(|(holder, _)| (holder.changeset_id, store)));
    }
    held.retain(|(id, _)| id.starts_with(&args.changeset_id));
    if held.is_empty() {
        return Err(Failure {
            code: "not_locked",
            message: "no lock names this change set".to_owned(),
            hint: Some("see what there is with: pgdba config history".to_owned()),
            exit: Exit::Failed,
        });
    }
    let id = only_one(held.iter().map(|(id, _)| id.clone()).collect(), &args.changeset_id)?;
    held.retain(|(held, _)| *held == id);
    let mut state = None;
    for (_, store) in held {
        store.unlock(&id)?;
        state = store.read(&id).ok().map(|journal| journal.state);
    }
    let told = state.as_ref().map_or_else(|| "there is no journal of it".to_owned(), |state| state.told());
    let mut text = format!("Freed the lock of the change set {id}: {told}.\n");
    if state.as_ref().is_some_and(|state| !state.is_settled() && state.has_touched_server()) {
        text.push_str(&format!(
            "The server is still half-way. Put it back with: pgdba config rollback --changeset-id {id}\n"
        ));
    }
    Ok(Answer { text, data: json!({ "changeset_id": id, "state": state }), ..Answer::default() })
}
