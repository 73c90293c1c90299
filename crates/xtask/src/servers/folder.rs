//! The folders of throwaway servers, and sweeping away those whose test was killed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

use super::control;
use crate::privilege::Account;

/// Where the folders may lie, the best place first. Both are short, because the path of a Unix socket below them may have
/// 107 bytes.
const PLACES: [&str; 2] = [MEMORY, "/tmp"];

/// A file system in memory: to make and remove a data directory on a disk costs a second of processor time.
const MEMORY: &str = "/dev/shm";

/// What must be free in memory, in bytes: a folder takes 30 MB, and a hundred of them with data are the most there are at once.
const FREE_MEMORY: u64 = 6 << 30;

const PREFIX: &str = "pgdba-server-";

/// The file in a folder that lists the processes to end with it, one id a line.
const PROCESSES: &str = "processes";

/// Makes a new empty folder whose name holds this process's id: `/dev/shm/pgdba-server-<pid>-<n>`.
pub(super) fn create(account: Option<Account>) -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(place()).join(format!("{PREFIX}{}-{number}", process::id()));
    create_at(&folder, account)?;
    Ok(folder)
}

/// Where the folders of this process lie. What killed tests left is swept away before, as it may be what fills the memory.
fn place() -> &'static str {
    static PLACE: OnceLock<&str> = OnceLock::new();
    PLACE.get_or_init(|| {
        PLACES.iter().for_each(|place| sweep(Path::new(place)));
        if has_free_memory() { MEMORY } else { "/tmp" }
    })
}

/// Whether the file system in memory is there and large enough, and the memory behind it is free.
fn has_free_memory() -> bool {
    let Ok(space) = rustix::fs::statvfs(MEMORY) else { return false };
    let facts = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = facts.lines().find_map(|line| line.strip_prefix("MemAvailable:")?.trim().strip_suffix(" kB"));
    let available: u64 = available.and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or_default();
    space.f_bavail.saturating_mul(space.f_frsize).min(available.saturating_mul(1024)) >= FREE_MEMORY
}

/// Makes `folder` (its parent may be there or not) and gives it to `account`.
pub(super) fn create_at(folder: &Path, account: Option<Account>) -> Result<()> {
    let make = || -> std::io::Result<()> {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::create_dir(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        account.map_or(Ok(()), |account| chown(folder, Some(account.uid), Some(account.gid)))
    };
    make().with_context(|| format!("could not create {}", folder.display()))
}

/// Notes a process that works in `folder` and knows of it by its arguments, so that it goes with the folder.
pub(super) fn note_process(folder: &Path, id: u32) -> Result<()> {
    let file = folder.join(PROCESSES);
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, format!("{before}{id}\n")).with_context(|| format!("could not write {}", file.display()))
}

/// Ends the processes that were noted; an id that is somebody else's by now is left alone.
fn end_processes(folder: &Path) {
    let ids = fs::read_to_string(folder.join(PROCESSES)).unwrap_or_default();
    for id in ids.lines() {
        let arguments = fs::read(Path::new("/proc").join(id).join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&arguments).contains(&format!("{}/", folder.display())) {
            crate::process::succeeds(process::Command::new("kill").args(["-s", "KILL", id]));
        }
    }
}

/// A killed test cannot stop its servers, so the next one does: a folder whose process is gone has no owner any more.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(maker) else { continue };
        if !control::is_alive(pid) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            end_processes(&entry.path());
            control::quit(&entry.path().join("data")).ok();
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// The process id in a folder's name.
fn maker(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_processes_go() {
        let place = tempfile::tempdir().unwrap();
        // Above the largest process id that Linux gives out.
        let dead = place.path().join(format!("{PREFIX}4194999-0"));
        let ours = place.path().join(format!("{PREFIX}{}-0", process::id()));
        let other = place.path().join("pgdba-other");
        for folder in [&dead, &ours, &other] {
            fs::create_dir(folder).unwrap();
        }
        sweep(place.path());
        assert!(!dead.exists() && ours.exists() && other.exists());
    }

    #[test]
    fn noted_processes_go_with_their_folder() {
        let place = tempfile::tempdir().unwrap();
        let dead = place.path().join(format!("{PREFIX}4194999-0"));
        fs::create_dir(&dead).unwrap();
        let start = |file: &Path| {
            let mut command = process::Command::new("sh");
            // It waits for a line that never comes.
            let child = command.args(["-c", "read line"]).arg(file).stdin(process::Stdio::piped()).spawn().unwrap();
            // For a moment it still has the memory of this process, and so its arguments.
            let arguments = format!("/proc/{}/cmdline", child.id());
            while !String::from_utf8_lossy(&fs::read(&arguments).unwrap()).contains(file.to_str().unwrap()) {
                std::thread::yield_now();
            }
            child
        };
        let (mut noted, mut stranger) = (start(&dead.join("patroni.yml")), start(Path::new("/elsewhere/patroni.yml")));
        // The id of the second one was used again by somebody who knows nothing of the folder.
        note_process(&dead, noted.id()).unwrap();
        note_process(&dead, stranger.id()).unwrap();
        sweep(place.path());
        assert!(!dead.exists());
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&noted.wait().unwrap()), Some(9));
        assert!(stranger.try_wait().unwrap().is_none());
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
