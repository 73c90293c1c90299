//! One action after the other, as `pgdba_change::machine` says: each state is in the journal before its action begins.

use jiff::Timestamp;
use pgdba_change::change_set::Via;
use pgdba_change::journal::Journal;
use pgdba_change::machine::{self, Action, Closed, Event, Next, State, TakeUp, Why};
use pgdba_change::precheck::Precheck;
use pgdba_change::request::Request;

use super::{Desk, Done};
use crate::error::ApplyError;
use crate::fault_point;
use crate::server::Server;
use crate::store::{Lock, Operation, Store};

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
    /// Why an action failed, with its type.
    pub(super) cause: Option<ApplyError>,
    /// Whether the user insists on putting back what others changed since.
    pub(super) force: bool,
    /// Whether it is known that this process has changed nothing.
    pub(super) is_untouched: bool,
    /// What to do about a failure after which the change was undone.
    pub(super) hint: Option<String>,
    /// Whether the way back leads to the very bytes of the file.
    pub(super) is_exact: bool,
    /// The members of Patroni's cluster that did not confirm the change.
    pub(super) silent: Vec<String>,
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
            is_untouched: false,
            hint: None,
            is_exact: true,
            silent: Vec::new(),
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
                if self.journal.change_set.via == Via::Patroni {
                    return self.change_dcs(action).await;
                }
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

    /// What touches the configuration by ALTER SYSTEM.
    async fn change(&mut self, action: Action) -> Result<(), String> {
        let change_set = &self.journal.change_set;
        match action {
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
        }
    }

    fn finished(self) -> Result<Done, ApplyError> {
        let done = |run: Self| Done { journal: run.journal, notes: run.notes, silent: run.silent };
        match &self.journal.state {
            State::Restored { why: Why::Failure { reason } } if self.operation != Operation::Rollback => {
                Err(ApplyError::Undone { reason: reason.clone(), hint: self.hint })
            }
            State::Abandoned { .. } if self.operation != Operation::Rollback => Err(self
                .cause
                .unwrap_or_else(|| ApplyError::Interrupted("nothing was changed on the server".to_owned()))),
            _ => Ok(done(self)),
        }
    }

    /// The locks stay: the file says who died here to whoever comes next.
    fn stuck(self, reason: String) -> ApplyError {
        ApplyError::Stuck {
            id: self.journal.change_set.id.clone(),
            reason,
            state: self.journal.state.told(),
            goes_back: machine::take_up(&self.journal.state, TakeUp::Resume, 0) == Err(Closed::GoingBack),
        }
    }
}
