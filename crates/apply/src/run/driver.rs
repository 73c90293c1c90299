//! One action after the other, as `pgdba_change::machine` says: each state is in the journal before its action begins.

use jiff::Timestamp;
use pgdba_change::auto_conf::AutoConf;
use pgdba_change::change_set::Via;
use pgdba_change::journal::Journal;
use pgdba_change::machine::{self, Action, Closed, Event, Fault, Next, State, TakeUp, Why};
use pgdba_change::precheck::Precheck;
use pgdba_change::request::Request;
use pgdba_change::restore::{self, Collision};

use super::{Desk, Done};
use crate::error::{ApplyError, ChangeError};
use crate::fault_point;
use crate::holder::Operation;
use crate::server::Server;
use crate::store::{Lock, Store};

/// A change under way.
pub(super) struct Run<'a> {
    pub(super) server: &'a mut Server,
    pub(super) store: &'a Store,
    pub(super) desk: Desk<'a>,
    pub(super) journal: Journal,
    pub(super) operation: Operation,
    pub(super) lock: Option<Lock>,
    /// What the user agreed to; none for a change that is taken up.
    pub(super) agreed: Option<(Request, Precheck)>,
    /// Why the change goes back, where it does because an action failed.
    pub(super) fault: Option<Fault<ApplyError>>,
    /// Whether the user insists on putting back what others changed since.
    pub(super) force: bool,
    /// The file that ALTER SYSTEM writes, as it was before the first write.
    pub(super) seen: Option<AutoConf>,
    /// What others changed since and the user wants overwritten.
    pub(super) overwrite: Vec<Collision>,
    /// Whether the session was lost and begun again.
    is_reconnected: bool,
    /// The members of Patroni's cluster that did not confirm the change.
    pub(super) unconfirmed: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        server: &'a mut Server,
        store: &'a Store,
        desk: Desk<'a>,
        journal: Journal,
        operation: Operation,
    ) -> Self {
        let (lock, agreed, fault) = (None, None, None);
        Self {
            server,
            store,
            desk,
            journal,
            operation,
            lock,
            agreed,
            fault,
            force: false,
            seen: None,
            overwrite: Vec::new(),
            is_reconnected: false,
            unconfirmed: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Goes from state to state until there is nothing more to do.
    pub(super) async fn go(mut self, first: (State, Action)) -> Result<Done, ApplyError> {
        let steps = |run: &Self| run.journal.change_set.step_count();
        let (mut state, mut action) = first;
        loop {
            let event = match self.enter(&state) {
                Ok(()) => self.perform(action).await,
                Err(error) => Event::Failed(error.into()),
            };
            fault_point::reach("done", &state.word());
            let event = if matches!(event, Event::Done) && self.server.session.was_asked_to_stop() {
                Event::Interrupted
            } else {
                event
            };
            match machine::next(&state, event, steps(&self)) {
                Next::Enter(next, then) => (state, action) = (next, then),
                Next::Retreat(next, then, fault) => {
                    self.fault = fault;
                    (state, action) = (next, then);
                }
                Next::Finished => return self.finished(),
                Next::Stuck(cause) => return Err(self.stuck(&cause).await),
            }
        }
    }

    /// Writes the state to the journal.
    fn enter(&mut self, state: &State) -> Result<(), ApplyError> {
        fault_point::reach("before", &state.word());
        self.journal.enter(state.clone(), Timestamp::now());
        if let (State::Abandoned { .. }, Operation::Apply) = (state, self.operation) {
            // An attempt that was refused changed nothing: it is not a change set.
            self.store.forget(&self.journal.change_set.id);
            return Ok(());
        }
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
        Err(error)
    }

    /// Does an action. Where the session is lost on the way, it is begun again once: every action may be done twice.
    async fn perform(&mut self, action: Action) -> Event<ApplyError> {
        let event = self.attempt(action).await;
        let is_final = self.is_reconnected || matches!(action, Action::Lock | Action::Unlock);
        let fault = match event {
            Event::Failed(fault) if !is_final && self.server.session.is_over() => fault,
            event => return event,
        };
        match self.server.reconnect(&self.journal.change_set.id).await {
            Ok(()) => {
                self.is_reconnected = true;
                self.notes.push("the connection was lost and restored".to_owned());
                self.attempt(action).await
            }
            Err(again) => {
                let (lost, again) = (Box::new(fault.cause), Box::new(again));
                Event::Failed(Fault { cause: ApplyError::NotReconnected { lost, again }, ..fault })
            }
        }
    }

    async fn attempt(&mut self, action: Action) -> Event<ApplyError> {
        let outcome = match action {
            Action::Proceed => Ok(()),
            Action::Lock => self.lock().await,
            Action::Precheck => self.precheck().await,
            Action::Snapshot => self.snapshot().await,
            Action::Unlock => self.free().await,
            Action::Set(_) | Action::Reload | Action::Verify | Action::PutBack | Action::VerifyFormer => {
                if self.journal.change_set.via == Via::Patroni {
                    return self.change_dcs(action).await;
                }
                self.change(action).await
            }
        };
        outcome.map_or_else(|error| Event::Failed(error.into()), |()| Event::Done)
    }

    /// What touches the configuration by ALTER SYSTEM.
    async fn change(&mut self, action: Action) -> Result<(), ApplyError> {
        let change_set = &self.journal.change_set;
        match action {
            Action::Set(step) => {
                let change = change_set.steps().nth(step as usize).ok_or(ChangeError::NoStep(step))?;
                let note = self.server.set(change, &self.overwrite).await?;
                self.notes.extend(note);
                Ok(())
            }
            Action::Reload => self.server.reload().await,
            Action::Verify => {
                self.server.verify(change_set).await?;
                self.note_others();
                Ok(())
            }
            Action::PutBack => {
                let direction = self.direction(&(self.journal.state.clone(), action));
                let done = self.server.put_back(change_set, &self.journal.begun, direction, &self.overwrite).await?;
                self.notes.extend(done.notes);
                self.journal.left = done.left;
                Ok(())
            }
            _ => {
                let differing = self.server.verify_former(change_set, &self.journal.left).await?;
                self.notes.extend(differing);
                self.note_others();
                Ok(())
            }
        }
    }

    fn finished(self) -> Result<Done, ApplyError> {
        let done = |run: Self| Done { journal: run.journal, notes: run.notes, unconfirmed: run.unconfirmed };
        match &self.journal.state {
            State::Restored { why: Why::Failure { reason } } if self.operation != Operation::Rollback => {
                Err(ApplyError::Undone {
                    reason: reason.clone(),
                    notes: self.notes,
                    hint: self.fault.and_then(|fault| fault.hint),
                })
            }
            State::Abandoned { .. } if self.operation != Operation::Rollback => Err(self
                .fault
                .map(|fault| fault.cause)
                .unwrap_or_else(|| ApplyError::Interrupted("nothing was changed on the server".to_owned()))),
            _ => Ok(done(self)),
        }
    }

    /// Says which lines of other parameters changed in the file meanwhile.
    fn note_others(&mut self) {
        let (Some(before), Some(now)) = (&self.seen, self.server.seen_file()) else { return };
        let changed = restore::foreign_changes(&self.journal.change_set, before, &now);
        if !changed.is_empty() {
            self.notes.push(format!("other sessions changed postgresql.auto.conf meanwhile: {}", changed.join(", ")));
        }
    }

    /// The run ends in order before the change is complete: the journal says why, and the locks are free.
    async fn stuck(mut self, cause: &ApplyError) -> ApplyError {
        let reason = cause.to_string();
        self.journal.ended = Some(reason.clone());
        let written = self.store.write(&self.journal);
        let freed = self.free().await;
        let faults = [written.err(), freed.err()].into_iter().flatten();
        let reason = faults.fold(reason, |reason, fault| format!("{reason}; {fault}"));
        let goes_back = is_going_back(&self.journal.state);
        let state = self.journal.state.words();
        ApplyError::Stuck { id: self.journal.change_set.id, reason, state, goes_back }
    }
}

/// Whether a change is on its way back, so that it cannot be resumed.
pub(super) fn is_going_back(state: &State) -> bool {
    machine::take_up(state, TakeUp::Resume, 0) == Err(Closed::GoingBack)
}
