//! One action after the other, as `pgdba_change::machine` says: each state is in the journal before its action begins.

use std::path::Path;

use jiff::Timestamp;
use pgdba_change::auto_conf::AutoConf;
use pgdba_change::change_set::{self, ChangeSet, Via};
use pgdba_change::journal::Journal;
use pgdba_change::machine::{self, Action, Event, Next, State, TakeUp, Why};
use pgdba_change::precheck::{Options, Precheck, precheck};
use pgdba_change::request::Request;
use pgdba_collector::{AtomicFile, CollectOptions, collect};
use pgdba_snapshot::Producer;

use crate::error::ApplyError;
use crate::fault_point;
use crate::server::{Server, Wanted};
use crate::store::{Lock, Operation, Store};

/// The sections that are kept from before a change.
const KEPT: [&str; 5] = ["system", "host", "pg_settings", "pg_file_settings", "pg_db_role_setting"];

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
}

/// Looks at what `request` wants, and changes nothing.
///
/// # Errors
/// Where the server or Patroni could not be asked; what is refused is in the [`Precheck`].
pub async fn plan(server: &mut Server, request: &Request, options: Options) -> Result<Precheck, ApplyError> {
    if options.via == Via::Patroni && server.patroni.is_none() {
        return Err(ApplyError::NoPatroni);
    }
    let wanted = Wanted { libraries: request.parameters.keys().any(|name| name.contains("preload")), patroni: true };
    let facts = server.facts(wanted).await?;
    let mut found = precheck(request, &facts, options);
    let refused_by_server = server.try_values(&found, &facts).await?;
    found.refuse(refused_by_server);
    Ok(found)
}

/// Applies what was planned, under the name `id`.
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
    store.prepare(desk.home)?;
    let change_set = new_change_set(server, &store, planned, options, id);
    let journal = Journal::new(change_set, server.place());
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
    machine::take_up(&journal.state, how, steps).map_err(closed)?;
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
        Ok(first) => run.may_put_back(first, how, force).await,
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

/// The first refusal, as an error.
fn refused(found: &Precheck) -> Option<ApplyError> {
    let first = found.refusals.first()?;
    Some(ApplyError::Refused { first: Box::new(first.clone()), more: found.refusals.len() - 1 })
}

