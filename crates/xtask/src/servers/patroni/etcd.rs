//! The store behind Patroni.

use std::fs::File;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};

use super::super::server::free_port;
use super::super::{control, folder};
use super::ETCD;
use crate::privilege;

/// How long etcd may take to listen.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A running etcd of one member; dropping it ends it.
#[derive(Debug)]
pub(super) struct Etcd {
    child: Option<Child>,
    port: u16,
    peer_port: u16,
    folder: PathBuf,
}

impl Etcd {
    pub(super) fn start() -> Result<Self> {
        let folder = folder::create(privilege::server_account()?)?;
        let mut etcd = Self { child: None, port: free_port()?, peer_port: free_port()?, folder };
        etcd.begin()?;
        Ok(etcd)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Starts it, with what it held before if there is anything.
    pub(super) fn begin(&mut self) -> Result<()> {
        let [client, peer] = [self.port, self.peer_port].map(|port| format!("http://127.0.0.1:{port}"));
        let log = self.folder.join("log");
        let output = File::create(&log).with_context(|| format!("could not create {}", log.display()))?;
        let mut command = Command::new(ETCD);
        command.current_dir("/").arg("--data-dir").arg(self.folder.join("etcd"));
        command.args(["--name", "lab", "--listen-client-urls", &client, "--advertise-client-urls", &client]);
        command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
        command.args(["--initial-cluster", &format!("lab={peer}"), "--log-level", "warn", "--unsafe-no-fsync"]);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ETCD")) {
            command.env_remove(name);
        }
        if let Some(account) = privilege::server_account()? {
            command.uid(account.uid).gid(account.gid);
        }
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn();
        let child = self.child.insert(child.context("could not start etcd")?);
        folder::note_process(&self.folder, child.id())?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let is_running = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
            let words = || fs::read_to_string(&log).unwrap_or_default();
            ensure!(is_running && begun.elapsed() < READY_WITHIN, "etcd does not listen:\n{}", words());
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Stops or continues its process: `STOP` or `CONT`.
    pub(super) fn signal(&self, signal: &str) -> Result<()> {
        let child = self.child.as_ref().context("etcd does not run")?;
        control::signal(child.id(), signal)
    }

    pub(super) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Nothing useful can be done about an error here.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        self.stop();
        fs::remove_dir_all(&self.folder).ok();
    }
}
