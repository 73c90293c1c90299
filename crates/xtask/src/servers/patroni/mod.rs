//! A real Patroni with its etcd: one member or two, each with a PostgreSQL 15 of its own.
//!
//! Debian's packages, under the account of the throwaway servers, on free ports. Everything ends when the value is dropped;
//! what a killed test leaves is swept away by the next one.

mod etcd;
mod member;
mod options;
mod rest;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::client_tools;
use crate::setup::{lock, packages};
use crate::{paths, process};
use etcd::Etcd;
use member::Member;
pub use options::{LabTls, PatroniLabOptions, PatroniRelease};

const PATRONI: &str = "/usr/bin/patroni";
const ETCD: &str = "/usr/bin/etcd";

/// What pip is asked for, and the folder in the cache that it goes into.
const PYPI: [&str; 2] = ["patroni[etcd3]==4.1.5", "psycopg[binary]==3.3.9"];
const PYPI_FOLDER: &str = "patroni-4.1.5";

/// A free port may be taken by somebody else between looking and listening.
const START_ATTEMPTS: usize = 3;

/// How long a cluster may take to do what it was asked for.
const DONE_WITHIN: Duration = Duration::from_secs(120);

/// Makes sure that Patroni, etcd and PostgreSQL 15 are there.
pub fn install() -> Result<()> {
    let is_there = || [PATRONI, ETCD].iter().all(|program| process::is_executable(Path::new(program)));
    if !is_there() {
        let held = lock::exclusive("patroni")?;
        if !is_there() {
            packages::install(
                &["patroni", "etcd-server"],
                "the cluster manager that changes of configuration go through",
            )?;
        }
        drop(held);
    }
    client_tools::install_debian_server()
}

/// The same for every release.
pub fn install_all() -> Result<()> {
    install()?;
    program(PatroniRelease::PyPi).map(drop)
}

/// The program of a release, installed if it is missing.
fn program(release: PatroniRelease) -> Result<PathBuf> {
    if release == PatroniRelease::Debian {
        return Ok(PATRONI.into());
    }
    let folder = paths::cache()?.join(PYPI_FOLDER);
    let program = folder.join("bin/patroni");
    let held = lock::exclusive("patroni")?;
    if !process::is_executable(&program) {
        println!("installing {} from PyPI (the newer cluster manager that changes go through)", PYPI.join(", "));
        // Debian's Python, because the account of the servers must be able to run it.
        let environment =
            || process::output(Command::new("/usr/bin/python3").args(["-m", "venv", "--clear"]).arg(&folder));
        if environment().is_err() {
            packages::install(&["python3-venv"], "a folder of its own for the newer Patroni")?;
            environment()?;
        }
        let mut pip = Command::new(folder.join("bin/pip"));
        process::output(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PYPI))?;
    }
    drop(held);
    Ok(program)
}

/// A running Patroni cluster.
#[derive(Debug)]
pub struct PatroniLab {
    /// The members stand before etcd, so that they end before it.
    first: Member,
    second: Option<Member>,
    etcd: Etcd,
}

impl PatroniLab {
    /// One member with the options' defaults.
    pub fn single() -> Result<Self> {
        Self::start(&PatroniLabOptions::default())
    }

    /// Two members, the first of which leads.
    pub fn pair() -> Result<Self> {
        Self::start(&PatroniLabOptions { members: 2, ..PatroniLabOptions::default() })
    }

    /// Starts a cluster, and returns when all its members answer and the first one leads.
    pub fn start(options: &PatroniLabOptions) -> Result<Self> {
        install()?;
        let program = program(options.release)?;
        let mut attempt = 1;
        loop {
            match Self::start_once(&program, options) {
                Err(error) if attempt == START_ATTEMPTS => return Err(error),
                Err(_) => attempt += 1,
                started => return started,
            }
        }
    }

    fn start_once(program: &Path, options: &PatroniLabOptions) -> Result<Self> {
        let etcd = Etcd::start()?;
        let start = |name: &str, path: &str| {
            let member = Member::start(program, name, etcd.port(), options)?;
            member.wait_until("ready", || Ok(member.rest("GET", path, "")?.0 == 200))?;
            anyhow::Ok(member)
        };
        let first = start("pg1", "/primary")?;
        let second = if options.members > 1 { Some(start("pg2", "/replica")?) } else { None };
        let lab = Self { first, second, etcd };
        lab.first.wait_until("shown with its timeline", || lab.is_led())?;
        Ok(lab)
    }

