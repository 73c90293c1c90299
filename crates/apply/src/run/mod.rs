//! Planning a change, applying it, and taking one up that was broken off or is to be rolled back.

mod actions;
mod dcs;
mod driver;

use std::path::Path;

use jiff::Timestamp;
use pgdba_change::change_set::{self, Author, ChangeSet, Via};
use pgdba_change::journal::Journal;
use pgdba_change::machine::{self, Closed, TakeUp};
use pgdba_change::precheck::{Options, Precheck, precheck, questions};
use pgdba_change::refusal::Refusal;
use pgdba_change::request::Request;
use pgdba_snapshot::Producer;

use self::driver::Run;
use crate::error::ApplyError;
use crate::holder::Operation;
use crate::server::{Server, Wanted};
use crate::store::Store;

/// What a change needs besides its server.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// pgdba's home.
    pub home: &'a Path,
    /// Who writes the snapshot from before.
    pub producer: &'a Producer,
}

/// What came of a change.
#[derive(Debug)]
pub struct Done {
    /// The journal, as it stands now.
    pub journal: Journal,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
    /// The members of Patroni's cluster that did not confirm the change.
    pub unconfirmed: Vec<String>,
}

/// Looks at what `request` wants, and changes nothing.
///
/// # Errors
/// Where the server or Patroni could not be asked; what is refused is in the [`Precheck`].
pub async fn plan(server: &mut Server, request: &Request, options: Options) -> Result<Precheck, ApplyError> {
    if options.via == Via::Patroni && server.patroni.is_none() {
        return Err(ApplyError::NoPatroni);
    }
    let mut facts = server.look(Wanted { patroni: true, reload: true }).await?;
    facts.environment = server.environment(&questions(request, &facts, options.via), &facts).await?;
    let mut found = precheck(request, &facts, options);
    // Of a server that takes no change at all nothing more is asked.
    if found.refusals.iter().all(|refusal| refusal.parameter().is_some()) {
        found.refuse(server.try_values(&found.changes, &facts).await?);
    }
    Ok(found)
}

/// Applies what was planned, under the name `id`. Where everything has the wanted value already nothing is done or kept: the
/// journal that is given stands at its beginning then, and on no disk.
///
/// # Errors
/// [`ApplyError`]; whether the server was touched is in its text.
pub async fn apply(
    server: &mut Server,
    desk: Desk<'_>,
    (planned, request, options): (&Precheck, &Request, Options),
    id: &str,
) -> Result<Done, ApplyError> {
    if let Some(error) = refused(planned) {
        return Err(error);
    }
    let store = Store::at(desk.home, server.fingerprint());
    let change_set = new_change_set(server, &store, planned, options, id);
    let mut journal = Journal::new(change_set, server.place());
    if journal.change_set.step_count() == 0 {
        // Of nothing there is no way back: no lock is taken, and nothing is kept.
        journal.change_set.pre_snapshot = None;
        return Ok(Done { journal, notes: Vec::new(), unconfirmed: Vec::new() });
    }
    store.prepare(desk.home)?;
    let mut run = Run::new(server, &store, desk, journal, Operation::Apply);
    run.agreed = Some((request.clone(), planned.clone()));
    run.go(machine::begin()).await
}

/// Takes a change up that was broken off, or that is to be rolled back.
///
/// # Errors
/// [`ApplyError`].
pub async fn take_up(
    server: &mut Server,
    desk: Desk<'_>,
    id: &str,
    how: TakeUp,
    force: bool,
) -> Result<Done, ApplyError> {
    let store = Store::at(desk.home, server.fingerprint());
    let journal = store.read(id)?;
    let steps = journal.change_set.step_count();
    let closed = |why| ApplyError::Closed { id: id.to_owned(), why };
    if let Err(why) = machine::take_up(&journal.state, how, steps) {
        return close(&store, journal, how, why);
    }
    store.prepare(desk.home)?;
    let operation = match how {
        TakeUp::Resume => Operation::Resume,
        TakeUp::RollBack => Operation::Rollback,
    };
    let mut run = Run::new(server, &store, desk, journal, operation);
    run.force = force;
    run.take_over().await?;
    // Only now that nobody else can change it: what the journal says may be newer than what was read before.
    run.journal = store.read(id)?;
    let first = machine::take_up(&run.journal.state, how, steps).map_err(closed);
    let first = match first {
        Ok(first) => run.may_go_on(&first, how, force).await.map(|()| first),
        Err(error) => Err(error),
    };
    match first {
        Ok(first) => run.go(first).await,
        Err(error) => {
            run.free().await?;
            Err(error)
        }
    }
}

/// A change that has come to its end, at most with its lock left by a process that died just before freeing it: that is freed,
/// and where the end is the wanted one, that is all there was to do.
pub(crate) fn close(store: &Store, journal: Journal, how: TakeUp, why: Closed) -> Result<Done, ApplyError> {
    let id = journal.change_set.id.clone();
    let is_left = journal.state.is_settled()
        && store.holder()?.is_some_and(|(holder, lives)| !lives && holder.changeset_id == id);
    if is_left {
        store.finish();
        store.unlock(&id)?;
    }
    let is_wanted = matches!(
        (how, why),
        (TakeUp::Resume, Closed::Applied) | (TakeUp::RollBack, Closed::RolledBack | Closed::NothingDone)
    );
    if is_left && is_wanted {
        let notes =
            vec!["the change was already complete; only the lock of a terminated process was released".to_owned()];
        return Ok(Done { journal, notes, unconfirmed: Vec::new() });
    }
    Err(ApplyError::Closed { id, why })
}

/// The first refusal, as an error; none where the change can be made.
#[must_use]
pub fn refused(found: &Precheck) -> Option<ApplyError> {
    first_of(&found.refusals)
}

/// The same of a list.
fn first_of(refusals: &[Refusal]) -> Option<ApplyError> {
    let first = refusals.first()?;
    Some(ApplyError::Refused { first: Box::new(first.clone()), more: refusals.len() - 1 })
}

fn new_change_set(server: &Server, store: &Store, planned: &Precheck, options: Options, id: &str) -> ChangeSet {
    let pre_snapshot = store.pre_snapshot_path(id);
    let identity = &server.opening.identity;
    ChangeSet {
        format: change_set::FORMAT.to_owned(),
        format_version: change_set::FORMAT_VERSION,
        id: id.to_owned(),
        fingerprint: server.fingerprint().to_owned(),
        server_version_num: server.opening.version.0,
        author: author(&planned.role),
        system_identifier: identity.system_identifier.clone().filter(|text| !text.is_empty()),
        data_directory: planned.data_directory.clone(),
        address: identity.resolved_addr.clone(),
        port: identity.resolved_port,
        via: options.via,
        forced: options.force,
        parameters: planned.changes.clone(),
        former_file: planned.former_file.clone(),
        created_at: Timestamp::now(),
        applied_at: None,
        rolled_back_at: None,
        server_started_at: planned.started_at,
        pre_snapshot: pre_snapshot.file_name().map(|name| name.to_string_lossy().into_owned()),
        dry_run_result: planned.dry_run(),
        former_dcs: None,
    }
}

/// Who runs this process, and as which role it changes the server.
fn author(role: &str) -> Author {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok().filter(|name| !name.is_empty());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Author { user, host, role: role.to_owned() }
}
