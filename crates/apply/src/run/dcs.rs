//! The actions that touch Patroni's dynamic configuration.

use pgdba_change::change_set::{Change, Former, Via};
use pgdba_change::machine::{Action, Event, Fault, State, TakeUp};
use pgdba_change::patroni::Way;

use super::driver::Run;
use crate::error::{ApplyError, ChangeError};
use crate::holder::Operation;
use crate::patroni::{PatroniError, Sending};
use crate::server::dcs::{Reached, outdated};

impl Run<'_> {
    /// Carries out what a change through Patroni does differently. Patroni has its members reload, and they are waited for.
    pub(super) async fn change_dcs(&mut self, action: Action) -> Event<ApplyError> {
        match action {
            Action::Set(_) => self.store_forward().await,
            Action::Verify => self.wait_forward().await,
            // Nothing was stored, and what others have changed meanwhile is theirs.
            Action::PutBack | Action::VerifyFormer if self.fault.as_ref().is_some_and(|fault| fault.is_untouched) => {
                Event::Done
            }
            Action::PutBack => self.store_back().await,
            Action::VerifyFormer => self.wait_back().await,
            _ => Event::Done,
        }
    }

    async fn store_forward(&mut self) -> Event<ApplyError> {
        // A process that died may have sent it.
        let pending = if self.operation == Operation::Resume { self.sent_to() } else { None };
        let is_pending = pending.is_some();
        let sending = Sending { way: Way::Forward, force: self.force, pending };
        let stored = match self.keep_leader_locked().await {
            Ok(()) => self.server.store_in_dcs(&self.journal.change_set, sending).await,
            Err(error) if is_pending => return Event::Unknown(error),
            Err(error) => Err(error),
        };
        match stored {
            Ok(notes) => {
                self.notes.extend(notes);
                Event::Done
            }
            Err(error @ ApplyError::Patroni(PatroniError::OutcomeUnknown { .. })) => Event::Unknown(error),
            Err(error) => {
                let hint = error.hint();
                Event::Failed(Fault { cause: error, hint, is_untouched: true })
            }
        }
    }

    async fn wait_forward(&mut self) -> Event<ApplyError> {
        match self.server.wait_for_members(&self.journal.change_set, Way::Forward).await {
            Ok(Reached::All(members)) => {
                self.notes.extend(members.notes);
                self.unconfirmed = members.unconfirmed;
                Event::Done
            }
            Ok(Reached::NotAll(reason)) => Event::Failed(ApplyError::from(ChangeError::Members(reason)).into()),
            Ok(Reached::Unknown(reason)) => Event::Unknown(ChangeError::Members(reason).into()),
            Err(error) => Event::Unknown(error),
        }
    }

    async fn store_back(&mut self) -> Event<ApplyError> {
        if let Err(error) = self.keep_leader_locked().await {
            return Event::Failed(error.into());
        }
        let sending = Sending { way: Way::Back, force: self.force, pending: self.sent_to() };
        match self.server.store_in_dcs(&self.journal.change_set, sending).await {
            Ok(notes) => {
                if let Some(fault) = self.fault.as_mut().filter(|_| !notes.is_empty()) {
                    fault.hint = Some(format!("Check the cluster, then run the command again: {}", notes.join("; ")));
                }
                self.notes.extend(notes);
                Event::Done
            }
            Err(error @ ApplyError::Patroni(PatroniError::OutcomeUnknown { .. })) => Event::Unknown(error),
            Err(error) => Event::Failed(error.into()),
        }
    }

    /// The former values are stored; a member that does not follow yet is named, and Patroni brings it there.
    async fn wait_back(&mut self) -> Event<ApplyError> {
        match self.server.wait_for_members(&self.journal.change_set, Way::Back).await {
            Ok(Reached::All(members)) => {
                self.notes.extend(members.notes);
                self.unconfirmed = members.unconfirmed;
            }
            Ok(Reached::NotAll(reason) | Reached::Unknown(reason)) => self.notes.push(reason),
            Err(error) => self.notes.push(error.to_string()),
        }
        Event::Done
    }

    /// Another member may lead by now.
    async fn keep_leader_locked(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        let note = self.server.lock_leader(&id).await?;
        self.notes.extend(note.filter(|note| !self.notes.contains(note)));
        Ok(())
    }

    /// Where the change was sent to, if it is not known to have been stored.
    fn sent_to(&self) -> Option<String> {
        let is_stored = self.journal.entered.iter().any(|entered| entered.state == State::Reloaded.word());
        let former = self.journal.change_set.former_dcs.as_ref().filter(|_| !is_stored)?;
        Some(former.url.clone())
    }

    /// The locks of a change through Patroni besides the server's own.
    pub(super) async fn lock_cluster(&mut self) -> Result<(), ApplyError> {
        if self.journal.change_set.via == Via::Patroni { self.keep_leader_locked().await } else { Ok(()) }
    }

    /// Refuses a change that died before anything was sent, and whose parameters somebody else changed since.
    pub(super) fn refuse_outdated(&self, found: &[Change]) -> Result<(), ApplyError> {
        let change_set = &self.journal.change_set;
        if change_set.via != Via::Patroni || self.agreed.is_some() || self.force {
            return Ok(());
        }
        let mut pairs = change_set.parameters.iter().zip(found);
        match pairs.find(|(planned, now)| planned.former != now.former) {
            Some((planned, now)) => Err(ApplyError::PlanOutdated(differs(planned, now))),
            None => Ok(()),
        }
    }

    /// Whether a change through Patroni may be taken up: the credentials allow it, and nobody else's value is in the way.
    pub(super) async fn may_take_up_dcs(&mut self, how: TakeUp, force: bool) -> Result<(), ApplyError> {
        let change_set = &self.journal.change_set;
        let Some(former) = change_set.former_dcs.as_ref().filter(|_| self.journal.state.has_touched_server()) else {
            return Ok(());
        };
        self.server.can_change_dcs().await?;
        let changed = self.server.foreign_in_dcs(&former.plan).await?;
        if changed.is_empty() || force {
            return Ok(());
        }
        let id = &change_set.id;
        let overwrite = Some(match how {
            TakeUp::RollBack => format!("pgdba config rollback --changeset-id {id} --force"),
            TakeUp::Resume => format!("pgdba config apply --resume --changeset-id {id} --force"),
        });
        Err(PatroniError::ChangedSince { changed, overwrite }.into())
    }
}

/// How a parameter differs from what was agreed to.
pub(super) fn differs(agreed: &Change, found: &Change) -> String {
    match &found.former {
        Former::Dynamic { value } if agreed.former != found.former => outdated(&found.name, value),
        _ => format!("\"{}\" has changed", agreed.name),
    }
}
