//! `pgdba config history`: the changes that were made from this home.

mod details;
mod status;

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use pgdba_analysis::format::Cell;
use pgdba_analysis::{Block, Table};
use pgdba_apply::holder::Holder;
use pgdba_apply::store::only_one;
use pgdba_apply::{ApplyError, Store};
use pgdba_change::change_set::{Change, ChangeSet};
use pgdba_change::patroni::Dcs;
use pgdba_collector::block_on;
use pgdba_pg::mask::setting;
use serde_json::{Value, json};

use self::status::{Entry, restarted};
use super::live::Live;
use super::{changes, dcs, offline};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::registry::Home;

/// How a time is written, in UTC.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Parameters of a change that the list shows.
const LISTED: usize = 3;

/// Characters of a value that the list shows.
const LONGEST_VALUE: usize = 24;

/// List the changes made from this machine, with values, author and state; with a server, only its own
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) live: Live,
    /// Show one change in full; the beginning of its ID is enough
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    changeset_id: Option<String>,
}

/// A server that was asked.
struct Asked {
    fingerprint: String,
    started_at: Option<Timestamp>,
    /// The dynamic configuration of its Patroni, where that is known and answers.
    dcs: Option<Dcs>,
}

/// What was read of the home.
#[derive(Default)]
struct Found {
    /// The oldest first.
    entries: Vec<(Entry, Store)>,
    warnings: Vec<String>,
}

/// Reads the journals. Where the server cannot be reached, those of all servers are shown, and the failure is the outcome.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    let (asked, warnings, unreachable) = match ask(args) {
        Ok((asked, warnings)) => (asked, warnings, None),
        Err(failure) if offline::is_unreachable(&failure) => (None, Vec::new(), Some(failure)),
        Err(failure) => return Err(failure),
    };
    let stores = match &asked {
        Some(asked) => vec![Store::at(home.path(), &asked.fingerprint)],
        None => Store::all(home.path())?,
    };
    let mut found = Found { warnings, ..Found::default() };
    for store in stores {
        found.read(store, asked.as_ref())?;
    }
    found.entries.sort_by(|(a, _), (b, _)| a.journal.change_set.id.cmp(&b.journal.change_set.id));
    let Some(beginning) = &args.changeset_id else {
        return Ok(Answer { failure: unreachable, ..list(&found.entries, found.warnings) });
    };
    let ids = found.entries.iter().map(|(entry, _)| entry.journal.change_set.id.clone()).collect();
    let id = only_one(ids, beginning)?;
    found.entries.retain(|(entry, _)| entry.journal.change_set.id == id);
    let again = args.live.server.again();
    let details = found.entries.iter().flat_map(|(entry, store)| details::blocks(entry, store, &again));
    let mut blocks: Vec<Block> = details.collect();
    if let (Some(_), Some((entry, store))) = (&unreachable, found.entries.first()) {
        blocks.extend(offline::WayBack::of(&entry.journal, store).blocks());
    }
    let data = data(&found.entries);
    Ok(Answer {
        shown: blocks.into(),
        data: data.into(),
        warnings: found.warnings,
        failure: unreachable,
        ..Answer::default()
    })
}

/// Asks the server that was named; none was where the user wants all.
fn ask(args: &Args) -> Result<(Option<Asked>, Vec<String>), Failure> {
    if !args.live.server.is_named() {
        return Ok((None, Vec::new()));
    }
    let mut reach = args.live.reach()?;
    let mut warnings = std::mem::take(&mut reach.warnings);
    let asked = block_on(async {
        let mut server = reach.look().await?;
        let started_at = server.started_at().await?;
        let fingerprint = server.fingerprint().to_owned();
        // The history is there also where Patroni is not.
        let dcs = server.dcs().await.unwrap_or_else(|error| {
            warnings.push(format!("the state of changes through Patroni is not known: {error}"));
            None
        });
        server.close().await;
        Ok::<_, Failure>(Asked { fingerprint, started_at, dcs })
    })?;
    Ok((Some(asked), warnings))
}

