//! One member: its Patroni and, under it, its server.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};

use super::super::client_tools::DEBIAN_BIN;
use super::super::server::free_port;
use super::super::{control, folder};
use super::options::PatroniLabOptions;
use super::{DONE_WITHIN, rest};
use crate::privilege;

/// A running member; dropping it ends Patroni and the server.
#[derive(Debug)]
pub(super) struct Member {
    child: Child,
    name: String,
    options: PatroniLabOptions,
    rest_port: u16,
    port: u16,
    folder: PathBuf,
}

impl Member {
    pub(super) fn start(program: &Path, name: &str, etcd: u16, options: &PatroniLabOptions) -> Result<Self> {
        let account = privilege::server_account()?;
        let folder = folder::create(account)?;
        let (rest_port, port) = (free_port()?, free_port()?);
        let file = folder.join("patroni.yml");
        let text = configuration(name, &folder, (etcd, rest_port, port), options);
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        let log = folder.join("log");
        let output = File::create(&log).with_context(|| format!("could not create {}", log.display()))?;
        let mut command = Command::new(program);
        command.arg(&file).current_dir("/").env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PG")
                || text.starts_with("PATRONI")
                || text.ends_with("_proxy")
                || text.starts_with("PYTHON")
            {
                command.env_remove(&name);
            }
        }
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn();
        let child = child.context("could not start patroni")?;
        folder::note_process(&folder, child.id())?;
        Ok(Self { child, name: name.to_owned(), options: options.clone(), rest_port, port, folder })
    }

    /// Sends a signal to its Patroni, and not to its server: `STOP`, `CONT` or `KILL`.
    pub(super) fn signal(&self, signal: &str) -> Result<()> {
        control::signal(self.child.id(), signal)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn url(&self) -> String {
        let scheme = if self.options.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.rest_port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn dsn(&self) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    pub(super) fn rest(&self, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        rest::ask(&self.options, &format!("{}{path}", self.url()), method, body)
    }

    /// Waits until it is so; a question that cannot be asked yet is asked again.
    pub(super) fn wait_until(&self, what: &str, is_so: impl Fn() -> Result<bool>) -> Result<()> {
        let begun = Instant::now();
        loop {
            let answer = is_so();
            if matches!(answer, Ok(true)) {
                return Ok(());
            }
            let is_running = control::is_alive(self.child.id());
            let reason = answer.err().map(|error| format!("{error:#}\n")).unwrap_or_default();
            let is_early = is_running && begun.elapsed() < DONE_WITHIN;
            ensure!(is_early, "{} is not {what}: {reason}{}", self.name, self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Patroni first, or it would start its server again. Nothing useful can be done about an error here.
        self.child.kill().ok();
        self.child.wait().ok();
        control::quit(&self.data_dir()).ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn configuration(
    name: &str,
    folder: &Path,
    (etcd, rest_port, port): (u16, u16, u16),
    options: &PatroniLabOptions,
) -> String {
    let folder = folder.display();
    let parameters = lines(8, &options.parameters);
    let is_first = name == "pg1";
    let local = if is_first { lines(4, &options.local_parameters) } else { String::new() };
    format!(
        "scope: lab
namespace: /service/
name: {name}
restapi:
  listen: 127.0.0.1:{rest_port}
  connect_address: 127.0.0.1:{rest_port}
{access}etcd3:
  host: 127.0.0.1:{etcd}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 1048576
    postgresql:
      use_pg_rewind: false
      parameters:
{parameters}  initdb:
    - encoding: UTF8
    - no-locale
    - no-sync
  pg_hba:
    - local all all trust
    - host all all 127.0.0.1/32 trust
    - host replication all 127.0.0.1/32 trust
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {folder}/data
  bin_dir: {DEBIAN_BIN}
  pgpass: {folder}/pgpass
  authentication:
    superuser: {{username: postgres, password: x}}
    replication: {{username: repl, password: x}}
  basebackup:
    - checkpoint: fast
  parameters:
    unix_socket_directories: {folder}
    fsync: 'off'
{local}",
        access = access(options)
    )
}

/// Who may do what over the REST interface, and how members show themselves to each other.
fn access(options: &PatroniLabOptions) -> String {
    let mut text = String::new();
    if let Some((user, password)) = &options.credentials {
        let _ = write!(text, "  authentication:\n    username: {user}\n    password: {password}\n");
    }
    if let Some(tls) = &options.tls {
        let [authority, certificate, key] = [&tls.authority, &tls.certificate, &tls.key].map(|path| path.display());
        let verify = if tls.client.is_some() { "required" } else { "none" };
        let _ = write!(
            text,
            "  cafile: {authority}\n  certfile: {certificate}\n  keyfile: {key}\n  verify_client: {verify}\n\
             ctl:\n  cacert: {authority}\n  certfile: {certificate}\n  keyfile: {key}\n"
        );
    }
    text
}

fn lines(indent: usize, parameters: &[(String, String)]) -> String {
    parameters.iter().map(|(name, value)| format!("{:indent$}{name}: {value}\n", "")).collect()
}
