//! The way by ALTER SYSTEM: setting, reloading, verifying and putting back on one server.

use std::time::{Duration, Instant};

use pgdba_change::auto_conf::{Alter, AutoConf, set_of};
use pgdba_change::change_set::{Change, ChangeSet};
use pgdba_change::facts::Facts;
use pgdba_change::verify;
use pgdba_collector::Fault;
use pgdba_snapshot::identity::sha256_hex;

use super::{Server, Wanted, told};
use crate::error::ApplyError;
use crate::fault_point;

/// How long the server may take to read its files, and values to be in force.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked at.
const EACH: Duration = Duration::from_millis(20);

impl Server {
    /// Sets one parameter.
    pub(crate) async fn set(&mut self, change: &Change) -> Result<(), String> {
        if !self.still_locked().await.map_err(|error| error.to_string())? {
            return Err(
                "the session lost its lock: a pooler in between handed it to another; connect to the server itself"
                    .to_owned(),
            );
        }
        let alter = match &change.new_value {
            None => Alter::Reset { name: change.name.clone() },
            Some(text) => {
                set_of(&change.name, text, self.major()).map_err(|error| format!("\"{}\" {error}", change.name))?
            }
        };
        self.alter(&alter).await
    }

    async fn alter(&mut self, alter: &Alter) -> Result<(), String> {
        match self.session.command(&alter.sql()).await {
            Ok(_) => Ok(()),
            Err(Fault::Server(refused)) => Err(format!("ALTER SYSTEM for \"{}\": {}", alter.name(), refused.text)),
            Err(fault) => Err(told(fault)),
        }
    }

    /// Has the server read its files, and waits until this session has seen it.
    pub(crate) async fn reload(&mut self) -> Result<(), String> {
        let before = self.loaded_at().await?;
        let reload = "select pg_catalog.pg_reload_conf() as sent";
        let sent = self.command(reload).await.map_err(told)?;
        if !sent.first().is_some_and(|row| row.is("sent")) {
            return Err("the server could not be told to read its configuration".to_owned());
        }
        let began = Instant::now();
        while self.loaded_at().await? == before {
            if began.elapsed() > PATIENCE {
                return Err("the server did not read its configuration again; its log says why".to_owned());
            }
            tokio::time::sleep(EACH).await;
        }
        Ok(())
    }

    async fn loaded_at(&mut self) -> Result<Option<String>, String> {
        let sql = "select pg_catalog.pg_conf_load_time()::text as at";
        let rows = self.command(sql).await.map_err(told)?;
        Ok(rows.first().and_then(|row| row.text("at")))
    }

    /// Waits until every new value is in force or known to wait for a restart.
    pub(crate) async fn verify(&mut self, change_set: &ChangeSet) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let facts = self.facts_of_new_sessions(change_set).await.map_err(|error| error.to_string())?;
            let missing = verify::not_in_force(change_set, &facts);
            if missing.is_empty() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(missing.join("; "));
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

    /// Puts the file back. It starts from the file as it is, so it may be done again after a death in the middle of it.
    ///
    /// What could not be put back exactly is given as a sentence.
    pub(crate) async fn put_back(&mut self, change_set: &ChangeSet) -> Result<Option<String>, String> {
        let facts = self.facts(Wanted::default()).await.map_err(|error| error.to_string())?;
        self.clear_stale_marks(change_set, &facts).await?;
        let bytes = match self.auto_conf().await.map_err(|error| error.to_string())? {
            Ok(bytes) => bytes,
            Err(reason) => {
                for alter in verify::blind_way_back(change_set, self.major()) {
                    self.alter(&alter).await?;
                }
                return Ok(Some(format!(
                    "postgresql.auto.conf cannot be read, so only its values were put back: {reason}"
                )));
            }
        };
        let way = verify::way_back(change_set, &read(&bytes)?, self.major());
        for (done, alter) in way.steps.iter().enumerate() {
            match self.alter(alter).await {
                Ok(()) => fault_point::reach("altered", &(done + 1).to_string()),
                Err(reason) if verify::is_own(change_set, alter.name()) => return Err(reason),
                // Another line was only to get back into its place.
                Err(reason) => return self.put_own_back(change_set, &reason).await.map(Some),
            }
        }
        Ok(way.not_exact)
    }

    /// Puts back the lines of this change alone.
    async fn put_own_back(&mut self, change_set: &ChangeSet, reason: &str) -> Result<String, String> {
        let bytes = self.auto_conf().await.map_err(|error| error.to_string())??;
        for alter in verify::way_back_of_own(change_set, &read(&bytes)?, self.major()) {
            self.alter(&alter).await?;
        }
        Ok(format!("the values are put back, but the lines of postgresql.auto.conf stand in another order: {reason}"))
    }

    async fn clear_stale_marks(&mut self, change_set: &ChangeSet, facts: &Facts) -> Result<(), String> {
        let stale = verify::stale_marks(change_set, facts);
        if stale.is_empty() {
            return Ok(());
        }
        for setting in stale {
            // An empty list cannot be written: its mark stays until the next restart.
            let Ok(running) = set_of(&setting.name, &setting.setting, self.major()) else { continue };
            self.alter(&running).await?;
            fault_point::reach("cleared", &setting.name);
        }
        self.reload().await
    }

    /// Sees that the file is what it was, and says what else differs from before.
    pub(crate) async fn verify_former(
        &mut self,
        change_set: &ChangeSet,
        is_exact: bool,
    ) -> Result<Vec<String>, String> {
        let began = Instant::now();
        loop {
            let facts = self.facts_of_new_sessions(change_set).await.map_err(|error| error.to_string())?;
            if let (Ok(bytes), Some(former), true) = (&facts.auto_conf, &change_set.former_file.sha256, is_exact)
                && sha256_hex(bytes) != *former
            {
                return Err("postgresql.auto.conf is not what it was before the change".to_owned());
            }
            let differing = verify::not_as_before(change_set, &facts);
            if differing.is_empty() || began.elapsed() > PATIENCE / 5 {
                return Ok(differing);
            }
            tokio::time::sleep(EACH * 5).await;
        }
    }

    fn major(&self) -> i64 {
        self.opening.version.major()
    }
}

fn read(bytes: &[u8]) -> Result<AutoConf, String> {
    AutoConf::read(bytes).map_err(|error| format!("postgresql.auto.conf cannot be read: {error}"))
}
