//! `pgdba config history`: the changes that were made from this home.

use jiff::Timestamp;
use pgdba_apply::store::only_one;
use pgdba_apply::{ApplyError, Store};
use pgdba_change::journal::Journal;
use pgdba_change::machine::State;
use pgdba_change::patroni::Dcs;
use pgdba_collector::block_on;
use serde_json::{Value, json};

use super::live::Live;
use super::{dcs, told};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::registry::Home;
use crate::table::Table;

/// The changes that were made from here, and how each stands; with a server, whether what waited for a restart has had it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) live: Live,
    /// One change with its parameters; the beginning of its id is enough
    #[arg(long, value_name = "ID")]
    changeset_id: Option<String>,
}

/// A server that was asked.
struct Asked {
    fingerprint: String,
    started_at: Option<Timestamp>,
    /// The dynamic configuration of its Patroni, where that is known and answers.
    dcs: Option<Dcs>,
}

/// Reads the journals.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    let (asked, mut warnings) = ask(args)?;
    let stores = match &asked {
        Some(asked) => vec![Store::at(home.path(), &asked.fingerprint)],
        None => Store::all(home.path())?,
    };
    let mut journals = Vec::new();
    for store in &stores {
        for id in store.ids()? {
            match store.read(&id) {
                Ok(journal) => journals.push(journal),
                Err(error @ ApplyError::BadJournal { .. }) => warnings.push(error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
        if let Some((holder, is_alive)) = store.holder()? {
            warnings.push(ApplyError::Locked { holder: Box::new(holder), is_alive }.to_string());
        }
    }
    journals.sort_by(|a, b| a.change_set.id.cmp(&b.change_set.id));
    if let Some(beginning) = &args.changeset_id {
        let ids = journals.iter().map(|journal| journal.change_set.id.clone()).collect();
        let id = only_one(ids, beginning)?;
        journals.retain(|journal| journal.change_set.id == id);
    }
    let is_one = args.changeset_id.is_some();
    Ok(answer(&journals, asked.as_ref(), is_one, warnings))
}

/// Asks the server that was named; none was where the user wants all.
fn ask(args: &Args) -> Result<(Option<Asked>, Vec<String>), Failure> {
    if !args.live.server.is_named() {
        return Ok((None, Vec::new()));
    }
    let mut reach = args.live.reach()?;
    let mut warnings = std::mem::take(&mut reach.warnings);
    let asked = block_on(async {
        let mut server = reach.open().await?;
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

fn answer(journals: &[Journal], asked: Option<&Asked>, is_one: bool, warnings: Vec<String>) -> Answer {
    let rows = journals.iter().map(|journal| row(journal, asked));
    let table = Table::new(["change set", "server", "when", "parameters", "state"], rows);
    let mut text = if journals.is_empty() { "No change was made from here.\n".to_owned() } else { table.text() };
    if let (true, Some(journal)) = (is_one, journals.first()) {
        text.push_str(&format!("\n{}", told::changes(&journal.change_set.parameters)));
        for entered in &journal.entered {
            text.push_str(&format!("{}  {}\n", entered.at.strftime("%Y-%m-%d %H:%M:%S%.3f"), entered.state));
        }
    }
    let data: Vec<Value> = journals
        .iter()
        .map(|journal| {
            let mut data = told::journal(journal);
            if let Some(members) = data.as_object_mut() {
                members.insert("restarted".to_owned(), json!(restarted(journal, asked)));
                members.insert("dcs_now".to_owned(), json!(dcs_now(journal, asked)));
            }
            data
        })
        .collect();
    let markdown = (!is_one && !journals.is_empty()).then(|| table.markdown());
    Answer { text, markdown, data: Value::Array(data), warnings, ..Answer::default() }
}

fn row(journal: &Journal, asked: Option<&Asked>) -> [String; 5] {
    let change_set = &journal.change_set;
    let names: Vec<&str> = change_set.parameters.iter().map(|change| change.name.as_str()).collect();
    [
        change_set.id.clone(),
        journal.server.clone(),
        change_set.created_at.strftime("%Y-%m-%d %H:%M").to_string(),
        names.join(", "),
        match dcs_now(journal, asked) {
            Some(now) => format!("{}; {now}", state(journal, asked)),
            None => state(journal, asked),
        },
    ]
}

/// How a change through Patroni compares with the dynamic configuration now; none where that was not asked.
fn dcs_now(journal: &Journal, asked: Option<&Asked>) -> Option<String> {
    dcs::state_now(&journal.change_set, &journal.state, asked?.dcs.as_ref()?)
}

fn state(journal: &Journal, asked: Option<&Asked>) -> String {
    let waiting = journal.change_set.waiting_for_restart();
    if journal.state != State::Recorded || waiting.is_empty() {
        return match &journal.state {
            State::Recorded => "applied".to_owned(),
            State::Restored { .. } | State::Abandoned { .. } => journal.state.told(),
            _ => format!("HALF-WAY: {}", journal.state.told()),
        };
    }
    match restarted(journal, asked) {
        Some(true) => "applied, and the server was restarted since".to_owned(),
        Some(false) => format!("applied; waits for a restart: {}", waiting.join(", ")),
        None => format!("applied; needed a restart: {}", waiting.join(", ")),
    }
}

/// Whether the server was restarted after the change; nothing where it was not asked. By the server's own clock alone.
fn restarted(journal: &Journal, asked: Option<&Asked>) -> Option<bool> {
    let now = asked?.started_at?;
    Some(now != journal.change_set.server_started_at?)
}
