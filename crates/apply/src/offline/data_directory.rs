//! A data directory: which cluster it belongs to, and whether its server runs.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use pgdba_change::change_set::ChangeSet;
use pgdba_pg::{ControlFile, ServerVersion};
use pgdba_snapshot::identity::sha256_hex;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::error::OfflineError;

/// The data directory of a cluster.
pub(super) struct DataDirectory {
    /// Without links.
    path: PathBuf,
    found: Metadata,
    /// What is in `PG_VERSION`.
    version: String,
    control: ControlFile,
}

impl DataDirectory {
    /// Looks what `path` is.
    pub(super) fn open(path: &Path) -> Result<Self, OfflineError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let reason = format!("{name} is missing");
                    OfflineError::NotADataDirectory { path: path.parent().unwrap_or(&path).to_owned(), reason }
                }
                _ => OfflineError::File { verb: "read", path, source },
            }
        };
        let path =
            path.canonicalize().map_err(|source| OfflineError::File { verb: "open", path: path.to_owned(), source })?;
        let version_file = path.join("PG_VERSION");
        let version = fs::read_to_string(&version_file).map_err(failed(&version_file))?.trim().to_owned();
        let control_file = path.join("global/pg_control");
        let bytes = fs::read(&control_file).map_err(failed(&control_file))?;
        let control = ControlFile::read(&bytes).ok_or_else(|| OfflineError::NotADataDirectory {
            path: path.clone(),
            reason: "global/pg_control is damaged, or was written on a machine with another byte order".to_owned(),
        })?;
        let found = fs::metadata(&path).map_err(failed(&path))?;
        Ok(Self { path, found, version, control })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that `ALTER SYSTEM` writes.
    pub(super) fn auto_conf(&self) -> PathBuf {
        self.path.join("postgresql.auto.conf")
    }

    /// Sees that the change was made to this cluster; what was found, one sentence each.
    pub(super) fn check_identity(&self, change_set: &ChangeSet, force: bool) -> Result<Vec<String>, OfflineError> {
        let path = self.path.clone();
        let major = ServerVersion(change_set.server_version_num).major().to_string();
        if self.version != major {
            let reason = format!("it is of PostgreSQL {}, and the change set is of PostgreSQL {major}", self.version);
            return Err(OfflineError::OtherServer { path, reason });
        }
        let identifier = self.control.system_identifier.to_string();
        let is_same = change_set.system_identifier.as_ref() == Some(&identifier)
            || sha256_hex(identifier.as_bytes()) == change_set.fingerprint;
        if let (false, Some(expected)) = (is_same, &change_set.system_identifier) {
            let reason = format!("its system identifier is {identifier}, but the change set has {expected}");
            return Err(OfflineError::OtherServer { path, reason });
        }
        match self.doubt(change_set, is_same) {
            Some(reason) if !force => Err(OfflineError::Unverified { path, reason }),
            Some(reason) => Ok(vec![format!("not checked because of --force: {reason}")]),
            None => Ok(Vec::new()),
        }
    }

    /// Why it may be another server; `None` where it is this one. A standby has the system identifier of its primary, so the directory
    /// counts too.
    fn doubt(&self, change_set: &ChangeSet, is_same_cluster: bool) -> Option<String> {
        let Some(recorded) = &change_set.data_directory else {
            let reason = "the change set has neither a system identifier nor a data directory";
            return (!is_same_cluster).then(|| reason.to_owned());
        };
        match fs::metadata(recorded) {
            Ok(found) if self.is(&found) => None,
            // On another machine, moved, or a standby's.
            _ => Some(format!("it was applied to the server in \"{recorded}\"")),
        }
    }

    fn is(&self, other: &Metadata) -> bool {
        (self.found.dev(), self.found.ino()) == (other.dev(), other.ino())
    }

    /// Sees that no server runs on it.
    pub(super) fn check_stopped(&self) -> Result<(), OfflineError> {
        let state = self.control.state();
        let running = |pid, how: &str| {
            let reason = format!("{how} {pid} exists, and the state in the control file is \"{state}\"");
            Err(OfflineError::Running { path: self.path.clone(), reason, pid })
        };
        if let Some(pid) = self.recorded_process()?
            && is_alive(pid)
        {
            return running(pid, "postmaster.pid names process");
        }
        match self.process_inside() {
            Some(pid) => running(pid, "its server process"),
            None => Ok(()),
        }
    }

    /// The process in `postmaster.pid`; a standalone server writes its number with a minus.
    fn recorded_process(&self) -> Result<Option<i32>, OfflineError> {
        let path = self.path.join("postmaster.pid");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(OfflineError::File { verb: "read", path, source }),
        };
        let first = text.lines().next().unwrap_or_default().trim();
        match first.parse::<i32>() {
            Ok(pid) if pid != 0 => Ok(Some(pid.saturating_abs())),
            // An empty file is a server that is just starting.
            _ => {
                let source = io::Error::other("it does not start with a process ID");
                Err(OfflineError::File { verb: "read", path, source })
            }
        }
    }

    /// A server process whose working directory this is: every one of them has the data directory. It is seen also where its number is
    /// that of another namespace, as in a container, or where `postmaster.pid` was removed.
    fn process_inside(&self) -> Option<i32> {
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.find(|pid| {
            let process = Path::new("/proc").join(pid.to_string());
            let is_inside = fs::metadata(process.join("cwd")).is_ok_and(|directory| self.is(&directory));
            let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
            is_inside && ["postgres", "postmaster"].iter().any(|server| name.contains(server))
        })
    }
}

/// Whether the process exists; one that belongs to another user exists too.
fn is_alive(pid: i32) -> bool {
    let Some(pid) = Pid::from_raw(pid) else { return false };
    // After a restart of the machine or container our own number may be that of the former server.
    pid != rustix::process::getpid() && test_kill_process(pid) != Err(Errno::SRCH)
}
