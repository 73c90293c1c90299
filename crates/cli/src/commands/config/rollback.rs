//! `pgdba config rollback`: what stood there before a change stands there again.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use pgdba_analysis::Block;
use pgdba_apply::{Desk, Done, Server, Store, take_up};
use pgdba_change::machine::{State, TakeUp};
use pgdba_collector::block_on;

use super::live::Live;
use super::{changes, dcs, offline};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::registry::Home;
use crate::target::producer;

const EXAMPLES: &str = "\
Examples:
  pgdba config rollback --name prod --changeset-id 019a…
  pgdba config rollback --offline --data-directory /var/lib/postgresql/18/main --changeset-id 019a…
  pgdba config history                                      lists the ids";

/// Restore the former values of a change, byte for byte; also of an interrupted one
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) live: Live,
    /// The change set to roll back; the beginning of its ID is enough
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    changeset_id: String,
    /// Overwrite later changes by others; with --offline, also skip checks of the server that are not possible
    #[arg(long)]
    force: bool,
    /// Edit postgresql.auto.conf of a stopped server, on its host, without a connection
    #[arg(long, requires = "data_directory", conflicts_with_all = ["name", "dsn"])]
    offline: bool,
    /// The data directory of the stopped server
    #[arg(long, value_name = "DIR", requires = "offline")]
    data_directory: Option<PathBuf>,
}

/// Puts it back.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let home = Home::of_user()?;
    if let Some(directory) = &args.data_directory {
        return offline::roll_back(home.path(), &args.changeset_id, directory, args.force);
    }
    match on_server(args, &home) {
        Err(failure) if offline::is_unreachable(&failure) => offline::by_hand(home.path(), &args.changeset_id, failure),
        outcome => outcome,
    }
}

/// Puts it back on a running server.
fn on_server(args: &Args, home: &Home) -> Result<Answer, Failure> {
    let mut reach = args.live.reach()?;
    let mut warnings = std::mem::take(&mut reach.warnings);
    let producer = producer();
    let desk = Desk { home: home.path(), producer: &producer };
    let (done, place) = block_on(async {
        let mut server = reach.open().await?;
        warnings.extend(server.warnings().iter().cloned());
        let done = roll_back(&mut server, desk, args).await;
        let done = done.map(|done| (dcs::place(&server, &done.journal.change_set), done));
        server.close().await;
        done.map(|(place, done)| (done, place))
    })?;
    warnings.extend(done.notes.iter().cloned());
    Ok(Answer {
        shown: shown(&done, &place).into(),
        data: changes::journal(&done.journal).into(),
        warnings,
        ..Answer::default()
    })
}

async fn roll_back(server: &mut Server, desk: Desk<'_>, args: &Args) -> Result<Done, Failure> {
    let id = Store::at(desk.home, server.fingerprint()).find(&args.changeset_id)?;
    Ok(take_up(server, desk, &id, TakeUp::RollBack, args.force).await?)
}

fn shown(done: &Done, place: &str) -> Vec<Block> {
    let id = &done.journal.change_set.id;
    if let State::Abandoned { .. } = &done.journal.state {
        return vec![Block::paragraph(format!("The change set {id} had not changed anything; it is closed."))];
    }
    let left = changes::left(&done.journal);
    let unconfirmed = match done.unconfirmed.as_slice() {
        [] => String::new(),
        unconfirmed => format!("; not confirmed by: {}", unconfirmed.join(", ")),
    };
    let sentence = format!("Rolled back the change set {id} {place}{left}{unconfirmed}.");
    vec![changes::restored(&done.journal), Block::paragraph(sentence)]
}
