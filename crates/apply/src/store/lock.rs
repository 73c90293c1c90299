//! The lock file: who changes this server from this home, and whether that process still lives.
//!
//! The file appears with its content and already locked (`flock`) by its owner, so nobody ever sees it half-written or without
//! an owner; the system lets go of that lock when the process dies, however it dies, and process numbers that are used again
//! or hidden by a container deceive nobody.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::{UNFINISHED, failed, sync};
use crate::error::ApplyError;
use crate::holder::Holder;

/// The name of the lock file.
const NAME: &str = ".lock";

/// How often the file may change hands while it is looked at.
const ATTEMPTS: usize = 20;

/// How often somebody who only looks is waited for.
const LOOKS: usize = 5;

/// How long a look at the file takes, generously.
const A_LOOK: Duration = Duration::from_millis(20);

/// The lock, held until [`Lock::release`]. Where it is only dropped, as by a process that dies, the file stays and says what
/// was going on.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Open as long as the lock is held; its number tells whether the name still leads to it.
    file: File,
}

/// What the name of the lock file leads to.
struct Found {
    file: File,
    holder: Option<Holder>,
    is_alive: bool,
}

impl Lock {
    pub(super) fn take(folder: &Path, holder: &Holder) -> Result<Self, ApplyError> {
        let path = folder.join(NAME);
        for _ in 0..ATTEMPTS {
            let temporary = written(folder, holder).map_err(|error| failed("write to", folder, error))?;
            match fs::hard_link(temporary.path(), &path) {
                Ok(()) => return Self::settled(folder, path, temporary),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("create", &path, error)),
            }
            // Gone meanwhile: its owner was just done.
            if let Some(found) = find(&path, Claim::Look)? {
                return Err(held(found, folder));
            }
        }
        Err(failed("create", &path, io::Error::other("it is created and removed repeatedly")))
    }

    /// The file has its name; the temporary one is not needed any more.
    fn settled(folder: &Path, path: PathBuf, temporary: NamedTempFile) -> Result<Self, ApplyError> {
        let file = temporary.as_file().try_clone().map_err(|error| failed("open", &path, error))?;
        drop(temporary);
        sync(folder).map_err(|error| failed("write to", folder, error))?;
        Ok(Self { path, file })
    }

    pub(super) fn take_over(folder: &Path, holder: &Holder) -> Result<Self, ApplyError> {
        let path = folder.join(NAME);
        let Some(found) = find(&path, Claim::TakeOver)? else { return Self::take(folder, holder) };
        let is_own = found.holder.as_ref().is_some_and(|former| former.changeset_id == holder.changeset_id);
        if found.is_alive || !is_own {
            return Err(held(found, folder));
        }
        // `found.file` is locked by us now, so no other process can take over what we replace.
        let temporary = written(folder, holder).map_err(|error| failed("write to", folder, error))?;
        let file = temporary.as_file().try_clone().map_err(|error| failed("open", &path, error))?;
        temporary.persist(&path).map_err(|error| failed("write", &path, error.error))?;
        sync(folder).map_err(|error| failed("write to", folder, error))?;
        Ok(Self { path, file })
    }

    pub(super) fn look(folder: &Path) -> Result<Option<(Holder, bool)>, ApplyError> {
        let found = find(&folder.join(NAME), Claim::Look)?;
        match found {
            None => Ok(None),
            Some(Found { holder: Some(holder), is_alive, .. }) => Ok(Some((holder, is_alive))),
            Some(found) => Err(held(found, folder)),
        }
    }

    pub(super) fn free_dead(folder: &Path, id: &str) -> Result<bool, ApplyError> {
        let path = folder.join(NAME);
        let Some(found) = find(&path, Claim::TakeOver)? else { return Ok(false) };
        let is_other = found.holder.as_ref().is_some_and(|holder| holder.changeset_id != id);
        if found.is_alive || is_other {
            return Err(held(found, folder));
        }
        Self { path, file: found.file }.release().map(|()| true)
    }

    /// Frees the lock.
    ///
    /// # Errors
    /// [`ApplyError::Store`] where the file cannot be removed.
    pub fn release(self) -> Result<(), ApplyError> {
        if is_same(&self.file, &self.path) {
            fs::remove_file(&self.path).map_err(|error| failed("remove", &self.path, error))?;
        }
        Ok(())
    }
}

