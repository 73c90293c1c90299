//! The way by ALTER SYSTEM: setting, reloading, verifying and putting back on one server.

use std::time::{Duration, Instant};

use pgdba_change::auto_conf::{Alter, set_of};
use pgdba_change::change_set::{Change, ChangeSet, Former};
use pgdba_change::facts::Facts;
use pgdba_change::restore::{self, Collision, Direction};
use pgdba_change::verify;
use pgdba_collector::Fault;

use super::{Server, Wanted, quiet};
use crate::error::{ApplyError, ChangeError};
use crate::fault_point;

/// How long the server may take to read its files, and values to be in force.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked at.
const EACH: Duration = Duration::from_millis(20);

/// What came of a way back.
#[derive(Debug, Default)]
pub(crate) struct PutBack {
    /// What the user should know, one sentence each.
    pub(crate) notes: Vec<String>,
    /// The parameters that another session changed meanwhile; they were left as it set them.
    pub(crate) left: Vec<String>,
}

impl Server {
    /// Sets one parameter, unless somebody else has changed it; `overwrite` holds what the user wants overwritten.
    pub(crate) async fn set(&mut self, change: &Change, overwrite: &[Collision]) -> Result<Option<String>, ApplyError> {
        let (before, collision) = self.before_write(change, Direction::Forward).await?;
        if let Some(collision) = collision.filter(|found| !overwrite.iter().any(|known| known.is_same(found))) {
            return Err(ChangeError::ChangedMeanwhile(vec![collision]).into());
        }
        let alter = match &change.new_value {
            None => Alter::Reset { name: change.name.clone() },
            Some(text) => set_of(&change.name, text, self.major())
                .map_err(|error| ChangeError::Value { name: change.name.clone(), error })?,
        };
        self.alter(&alter).await?;
        self.after_write(&change.name, &restore::ours(change, self.major()), &before).await
    }

    async fn alter(&mut self, alter: &Alter) -> Result<(), ApplyError> {
        let hushed = if quiet::is_secret(alter, self.major()) { self.hush().await } else { Vec::new() };
        let outcome = self.session.command(&alter.sql()).await;
        self.speak(hushed).await;
        match outcome {
            Ok(_) => Ok(()),
            Err(Fault::Server(refused)) => {
                let message = quiet::without_value(alter, self.major(), &refused.text);
                Err(ChangeError::Refused { name: alter.name().to_owned(), message }.into())
            }
            Err(fault) => Err(ChangeError::from(fault).into()),
        }
    }

    /// Has the server read its files, and waits until this session has seen it.
    pub(crate) async fn reload(&mut self) -> Result<(), ApplyError> {
        let before = self.loaded_at().await?;
        let reload = "select pg_catalog.pg_reload_conf() as sent";
        let sent = self.command(reload).await.map_err(ChangeError::from)?;
        if !sent.first().is_some_and(|row| row.is("sent")) {
            return Err(ChangeError::NotSignaled.into());
        }
        let began = Instant::now();
        while self.loaded_at().await? == before {
            if began.elapsed() > PATIENCE {
                return Err(ChangeError::NotReloaded.into());
            }
            tokio::time::sleep(EACH).await;
        }
        Ok(())
    }

    async fn loaded_at(&mut self) -> Result<Option<String>, ApplyError> {
        let sql = "select pg_catalog.pg_conf_load_time()::text as at";
        let rows = self.command(sql).await.map_err(ChangeError::from)?;
        Ok(rows.first().and_then(|row| row.text("at")))
    }

