//! initdb, pg_ctl and signals: the programs that make, start and end a server, under the server's own user.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::client_tools;
use super::clock::Clock;
use crate::privilege::Account;
use crate::process;

/// How long a signaled server may take to be gone.
const END_WITHIN: Duration = Duration::from_secs(20);
/// How long the system may take to collect the exit code of an ended server.
const COLLECTED_WITHIN: Duration = Duration::from_secs(2);

/// The programs of one installation, run as one user on one data folder.
#[derive(Clone, Debug)]
pub(super) struct Control {
    /// Folder with `bin/`.
    pub(super) binaries: PathBuf,
    pub(super) account: Option<Account>,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    /// The server's command line, one string as `pg_ctl -o` takes it.
    pub(super) command_line: String,
    /// The server's clock, if it is not the machine's.
    pub(super) clock: Option<Clock>,
}

impl Control {
    /// All arguments of initdb but the folder: superuser postgres, no password asked, UTF-8 whatever this machine's locale is.
    pub(super) fn initdb_arguments(more: &[String]) -> Vec<String> {
        let own = ["--no-sync", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"];
        own.into_iter().map(str::to_owned).chain(more.iter().cloned()).collect()
    }

    /// Creates the data folder.
    pub(super) fn initdb(&self, more: &[String]) -> Result<()> {
        let mut command = self.program("initdb");
        process::output(command.args(Self::initdb_arguments(more)).arg("--pgdata").arg(&self.data))?;
        Ok(())
    }

    /// Starts the server and waits until it answers; an error ends with what the server wrote to its log.
    pub(super) fn start(&self) -> Result<()> {
        self.pg_ctl("start", &["-o", &self.command_line])
    }

    /// Starts the server and returns at once.
    pub(super) fn start_without_waiting(&self) -> Result<()> {
        self.pg_ctl("start", &["-W", "-o", &self.command_line])
    }

    /// Stops the server: `smart`, `fast` or `immediate`.
    pub(super) fn stop(&self, mode: &str) -> Result<()> {
        self.pg_ctl("stop", &["-m", mode])
    }

    /// Whether the server runs.
    pub(super) fn is_running(&self) -> bool {
        process::succeeds(self.program("pg_ctl").arg("status").arg("-D").arg(&self.data))
    }

    /// Copies the data folder of the stopped server, for a standby; owner and permissions stay.
    pub(super) fn copy_data_to(&self, folder: &Path) -> Result<()> {
        process::output(Command::new("cp").arg("-a").arg(&self.data).arg(folder))?;
        Ok(())
    }

    /// Makes the server a standby from its next start on.
    pub(super) fn make_standby(&self) -> Result<()> {
        let signal = self.data.join("standby.signal");
        fs::write(&signal, "").with_context(|| format!("could not write {}", signal.display()))?;
        match self.account {
            Some(account) => Ok(chown(&signal, Some(account.uid), Some(account.gid))?),
            None => Ok(()),
        }
    }

    fn pg_ctl(&self, verb: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.program("pg_ctl");
        command.args([verb, "-s", "-w", "-D"]).arg(&self.data).arg("-l").arg(&self.log).args(arguments);
        // The server inherits standard output and keeps it open, so waiting for its end would never end: no pipe here.
        let ended = process::succeeds(&mut command);
        if !ended {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines = log.lines().rev().take(12).collect::<Vec<_>>();
            let tail = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
            bail!("{} failed; the server's log ends:\n{tail}", process::line(&command));
        }
        Ok(())
    }

    /// Moves the counters of the stopped server with Debian's `pg_resetwal`, which only knows servers of its own version.
    pub(super) fn reset_wal(&self, arguments: &[String]) -> Result<()> {
        client_tools::install_client_tools()?;
        let program =
            client_tools::find("pg_resetwal").context("pg_resetwal is not there even after its installation")?;
        process::output(self.command(&program).args(arguments).arg(&self.data))?;
        Ok(())
    }

    /// A program of the installation.
    fn program(&self, name: &str) -> Command {
        self.command(&self.binaries.join("bin").join(name))
    }

    /// A program for the server. It starts in `/`, because the other user may not enter this process's folder.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env_remove("LD_LIBRARY_PATH");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        if let Some(clock) = &self.clock {
            clock.give_to(&mut command);
        }
        command
    }
}

/// Ends the server of this data folder as a power cut would: the main process and all its children at once.
pub(super) fn kill(data: &Path) -> Result<()> {
    let Some(pid) = postmaster(data)? else { return Ok(()) };
    let list = Path::new("/proc").join(&pid).join("task").join(&pid).join("children");
    let children = fs::read_to_string(list).unwrap_or_default();
    let all = std::iter::once(pid.as_str()).chain(children.split_whitespace());
    // A child may have ended by itself in between; what counts is that the main process goes.
    process::succeeds(Command::new("kill").args(["-s", "KILL"]).args(all));
    wait_for_end(&pid)?;
    // Where nobody collects the exit code the process id stays taken, and the next start would take it for a live server.
    fs::remove_file(data.join("postmaster.pid")).ok();
    Ok(())
}

/// Ends the server of this data folder without a checkpoint; for folders of which nothing but the place is known.
pub(super) fn quit(data: &Path) -> Result<()> {
    let Some(pid) = postmaster(data)? else { return Ok(()) };
    process::output(Command::new("kill").args(["-s", "QUIT", &pid]))?;
    wait_for_end(&pid)
}

/// The id of the server's main process; `None` when that process is not, or no longer, a PostgreSQL server.
fn postmaster(data: &Path) -> Result<Option<String>> {
    let file = data.join("postmaster.pid");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let pid: u32 = text.lines().next().unwrap_or_default().trim().parse().context("postmaster.pid holds no number")?;
    // Process ids are used again: after an unclean end this one may be anybody's.
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Ok((name.trim() == "postgres").then(|| pid.to_string()))
}

fn wait_for_end(pid: &str) -> Result<()> {
    let process = Path::new("/proc").join(pid);
    let started = Instant::now();
    while process.exists() {
        if is_zombie(&process) && started.elapsed() > COLLECTED_WITHIN {
            return Ok(());
        }
        if started.elapsed() > END_WITHIN {
            bail!("the server (process {pid}) did not end within {END_WITHIN:?} of its signal");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Sends a signal, such as `STOP`, to a process of our own.
pub(super) fn signal(pid: u32, signal: &str) -> Result<()> {
    process::run(Command::new("kill").args([&format!("-{signal}"), &pid.to_string()]))
}

/// Whether the process of this id runs.
pub(super) fn is_alive(pid: u32) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    process.exists() && !is_zombie(&process)
}

/// Ended, but its exit code was not collected yet. In a container without an init process it never will be.
fn is_zombie(process: &Path) -> bool {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && line.contains('Z'))
}
