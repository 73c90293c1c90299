//! A server on which cases are tried one after the other.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use pgdba_change::auto_conf::{AutoConf, set_of};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tempfile::TempDir;

use super::{Case, State};
use crate::paths;
use crate::servers::Server;

/// What a warning begins with that is about the start.
const ABOUT_START: [&str; 2] = ["the server would not start", "the server will not start unless"];

/// What is said of every key whose certificate is there: its mode and its owner are seen by no query.
const UNKNOWABLE: &str = "is the key of the certificate";

/// What `pgdba config apply --dry-run --format json` answers, as far as it is looked at here.
#[derive(Deserialize)]
struct Envelope {
    data: Option<DryRun>,
}

#[derive(Deserialize)]
struct DryRun {
    result: Counts,
    refusals: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Counts {
    applies: u32,
    waits_for_restart: u32,
    warnings: Vec<String>,
}

/// How many files are open already depends on who starts the server, so a limit near its minimum is no fault of the setting alone.
const INHERITED: &str = "insufficient file descriptors available";

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// pgdba refuses the change.
    Refused,
    /// The server refuses an ALTER SYSTEM.
    RefusedByServer,
    /// It is the server's value already.
    Unchanged,
    /// The server starts with it.
    Starts,
    /// It does not.
    Stops,
}

/// A case that was tried.
#[derive(Debug)]
pub struct Trial {
    /// Its name.
    pub case: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What pgdba warned about the start.
    pub warnings: Vec<String>,
    /// Why the server did not start, as it said itself.
    pub reason: String,
}

impl Trial {
    /// Whether pgdba warned of what came, and of nothing else.
    #[must_use]
    pub fn agrees(&self) -> bool {
        match self.outcome {
            Outcome::Refused | Outcome::RefusedByServer | Outcome::Unchanged => true,
            Outcome::Stops => !self.warnings.is_empty() || self.reason.contains(INHERITED),
            Outcome::Starts => self.warnings.iter().all(|warning| warning.contains(UNKNOWABLE)),
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}, warned: {:?}; {}", self.case, self.outcome, self.warnings, self.reason)
    }
}

/// A server in some state, and a home of pgdba's.
pub struct Stage {
    /// The first is the one; the others must run beside it.
    servers: Vec<Server>,
    home: TempDir,
    /// The file that ALTER SYSTEM writes, before any case.
    before: Vec<u8>,
}

impl Stage {
    /// Starts a server of this version in this state.
    ///
    /// # Errors
    /// Where it cannot be.
    pub fn set(major: u32, state: State) -> Result<Self> {
        let servers = state.servers(major)?;
        let home = tempfile::tempdir().context("could not make a home")?;
        let mut stage = Self { servers, home, before: Vec::new() };
        stage.before = fs::read(stage.file()?).context("could not read postgresql.auto.conf")?;
        Ok(stage)
    }

    fn server(&self) -> Result<&Server> {
        self.servers.first().context("no server was started")
    }

    fn file(&self) -> Result<PathBuf> {
        Ok(self.server()?.data_dir().join("postgresql.auto.conf"))
    }

    /// Asks pgdba what it thinks of the case, writes it as ALTER SYSTEM does, and starts the server with it. Nothing of a case whose lines
    /// ALTER SYSTEM cannot write, or that was too slow to be decided.
    ///
    /// # Errors
    /// Where pgdba does not answer, and where the server cannot be brought back.
    pub fn try_case(&self, case: &Case) -> Result<Option<Trial>> {
        let server = self.server()?;
        let decided = case.result(server.major()).is_some_and(|(state, _)| ["starts", "stops"].contains(&state));
        let text = case.settings.replace("SOCKDIR", &server.socket_dir().display().to_string());
        let Ok(lines) = AutoConf::read(text.as_bytes()) else { return Ok(None) };
        if !decided {
            return Ok(None);
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for entry in lines.entries() {
            pairs.retain(|(name, _)| !entry.is(name));
            pairs.push((entry.name.clone(), entry.text().unwrap_or_default().to_owned()));
        }
        let (outcome, warnings) = self.ask(&pairs)?;
        let mut trial = Trial { case: case.case.clone(), outcome, warnings, reason: String::new() };
        if outcome == Outcome::Starts {
            (trial.outcome, trial.reason) = self.really(&pairs)?;
        }
        Ok(Some(trial))
    }

    /// What the dry run says: refused, unchanged, or that it would be made, and which warnings it has.
    fn ask(&self, pairs: &[(String, String)]) -> Result<(Outcome, Vec<String>)> {
        let mut pgdba = Command::new(paths::target().join("debug/pgdba"));
        pgdba.args([
            "config",
            "apply",
            "--dry-run",
            "--format",
            "json",
            "--dsn",
            &self.server()?.dsn("postgres", "postgres"),
        ]);
        pgdba.args(pairs.iter().flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")]));
        let done = pgdba.env("PGDBA_HOME", self.home.path()).output().context("could not run pgdba")?;
        let envelope: Envelope = serde_json::from_slice(&done.stdout)
            .with_context(|| format!("pgdba answered: {}", String::from_utf8_lossy(&done.stderr)))?;
        let Some(DryRun { result, refusals }) = envelope.data else { return Ok((Outcome::Refused, Vec::new())) };
        if !refusals.is_empty() {
            return Ok((Outcome::Refused, Vec::new()));
        }
        let is_step = result.applies + result.waits_for_restart > 0;
        let is_about_start = |text: &String| ABOUT_START.iter().any(|begin| text.starts_with(begin));
        let warnings = result.warnings.into_iter().filter(is_about_start).collect();
        Ok((if is_step { Outcome::Starts } else { Outcome::Unchanged }, warnings))
    }

    /// What really comes of it. Afterwards the server runs as before.
    fn really(&self, pairs: &[(String, String)]) -> Result<(Outcome, String)> {
        let server = self.server()?;
        let major = i64::from(server.major());
        let mut outcome = (Outcome::Starts, String::new());
        for (name, value) in pairs {
            let done = set_of(name, value, major).map_err(anyhow::Error::from);
            if let Err(error) = done.and_then(|alter| server.execute("postgres", &alter.sql())) {
                outcome = (Outcome::RefusedByServer, format!("{error:#}"));
            }
        }
        if outcome.0 == Outcome::Starts {
            server.stop_fast()?;
            if let Err(error) = server.start_again() {
                let text = error.to_string();
                let mut lines = text.lines();
                let telling = lines.rfind(|line| line.contains("FATAL:") || line.contains("LOG:  could not"));
                outcome = (Outcome::Stops, telling.unwrap_or(&text).to_owned());
            } else {
                server.stop_fast()?;
            }
            fs::write(self.file()?, &self.before).context("could not write postgresql.auto.conf")?;
            server.start_again().with_context(|| format!("could not start again after {pairs:?}"))?;
        } else {
            fs::write(self.file()?, &self.before).context("could not write postgresql.auto.conf")?;
        }
        Ok(outcome)
    }
}