/// A file that holds `holder`, locked, still under a name of its own.
fn written(folder: &Path, holder: &Holder) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.as_file().lock()?;
    serde_json::to_writer(&mut file, holder)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// What somebody wants of a lock file whose owner may be dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// To see who it is; several may look at once.
    Look,
    /// To be the only one to take it from the dead.
    TakeOver,
}

/// What the name leads to. A dead owner's file is locked by us as long as the answer is kept.
fn find(path: &Path, claim: Claim) -> Result<Option<Found>, ApplyError> {
    for attempt in 0..ATTEMPTS {
        let mut file = match OpenOptions::new().read(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", path, error)),
        };
        let locked = match claim {
            Claim::Look => file.try_lock_shared(),
            Claim::TakeOver => file.try_lock(),
        };
        let is_alive = match locked {
            Ok(()) => false,
            // It may be somebody who only looks.
            Err(TryLockError::WouldBlock) if claim == Claim::TakeOver && attempt < LOOKS => {
                std::thread::sleep(A_LOOK);
                continue;
            }
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(failed("lock", path, error)),
        };
        // Replaced or removed meanwhile: what was opened says nothing about what is there now.
        if !is_same(&file, path) {
            continue;
        }
        let mut text = String::new();
        let holder = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
        return Ok(Some(Found { file, holder, is_alive }));
    }
    Err(failed("read", path, io::Error::other("it keeps changing")))
}

fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// Who holds the lock; a file with other content than a lock's is named.
fn held(found: Found, folder: &Path) -> ApplyError {
    match found.holder {
        Some(holder) => ApplyError::Locked { holder: Box::new(holder), is_alive: found.is_alive },
        None => ApplyError::BadLock { path: folder.join(NAME) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holder::Operation;

    fn holder(id: &str) -> Holder {
        Holder::this_process(Operation::Apply, id, "2026-11-24T12:00:00Z")
    }

    /// What is left when a process dies: the file without the lock of the system.
    fn die(lock: Lock) {
        drop(lock);
    }

    #[test]
    fn a_second_owner_is_told_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path(), &holder("a")).unwrap();
        let error = Lock::take(folder.path(), &holder("b")).unwrap_err();
        let ApplyError::Locked { holder: found, is_alive } = error else { panic!("{error}") };
        assert_eq!((found.changeset_id.as_str(), is_alive), ("a", true));
        assert!(Lock::take_over(folder.path(), &holder("a")).is_err(), "the owner lives");
        assert!(Lock::free_dead(folder.path(), "a").is_err(), "the owner lives");
        lock.release().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        Lock::take(folder.path(), &holder("b")).unwrap().release().unwrap();
    }

    #[test]
    fn a_dead_owners_lock_stays_until_it_is_taken_over_or_freed_by_name() {
        let folder = tempfile::tempdir().unwrap();
        die(Lock::take(folder.path(), &holder("a")).unwrap());
        let (found, is_alive) = Lock::look(folder.path()).unwrap().unwrap();
        assert_eq!((found.changeset_id.as_str(), is_alive), ("a", false));
        assert!(Lock::take(folder.path(), &holder("b")).is_err(), "stolen");
        assert!(Lock::take_over(folder.path(), &holder("b")).is_err(), "another change's");
        assert!(Lock::free_dead(folder.path(), "b").is_err(), "another change's");
        let lock = Lock::take_over(folder.path(), &holder("a")).unwrap();
        assert!(Lock::look(folder.path()).unwrap().unwrap().1, "taken over and not alive");
        die(lock);
        assert!(Lock::free_dead(folder.path(), "a").unwrap());
        assert!(!Lock::free_dead(folder.path(), "a").unwrap());
    }

    /// Many at once: exactly one has it at any time.
    #[test]
    fn of_many_one_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let taken = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (folder, taken) = (folder.path(), &taken);
                scope.spawn(move || {
                    for _ in 0..50 {
                        let Ok(lock) = Lock::take(folder, &holder(&number.to_string())) else { continue };
                        let before = taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        assert_eq!(before, 0, "two owners");
                        taken.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                        lock.release().unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