    /// Waits until every new value is in force or known to wait for a restart, and sees that no other session replaced one.
    pub(crate) async fn verify(&mut self, change_set: &ChangeSet) -> Result<(), ApplyError> {
        let began = Instant::now();
        loop {
            let facts = self.facts_of_new_sessions(change_set).await?;
            let replaced = restore::replaced(change_set, &facts);
            let missing = verify::not_in_force(change_set, &facts);
            self.observed = Some(facts);
            if !replaced.is_empty() {
                return Err(ChangeError::ChangedMeanwhile(replaced).into());
            }
            if missing.is_empty() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(ChangeError::NotInForce(missing).into());
            }
            tokio::time::sleep(EACH * 5).await;
        }
    }

    /// The facts as a session sees them that begins now, where this one keeps what it began with.
    async fn facts_of_new_sessions(&mut self, change_set: &ChangeSet) -> Result<Facts, ApplyError> {
        let mut facts = self.facts(Wanted::default()).await?;
        if change_set.steps().any(|change| change.context.contains("backend")) {
            let mut other = Self::open(&self.connect, None).await?;
            let seen = other.facts(Wanted::default()).await;
            other.close().await;
            facts.settings = seen?.settings;
        }
        Ok(facts)
    }

    /// Puts the former lines back. It starts from the file as it is, so it may be done again after a death in the middle of it. What
    /// another session changed since stays, unless it is among `overwrite`.
    pub(crate) async fn put_back(
        &mut self,
        change_set: &ChangeSet,
        begun: &[String],
        direction: Direction,
        overwrite: &[Collision],
    ) -> Result<PutBack, ApplyError> {
        let mut done = PutBack::default();
        self.observe().await?;
        let is_cleared = self.clear_stale_marks((change_set, begun), direction, overwrite, &mut done).await?;
        let direction = if is_cleared { Direction::Back { clears_marks: true } } else { direction };
        for (number, change) in restore::in_order(change_set, begun).into_iter().enumerate() {
            let (before, collision) = self.before_write(change, direction).await?;
            if let Some(collision) = collision.filter(|found| !overwrite.iter().any(|known| known.is_same(found))) {
                done.leave(&collision);
                continue;
            }
            let Some(alter) = restore::statement(change, &self.seen().await?) else { continue };
            self.alter(&alter).await?;
            let written = alter.written(self.major()).map_or(Former::Absent, |text| Former::Line { text });
            done.notes.extend(self.after_write(&change.name, &written, &before).await?);
            fault_point::reach("altered", &(number + 1).to_string());
        }
        Ok(done)
    }

    /// Sets the running value of parameters that would stay marked as waiting for a restart, and reloads; whether there were any.
    async fn clear_stale_marks(
        &mut self,
        (change_set, begun): (&ChangeSet, &[String]),
        direction: Direction,
        overwrite: &[Collision],
        done: &mut PutBack,
    ) -> Result<bool, ApplyError> {
        let facts = self.seen().await?;
        let mut is_set = false;
        for (change, setting) in restore::stale_marks(change_set, begun, &facts) {
            // An empty list cannot be written: its mark stays until the next restart.
            let Ok(running) = set_of(&setting.name, &setting.setting, self.major()) else { continue };
            let (before, collision) = self.before_write(change, direction).await?;
            if collision.is_some_and(|found| !overwrite.iter().any(|known| known.is_same(&found))) {
                // The way back itself says so.
                continue;
            }
            self.alter(&running).await?;
            let written = running.written(self.major()).map_or(Former::Absent, |text| Former::Line { text });
            done.notes.extend(self.after_write(&change.name, &written, &before).await?);
            is_set = true;
            fault_point::reach("cleared", &setting.name);
        }
        if is_set {
            self.reload().await?;
        }
        Ok(is_set)
    }

    /// Says what differs from before, in the file and in force, apart from the parameters `left` to other sessions.
    pub(crate) async fn verify_former(
        &mut self,
        change_set: &ChangeSet,
        left: &[String],
    ) -> Result<Vec<String>, ApplyError> {
        let began = Instant::now();
        loop {
            let facts = self.facts_of_new_sessions(change_set).await?;
            let is_kept = |name: &str| !left.iter().any(|other| other == name);
            let changed = restore::collisions(change_set, &facts, Direction::Back { clears_marks: false });
            let changed: Vec<Collision> = changed.into_iter().filter(|found| is_kept(&found.name)).collect();
            let is_steady = |name: &str| is_kept(name) && !changed.iter().any(|found| found.name == name);
            let differing = verify::not_as_before(change_set, &facts, is_steady);
            if differing.is_empty() || began.elapsed() > PATIENCE / 5 {
                let clauses = changed
                    .iter()
                    .map(|found| format!("another session changed a parameter again: {}", found.now_clause()));
                let notes = differing
                    .into_iter()
                    .chain(clauses)
                    .chain(restore::remaining(change_set, &facts, is_steady))
                    .collect();
                self.observed = Some(facts);
                return Ok(notes);
            }
            tokio::time::sleep(EACH * 5).await;
        }
    }

    fn major(&self) -> i64 {
        self.opening.version.major()
    }
}

impl PutBack {
    fn leave(&mut self, collision: &Collision) {
        let now = collision.now_clause();
        self.notes.push(format!("not restored, because another session changed it meanwhile: {now}"));
        self.left.push(collision.name.clone());
    }
}