    /// The first member (0) or, where there is one, the second.
    fn member(&self, index: usize) -> &Member {
        self.second.as_ref().filter(|_| index > 0).unwrap_or(&self.first)
    }

    /// Where a member's REST interface answers.
    pub fn url(&self, index: usize) -> String {
        self.member(index).url()
    }

    /// A member's name.
    pub fn name(&self, index: usize) -> &str {
        self.member(index).name()
    }

    /// Connection URL of a member's server, as the superuser.
    pub fn dsn(&self, index: usize) -> String {
        self.member(index).dsn()
    }

    /// The TCP port of a member's server.
    pub fn port(&self, index: usize) -> u16 {
        self.member(index).port()
    }

    /// A member's data folder.
    pub fn data_dir(&self, index: usize) -> PathBuf {
        self.member(index).data_dir()
    }

    /// What a member's Patroni has written to its log so far.
    pub fn log(&self, index: usize) -> String {
        self.member(index).log()
    }

    /// Runs statements on a member's server as the superuser and returns the rows of all of them as text; `None` is NULL.
    pub fn query(&self, index: usize, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        super::sql::query(&self.dsn(index), sql).with_context(|| format!("could not run: {}", sql.trim()))
    }

    /// Asks a member's REST interface, with credentials and certificate: status and answer.
    pub fn rest(&self, index: usize, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        self.member(index).rest(method, path, body)
    }

    /// The number of the member that leads.
    pub fn leader(&self) -> Result<usize> {
        let leads = |index: &usize| self.rest(*index, "GET", "/primary", "").is_ok_and(|(status, _)| status == 200);
        (0..=usize::from(self.second.is_some())).find(leads).context("no member leads")
    }

    /// Has the other member lead, and returns when it does and the old one follows.
    pub fn switchover(&self) -> Result<()> {
        let leader = self.leader()?;
        let candidate = usize::from(leader == 0);
        let (from, to) = (self.name(leader), self.name(candidate));
        let body = format!("{{\"leader\": \"{from}\", \"candidate\": \"{to}\"}}");
        let (status, text) = self.rest(leader, "POST", "/switchover", &body)?;
        ensure!(status == 200, "no switchover: {status} {text}");
        self.member(candidate).wait_until("leader", || {
            let is = |index, path| self.rest(index, "GET", path, "").is_ok_and(|(status, _)| status == 200);
            Ok(is(candidate, "/primary") && is(leader, "/replica"))
        })
    }

    /// Restarts a member's server, as a pending restart asks for.
    pub fn restart(&self, index: usize) -> Result<()> {
        let (status, text) = self.rest(index, "POST", "/restart", "{}")?;
        ensure!(status == 200, "no restart: {status} {text}");
        Ok(())
    }

    /// Stops etcd without ending it, as if its machine hung, or has it go on.
    pub fn freeze_dcs(&self, is_frozen: bool) -> Result<()> {
        self.etcd.signal(if is_frozen { "STOP" } else { "CONT" })
    }

    /// The same with a member's Patroni; its server goes on.
    pub fn freeze_member(&self, index: usize, is_frozen: bool) -> Result<()> {
        self.member(index).signal(if is_frozen { "STOP" } else { "CONT" })
    }

    /// Kills a member's Patroni for good; its server goes on.
    pub fn kill_member(&self, index: usize) -> Result<()> {
        self.member(index).signal("KILL")
    }

    /// Ends etcd, as if its machine were gone.
    pub fn stop_dcs(&mut self) {
        self.etcd.stop();
    }

    /// Brings etcd back with what it held, and returns when a member leads again and the others can see on which timeline.
    pub fn start_dcs(&mut self) -> Result<()> {
        self.etcd.begin()?;
        let begun = Instant::now();
        while !self.is_led().unwrap_or_default() {
            ensure!(begun.elapsed() < DONE_WITHIN, "no member leads after etcd is back:\n{}", self.log(0));
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Whether a member leads and has published the timeline that its server is on.
    fn is_led(&self) -> Result<bool> {
        let leader = self.leader()?;
        let answer = |path| -> Result<Value> { Ok(serde_json::from_str(&self.rest(leader, "GET", path, "")?.1)?) };
        let (own, cluster) = (answer("/patroni")?, answer("/cluster")?);
        let mut members = cluster.get("members").and_then(Value::as_array).into_iter().flatten();
        let shown = members.find(|member| member.get("name").is_some_and(|name| name == self.name(leader)));
        let shown = shown.and_then(|member| member.get("timeline"));
        Ok(shown.is_some() && shown == own.get("timeline"))
    }
}