fn new_change_set(server: &Server, store: &Store, planned: &Precheck, options: Options, id: &str) -> ChangeSet {
    let pre_snapshot = store.pre_snapshot_path(id);
    ChangeSet {
        format: change_set::FORMAT.to_owned(),
        format_version: change_set::FORMAT_VERSION,
        id: id.to_owned(),
        fingerprint: server.fingerprint().to_owned(),
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

/// A change under way.
struct Run<'a> {
    server: &'a mut Server,
    store: &'a Store,
    desk: Desk<'a>,
    journal: Journal,
    operation: Operation,
    lock: Option<Lock>,
    /// What the user agreed to; none for a change that is taken up.
    agreed: Option<(Request, Precheck)>,
    /// Why an action failed, with its type.
    cause: Option<ApplyError>,
    /// Whether the user insists on putting back what others changed since.
    force: bool,
    /// Whether the way back leads to the very bytes of the file.
    is_exact: bool,
    notes: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(server: &'a mut Server, store: &'a Store, desk: Desk<'a>, journal: Journal, operation: Operation) -> Self {
        let (lock, agreed, cause) = (None, None, None);
        Self {
            server,
            store,
            desk,
            journal,
            operation,
            lock,
            agreed,
            cause,
            force: false,
            is_exact: true,
            notes: Vec::new(),
        }
    }

    /// Goes from state to state until there is nothing more to do.
    async fn go(mut self, first: (State, Action)) -> Result<Done, ApplyError> {
        let steps = |run: &Self| run.journal.change_set.step_count();
        let (mut state, mut action) = first;
        loop {
            let event = match self.enter(&state) {
                Ok(()) => self.perform(action).await,
                Err(event) => event,
            };
            fault_point::reach("done", &state.word());
            let event = if event == Event::Done && self.server.session.was_asked_to_stop() {
                Event::Interrupted
            } else {
                event
            };
            match machine::next(&state, event, steps(&self)) {
                Next::Enter(next, then) => (state, action) = (next, then),
                Next::Finished => return self.finished(),
                Next::Stuck(reason) => return Err(self.stuck(reason)),
            }
        }
    }

    /// Writes the state to the journal.
    fn enter(&mut self, state: &State) -> Result<(), Event> {
        fault_point::reach("before", &state.word());
        self.journal.enter(state.clone(), Timestamp::now());
        let Err(error) = self.store.write(&self.journal) else {
            fault_point::reach("journaled", &state.word());
            return Ok(());
        };
        let goes_back = matches!(
            state,
            State::Restoring { .. }
                | State::PutBack { .. }
                | State::ReloadedBack { .. }
                | State::Restored { .. }
                | State::Abandoned { .. }
        );
        if goes_back {
            // The server comes first: it is put back although that cannot be written down.
            self.notes.push(format!("the journal could not be written: {error}"));
            return Ok(());
        }
        let reason = error.to_string();
        self.cause = Some(error);
        Err(Event::Failed(reason))
    }

    async fn perform(&mut self, action: Action) -> Event {
        let outcome = match action {
            Action::Proceed => Ok(()),
            Action::Lock => self.lock().await,
            Action::Precheck => self.precheck().await,
            Action::Snapshot => self.snapshot().await,
            Action::Unlock => self.free().await,
            Action::Set(_) | Action::Reload | Action::Verify | Action::PutBack | Action::VerifyFormer => {
                return match self.change(action).await {
                    Ok(()) => Event::Done,
                    Err(reason) => Event::Failed(reason),
                };
            }
        };
        match outcome {
            Ok(()) => Event::Done,
            Err(error) => {
                let reason = error.to_string();
                self.cause = Some(error);
                Event::Failed(reason)
            }
        }
    }

    /// What touches the configuration, the way of this change.
    async fn change(&mut self, action: Action) -> Result<(), String> {
        let change_set = &self.journal.change_set;
        match change_set.via {
            Via::AlterSystem => match action {
                Action::Set(step) => {
                    let change = change_set.steps().nth(step as usize).ok_or("there is no such step")?;
                    self.server.set(change).await
                }
                Action::Reload => self.server.reload().await,
                Action::Verify => self.server.verify(change_set).await,
                Action::PutBack => {
                    let not_exact = self.server.put_back(change_set).await?;
                    self.is_exact = not_exact.is_none();
                    self.notes.extend(not_exact);
                    Ok(())
                }
                _ => {
                    let differing = self.server.verify_former(change_set, self.is_exact).await?;
                    self.notes.extend(differing);
                    Ok(())
                }
            },
            Via::Patroni => self.change_dcs(action).await,
        }
    }

    async fn change_dcs(&mut self, action: Action) -> Result<(), String> {
        let change_set = &self.journal.change_set;
        let notes = match action {
            Action::Set(_) => self.server.set_dcs(change_set).await?,
            Action::PutBack => self.server.put_dcs_back(change_set, self.force).await?,
            // Patroni has its members reload, and they were waited for.
            _ => Vec::new(),
        };
        self.notes.extend(notes);
        Ok(())
    }

    async fn lock(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        self.lock = Some(self.store.lock(self.operation, &id, &Timestamp::now().to_string())?);
        self.server.lock(&id).await
    }

    /// Takes the locks of a change that is taken up.
    async fn take_over(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        let had_lock = self.store.holder()?.is_some();
        self.lock = Some(self.store.take_over(self.operation, &id, &Timestamp::now().to_string())?);
        match self.server.lock(&id).await {
            Ok(()) => Ok(()),
            Err(error) => {
                // A lock that a dead process left stays; one that we made goes.
                if let Some(lock) = self.lock.take().filter(|_| !had_lock) {
                    lock.release()?;
                }
                Err(error)
            }
        }
    }

    /// Whether the former state may be put back: nobody is to lose a later change without having been asked.
    async fn may_put_back(
        &mut self,
        first: (State, Action),
        how: TakeUp,
        force: bool,
    ) -> Result<(State, Action), ApplyError> {
        let change_set = &self.journal.change_set;
        let is_rollback = how == TakeUp::RollBack && first.1 == Action::PutBack;
        if !is_rollback || force || change_set.via == Via::Patroni {
            return Ok(first);
        }
        let Ok(bytes) = self.server.auto_conf().await? else { return Ok(first) };
        let Ok(file) = AutoConf::read(&bytes) else { return Ok(first) };
        let changed = pgdba_change::verify::changed_since(change_set, &file, self.server.opening.version.major());
        let Some(name) = changed.into_iter().next() else { return Ok(first) };
        let id = change_set.id.clone();
        Err(ApplyError::ChangedSince { by: self.later_change_of(&name, &id)?, name, id })
    }

    /// The last change of `name` after the change `id` that stands.
    fn later_change_of(&self, name: &str, id: &str) -> Result<Option<String>, ApplyError> {
        for later in self.store.ids()?.into_iter().rev().take_while(|later| later != id) {
            let journal = self.store.read(&later)?;
            let is_it = journal.change_set.steps().any(|change| change.name == name);
            if journal.state == State::Recorded && is_it {
                return Ok(Some(later));
            }
        }
        Ok(None)
    }

    /// Looks at everything once more, now that nobody else changes the server.
    async fn precheck(&mut self) -> Result<(), ApplyError> {
        let change_set = &self.journal.change_set;
        let options = Options { via: change_set.via, force: change_set.forced };
        let request = match &self.agreed {
            Some((request, _)) => request.clone(),
            None => request_of(change_set),
        };
        let found = plan(self.server, &request, options).await?;
        if let Some(error) = refused(&found) {
            return Err(error);
        }
        if let Some((_, agreed)) = &self.agreed
            && agreed.changes != found.changes
        {
            let pairs = agreed.changes.iter().zip(&found.changes);
            let differing = pairs.filter(|(a, b)| a != b).map(|(a, _)| format!("\"{}\" is not as it was", a.name));
            return Err(ApplyError::PlanOutdated(differing.collect::<Vec<_>>().join(", ")));
        }
        let former_dcs = match self.journal.change_set.via {
            Via::AlterSystem => None,
            Via::Patroni => self.server.plan_dcs(&found.changes).await?,
        };
        let change_set = &mut self.journal.change_set;
        change_set.former_dcs = former_dcs;
        change_set.dry_run_result = found.dry_run();
        change_set.former_file = found.former_file.clone();
        change_set.server_started_at = found.started_at;
        change_set.parameters = found.changes;
        Ok(())
    }

    /// Keeps the configuration as it is, for whoever wants to compare.
    async fn snapshot(&mut self) -> Result<(), ApplyError> {
        let path = self.store.pre_snapshot_path(&self.journal.change_set.id);
        let mut options = CollectOptions::new(self.desk.producer.clone());
        options.sections = Some(KEPT.map(str::to_owned).to_vec());
        let file = AtomicFile::create(&path)?;
        let (file, _) = collect(&self.server.connect, &options, file, &mut |_| {}).await?;
        Ok(file.commit()?)
    }

    /// Frees both locks and what was kept for the journal.
    async fn free(&mut self) -> Result<(), ApplyError> {
        // The advisory lock ends with the session, which may be over.
        let freed = self.server.unlock().await;
        self.store.finish();
        if let Some(lock) = self.lock.take() {
            lock.release()?;
        }
        match freed {
            Err(_) if self.journal.state.is_settled() => Ok(()),
            outcome => outcome,
        }
    }

    fn finished(self) -> Result<Done, ApplyError> {
        let done = |run: Self| Done { journal: run.journal, notes: run.notes };
        match &self.journal.state {
            State::Restored { why: Why::Failure { reason } } if self.operation != Operation::Rollback => {
                Err(ApplyError::Undone(reason.clone()))
            }
            State::Abandoned { .. } if self.operation != Operation::Rollback => Err(self
                .cause
                .unwrap_or_else(|| ApplyError::Interrupted("nothing was changed on the server".to_owned()))),
            _ => Ok(done(self)),
        }
    }

    /// The locks stay: the file says who died here to whoever comes next.
    fn stuck(self, reason: String) -> ApplyError {
        ApplyError::Stuck { id: self.journal.change_set.id.clone(), reason, state: self.journal.state.told() }
    }
}

/// What a change set wanted.
fn request_of(change_set: &ChangeSet) -> Request {
    let pairs = change_set.parameters.iter().map(|change| (change.name.to_ascii_lowercase(), change.new_value.clone()));
    Request { parameters: pairs.collect(), fingerprint: Some(change_set.fingerprint.clone()) }
}
