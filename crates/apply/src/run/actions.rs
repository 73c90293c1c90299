//! The actions around the change itself: locks, precheck, the snapshot from before.

use jiff::Timestamp;
use pgdba_change::change_set::{Change, ChangeSet, Via};
use pgdba_change::machine::{Action, State, TakeUp};
use pgdba_change::precheck::{Options, refusals_of, reload_of};
use pgdba_change::request::Request;
use pgdba_change::restore::{self, Direction};
use pgdba_collector::{AtomicFile, CollectOptions, ConnectOptions, collect};

use super::dcs::differs;
use super::driver::{Run, is_going_back};
use super::{first_of, plan, refused};
use crate::error::ApplyError;
use crate::server::Wanted;

/// What the server sees as the name of the session that reads them.
const APPLICATION_NAME: &str = "pgdba";

/// The sections that are kept from before a change.
const KEPT: [&str; 5] = ["system", "host", "pg_settings", "pg_file_settings", "pg_db_role_setting"];

impl Run<'_> {
    pub(super) async fn lock(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        self.lock = Some(self.store.lock(self.operation, &id, &now())?);
        self.server.lock(&id).await?;
        self.lock_cluster().await?;
        let facts = self.server.seen().await?;
        // That of a standby does not concern its primary.
        let mut incomplete = self.store.incomplete()?.into_iter();
        match incomplete.find(|journal| facts.is_server_of(&journal.change_set)) {
            Some(journal) => Err(ApplyError::Incomplete {
                id: journal.change_set.id.clone(),
                state: journal.state.words(),
                ended: journal.ended.clone(),
                goes_back: is_going_back(&journal.state),
            }),
            None => Ok(()),
        }
    }

    /// Takes the locks of a change that is taken up.
    pub(super) async fn take_over(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        let had_lock = self.store.holder()?.is_some();
        self.lock = Some(self.store.take_over(self.operation, &id, &now())?);
        let locked = match self.server.lock(&id).await {
            Ok(()) => self.lock_cluster().await,
            Err(error) => Err(error),
        };
        match locked {
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

    /// Whether a change that is taken up may go on: the role has the rights for all of it, and nobody loses a later change without
    /// having been asked. Nothing has been written yet.
    pub(super) async fn may_go_on(
        &mut self,
        first: &(State, Action),
        how: TakeUp,
        force: bool,
    ) -> Result<(), ApplyError> {
        if self.journal.change_set.via == Via::Patroni {
            return self.may_take_up_dcs(how, force).await;
        }
        let writes = !matches!(first.1, Action::Unlock | Action::Proceed);
        if !writes {
            return Ok(());
        }
        let facts = self.server.look(Wanted { reload: true, ..Wanted::default() }).await?;
        let mut refusals = refusals_of(&self.journal.change_set, &facts);
        refusals.retain(|refusal| !(force && refusal.yields_to_force()));
        if let Some(error) = first_of(&refusals) {
            return Err(error);
        }
        self.seen = facts.auto_conf.read().cloned();
        let direction = self.direction(first);
        let collisions = restore::collisions(&self.journal.change_set, &facts, direction);
        if let (Some(collision), false) = (collisions.first(), force) {
            let id = self.journal.change_set.id.clone();
            let later_change = self.later_change_of(&collision.name, &id)?;
            return Err(ApplyError::ChangedSince {
                later_change,
                collision: Box::new(collision.clone()),
                more: collisions.len() - 1,
                id,
            });
        }
        self.notes
            .extend(collisions.iter().map(|found| format!("overwritten because of --force: {}", found.was_clause())));
        self.notes.extend(reload_of(&self.journal.change_set, &facts).iter().map(|effect| reloads(effect)));
        self.overwrite = collisions;
        Ok(())
    }

    /// Which way the change goes from here. A way back that was broken off may have left the running value of a parameter in the file.
    pub(super) fn direction(&self, first: &(State, Action)) -> Direction {
        if first.1 == Action::PutBack {
            let clears_marks = matches!(self.journal.state, State::Restoring { .. } | State::PutBack { .. });
            return Direction::Back { clears_marks };
        }
        Direction::Forward
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
    pub(super) async fn precheck(&mut self) -> Result<(), ApplyError> {
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
        self.seen = self.server.seen_file();
        let agreed = self.agreed.iter().flat_map(|(_, agreed)| &agreed.changes);
        let differing = agreed.zip(&found.changes).filter(|(agreed, found)| !is_as_agreed(agreed, found));
        let differing: Vec<String> = differing.map(|(agreed, found)| differs(agreed, found)).collect();
        if !differing.is_empty() {
            return Err(ApplyError::PlanOutdated(differing.join(", ")));
        }
        self.refuse_outdated(&found.changes)?;
        let former_dcs = match self.journal.change_set.via {
            Via::AlterSystem => None,
            Via::Patroni => {
                self.server.can_change_dcs().await?;
                self.server.plan_dcs(&found.changes).await?
            }
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
    pub(super) async fn snapshot(&mut self) -> Result<(), ApplyError> {
        let path = self.store.pre_snapshot_path(&self.journal.change_set.id);
        let mut options = CollectOptions::new(self.desk.producer.clone());
        options.sections = Some(KEPT.map(str::to_owned).to_vec());
        let file = AtomicFile::create(&path)?;
        let connect = ConnectOptions { application_name: APPLICATION_NAME.to_owned(), ..self.server.connect.clone() };
        let (file, _) = collect(&connect, &options, file, &mut |_| {}).await?;
        Ok(file.commit()?)
    }

    /// Frees both locks and what was kept for the journal.
    pub(super) async fn free(&mut self) -> Result<(), ApplyError> {
        // The advisory lock ends with the session, which may be over.
        let freed = self.server.unlock().await;
        if let Some(lock) = self.lock.take() {
            // The room is that of whoever holds the lock.
            self.store.finish();
            lock.release()?;
        }
        match freed {
            Err(_) if self.journal.state.is_settled() || self.server.session.is_over() => Ok(()),
            outcome => outcome,
        }
    }
}

/// Whether the server is still as the user agreed to: the line of a value may have moved.
fn is_as_agreed(agreed: &Change, found: &Change) -> bool {
    let (old_place, after_reset) = (found.old_place.clone(), found.after_reset.clone());
    Change { old_place, after_reset, ..agreed.clone() } == *found
}

/// What the reload of a change that is taken up brings into force besides.
fn reloads(effect: &str) -> String {
    format!("also loaded at the reload: {effect}")
}

/// What a change set wanted.
fn request_of(change_set: &ChangeSet) -> Request {
    let pairs = change_set.parameters.iter().map(|change| (change.name.to_ascii_lowercase(), change.new_value.clone()));
    Request { parameters: pairs.collect(), fingerprint: Some(change_set.fingerprint.clone()), via: None }
}

/// The time to the second, for people.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
