//! `pgdba config rollback`: what stood there before a change stands there again.

use pgdba_apply::{Desk, Done, Server, Store, take_up};
use pgdba_change::machine::{State, TakeUp};
use pgdba_collector::block_on;

use super::live::Live;
use super::{dcs, told};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::registry::Home;
use crate::target::producer;

const EXAMPLES: &str = "\
Examples:
  pgdba config rollback --name prod --changeset-id 019a…
  pgdba config history                                      lists the ids";

/// Puts back what stood in the configuration before a change, exactly; also one that was broken off
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) live: Live,
    /// Which change; the beginning of its id is enough
    #[arg(long, value_name = "ID")]
    changeset_id: String,
    /// Put it back although somebody changed the same parameter again since
    #[arg(long)]
    force: bool,
}

/// Puts it back.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let mut reach = args.live.reach()?;
    let mut warnings = std::mem::take(&mut reach.warnings);
    let home = Home::of_user()?;
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
    Ok(Answer { text: text(&done, &place), data: told::journal(&done.journal), warnings, ..Answer::default() })
}

async fn roll_back(server: &mut Server, desk: Desk<'_>, args: &Args) -> Result<Done, Failure> {
    let id = Store::at(desk.home, server.fingerprint()).find(&args.changeset_id)?;
    Ok(take_up(server, desk, &id, TakeUp::RollBack, args.force).await?)
}

fn text(done: &Done, place: &str) -> String {
    let id = &done.journal.change_set.id;
    match &done.journal.state {
        State::Abandoned { .. } => format!("Nothing had been changed by the change set {id}; it is closed.\n"),
        _ => {
            let lines = told::put_back(&done.journal.change_set.parameters);
            let silent = match done.silent.as_slice() {
                [] => String::new(),
                silent => format!("; not confirmed by: {}", silent.join(", ")),
            };
            format!("{lines}\nRolled back the change set {id} {place}{silent}.\n")
        }
    }
}
