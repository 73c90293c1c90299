//! `pgdba config unlock`: releases a change that a process left behind, so that it no longer prevents others.

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use pgdba_analysis::Block;
use pgdba_apply::store::only_one;
use pgdba_apply::{ApplyError, Store};
use pgdba_change::journal::Journal;
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::registry::Home;

/// Release an incomplete change, and the lock of a dead process, so that other changes can be applied. The server stays
/// as it is
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The change set; the beginning of its ID is enough
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    changeset_id: String,
}

/// Releases it. No server is asked: it may be one that is gone.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    let mut held = Vec::new();
    for store in Store::all(home.path())? {
        held.extend(held_in(&store)?.into_iter().map(|id| (id, store.clone())));
    }
    held.retain(|(id, _)| id.starts_with(&args.changeset_id));
    if held.is_empty() {
        return Err(Failure {
            code: "not_locked",
            message: "no lock or incomplete change with this ID prevents other changes".to_owned(),
            hint: Some("List the change sets with: pgdba config history".to_owned()),
            exit: Exit::Failed,
        });
    }
    let id = only_one(held.iter().map(|(id, _)| id.clone()).collect(), &args.changeset_id)?;
    held.retain(|(held, _)| *held == id);
    let mut journal = None;
    for (_, store) in held {
        store.unlock(&id)?;
        journal = match store.release(&id, Timestamp::now()) {
            Ok(journal) => Some(journal),
            // A lock without a journal: all there was is freed.
            Err(ApplyError::UnknownChangeSet(_)) => None,
            Err(error) => return Err(error.into()),
        };
    }
    let state = journal.as_ref().map(|journal| &journal.state);
    let released_at = journal.as_ref().and_then(|journal| journal.released_at);
    let data = json!({ "changeset_id": id, "state": state, "released_at": released_at });
    Ok(Answer { shown: shown(&id, journal.as_ref()).into(), data: data.into(), ..Answer::default() })
}

/// The changes that prevent others: the one that a lock names, and those that are incomplete.
fn held_in(store: &Store) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<String> = store.holder()?.map(|(holder, _)| holder.changeset_id).into_iter().collect();
    ids.extend(store.incomplete()?.into_iter().map(|journal| journal.change_set.id));
    ids.sort();
    ids.dedup();
    Ok(ids)
}

fn shown(id: &str, journal: Option<&Journal>) -> Vec<Block> {
    let Some(journal) = journal else {
        return vec![Block::paragraph(format!("Released the lock of the change set {id}, which has no journal."))];
    };
    let state = journal.state.words();
    if journal.state.is_settled() || !journal.state.has_touched_server() {
        return vec![Block::paragraph(format!("Released the lock of the change set {id}: {state}."))];
    }
    vec![
        Block::paragraph(format!(
            "Released the incomplete change set {id}: it no longer prevents other changes. The server is unchanged: {state}."
        )),
        Block::shell("To undo the change", format!("pgdba config rollback --changeset-id {id}")),
    ]
}
