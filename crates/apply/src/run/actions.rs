//! The actions around the change itself: locks, precheck, the snapshot from before.

use jiff::Timestamp;
use pgdba_change::auto_conf::AutoConf;
use pgdba_change::change_set::{ChangeSet, Via};
use pgdba_change::machine::{Action, State, TakeUp};
use pgdba_change::precheck::Options;
use pgdba_change::request::Request;
use pgdba_collector::{AtomicFile, CollectOptions, collect};

use super::dcs::differs;
use super::driver::Run;
use super::{plan, refused};
use crate::error::ApplyError;
use crate::server::Wanted;

/// The sections that are kept from before a change.
const KEPT: [&str; 5] = ["system", "host", "pg_settings", "pg_file_settings", "pg_db_role_setting"];

impl Run<'_> {
    pub(super) async fn lock(&mut self) -> Result<(), ApplyError> {
        let id = self.journal.change_set.id.clone();
        self.lock = Some(self.store.lock(self.operation, &id, &now())?);
        self.server.lock(&id).await?;
        self.lock_cluster().await
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

    /// Whether the former state may be put back: nobody is to lose a later change without having been asked.
    pub(super) async fn may_put_back(
        &mut self,
        first: (State, Action),
        how: TakeUp,
        force: bool,
    ) -> Result<(State, Action), ApplyError> {
        if self.journal.change_set.via == Via::Patroni {
            return self.may_take_up_dcs(how, force).await.map(|()| first);
        }
        let change_set = &self.journal.change_set;
        let is_rollback = how == TakeUp::RollBack && first.1 == Action::PutBack;
        if !is_rollback || force {
            return Ok(first);
        }
        let Ok(bytes) = self.server.auto_conf().await? else { return Ok(first) };
        let Ok(file) = AutoConf::read(&bytes) else { return Ok(first) };
        // A way back that was broken off may have left the running value there.
        let facts = match self.journal.state {
            State::Restoring { .. } => Some(self.server.facts(Wanted::default()).await?),
            _ => None,
        };
        let major = self.server.opening.version.major();
        let changed = pgdba_change::verify::changed_since(change_set, &file, facts.as_ref(), major);
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
        if let Some((_, agreed)) = &self.agreed
            && agreed.changes != found.changes
        {
            let pairs = agreed.changes.iter().zip(&found.changes);
            let differing = pairs.filter(|(a, b)| a != b).map(|(a, b)| differs(a, b));
            return Err(ApplyError::PlanOutdated(differing.collect::<Vec<_>>().join(", ")));
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
        let (file, _) = collect(&self.server.connect, &options, file, &mut |_| {}).await?;
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
            Err(_) if self.journal.state.is_settled() => Ok(()),
            outcome => outcome,
        }
    }
}

/// What a change set wanted.
fn request_of(change_set: &ChangeSet) -> Request {
    let pairs = change_set.parameters.iter().map(|change| (change.name.to_ascii_lowercase(), change.new_value.clone()));
    Request { parameters: pairs.collect(), fingerprint: Some(change_set.fingerprint.clone()) }
}

/// The time to the second, for people.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