impl Found {
    /// The changes of one server.
    fn read(&mut self, store: Store, asked: Option<&Asked>) -> Result<(), Failure> {
        let holder = store.holder()?;
        for id in store.ids()? {
            match store.read(&id) {
                Ok(journal) => {
                    let is_holder = |holder: &Holder| holder.changeset_id == id;
                    let runs = holder.iter().filter(|(holder, lives)| *lives && is_holder(holder));
                    let runs = runs.map(|(holder, _)| holder.clone()).next();
                    let restarted = restarted(&journal, asked.and_then(|asked| asked.started_at));
                    let dcs_now = asked
                        .and_then(|asked| dcs::state_now(&journal.change_set, &journal.state, asked.dcs.as_ref()?));
                    self.entries.push((Entry { journal, runs, restarted, dcs_now }, store.clone()));
                }
                Err(error @ ApplyError::BadJournal { .. }) => self.warnings.push(error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
        if let Some((Holder { changeset_id, pid, host, .. }, false)) = holder {
            self.warnings.push(format!(
                "process {pid} on {host} died and its lock of the change set {changeset_id} prevents other changes; \
                 roll the change back, or release it with: pgdba config unlock --changeset-id {changeset_id}"
            ));
        }
        Ok(())
    }
}

fn list(entries: &[(Entry, Store)], warnings: Vec<String>) -> Answer {
    let columns = [
        ("id", "change set"),
        ("time", "time (UTC)"),
        ("author", "author"),
        ("server", "server"),
        ("parameters", "parameters"),
        ("state", "state"),
    ];
    let shown = match entries.is_empty() {
        true => Block::paragraph("There are no change sets."),
        false => Block::Table(Table::whole("Change sets", &columns, entries.iter().map(|(entry, _)| row(entry)))),
    };
    Answer { shown: [shown].into(), data: data(entries).into(), warnings, ..Answer::default() }
}

fn data(entries: &[(Entry, Store)]) -> Value {
    let entry = |(entry, _): &(Entry, Store)| {
        let mut data = changes::journal(&entry.journal);
        if let Some(members) = data.as_object_mut() {
            members.insert("status".to_owned(), json!(entry.status()));
            members.insert("ended".to_owned(), json!(entry.journal.ended));
            members.insert("released_at".to_owned(), json!(entry.journal.released_at));
            members.insert("restarted".to_owned(), json!(entry.restarted));
            members.insert("dcs_now".to_owned(), json!(entry.dcs_now));
        }
        data
    };
    Value::Array(entries.iter().map(entry).collect())
}

fn row(entry: &Entry) -> Vec<Cell> {
    let change_set = &entry.journal.change_set;
    [
        change_set.id.clone(),
        change_set.created_at.strftime(TIME).to_string(),
        author(change_set),
        entry.journal.server.clone(),
        parameters(change_set),
        entry.text(),
    ]
    .map(Into::into)
    .to_vec()
}

/// `user@host as role`.
fn author(change_set: &ChangeSet) -> String {
    let author = &change_set.author;
    match &author.user {
        Some(user) => format!("{user}@{} as {}", author.host, author.role),
        None => format!("{} as {}", author.host, author.role),
    }
}

/// The first parameters with their values, shortened.
fn parameters(change_set: &ChangeSet) -> String {
    let of = |change: &Change| {
        let old = change.old_value.as_ref().map_or_else(|| "–".to_owned(), |value| short(&shown(&change.name, value)));
        let new =
            change.new_value.as_ref().map_or_else(|| "(reset)".to_owned(), |value| short(&shown(&change.name, value)));
        format!("{} {old} -> {new}", change.name)
    };
    let mut parts: Vec<String> = change_set.steps().take(LISTED).map(of).collect();
    match change_set.steps().count().saturating_sub(LISTED) {
        0 => {}
        more => parts.push(format!("and {more} more")),
    }
    parts.join(", ")
}

/// A value without secrets.
fn shown(name: &str, value: &str) -> String {
    if value.is_empty() { "''".to_owned() } else { setting::mask(name, value) }
}

fn short(value: &str) -> String {
    if value.chars().count() <= LONGEST_VALUE {
        return value.to_owned();
    }
    value.chars().take(LONGEST_VALUE - 1).chain(['…']).collect()
}
