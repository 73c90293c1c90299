//! What pgdba keeps of changes: one folder a server, in it a journal for each change, the configuration from before, the lock.
//!
//! `snapshots/<fingerprint>/` in pgdba's home holds `<id>.json`, `<id>.pre.json.gz` and, while a change is under way,
//! `.lock`. Files appear whole or not at all.

mod lock;
mod rights;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use pgdba_change::journal::Journal;
use pgdba_collector::{AtomicFile, CollectError};

pub use lock::Lock;

use crate::error::{ApplyError, StoreFault};
use crate::holder::{Holder, Operation};

/// Room that is taken before the server is touched, so that a disk that fills up meanwhile does not cut the journal short.
const RESERVE_BYTES: usize = 256 * 1024;

/// The name of the file that holds that room.
const RESERVE: &str = ".reserve";

/// How the names of unfinished files begin.
const UNFINISHED: &str = ".pgdba-";

/// An unfinished file of this age is nobody's any more: writing one takes milliseconds.
const LEFT_OVER: Duration = Duration::from_secs(600);

/// The folder of one server.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The folder of the server with this fingerprint in pgdba's `home`, for reading.
    #[must_use]
    pub fn at(home: &Path, fingerprint: &str) -> Self {
        Self { folder: home.join("snapshots").join(fingerprint) }
    }

    /// The folders of all servers that were ever changed from this home.
    ///
    /// # Errors
    /// [`ApplyError::Store`] where the home cannot be read.
    pub fn all(home: &Path) -> Result<Vec<Self>, ApplyError> {
        let folder = home.join("snapshots");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &folder, error)),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| failed("read", &folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort();
        Ok(folders.into_iter().map(|folder| Self { folder }).collect())
    }

    /// Makes the folder where it is missing, and sees that it belongs to this user alone.
    ///
    /// # Errors
    /// [`ApplyError::Store`]: nothing may be changed on a server then.
    pub fn prepare(&self, home: &Path) -> Result<(), ApplyError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|error| failed("create", &self.folder, error))?;
        for folder in [home, &home.join("snapshots"), &self.folder] {
            rights::check(folder)?;
        }
        Ok(())
    }

    /// Takes the room.
    fn reserve(&self) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        file.write_all(&vec![b' '; RESERVE_BYTES])?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(RESERVE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Gives the room back; whether there was any.
    fn release_reserve(&self) -> bool {
        fs::remove_file(self.folder.join(RESERVE)).is_ok()
    }

    /// Writes a journal; when this returns it is on the disk.
    ///
    /// # Errors
    /// [`ApplyError::Store`]; the former journal is unharmed then.
    pub fn write(&self, journal: &Journal) -> Result<(), ApplyError> {
        let path = self.journal_path(&journal.change_set.id);
        let bytes = journal.to_bytes().map_err(|error| failed("write", &path, io::Error::other(error)))?;
        let write = || {
            let mut file = AtomicFile::create(&path)?;
            file.write_all(&bytes)
                .map_err(|source| CollectError::Output { what: path.display().to_string(), source })?;
            file.commit()
        };
        match write() {
            Err(error) if is_full(&error) && self.release_reserve() => write(),
            outcome => outcome,
        }
        .map_err(|error| match error {
            CollectError::Output { source, .. } => failed("write", &path, source),
            other => ApplyError::Collect(other),
        })
    }

    /// Reads the journal of a change.
    ///
    /// # Errors
    /// [`ApplyError::UnknownChangeSet`], [`ApplyError::Store`], [`ApplyError::BadJournal`].
    pub fn read(&self, id: &str) -> Result<Journal, ApplyError> {
        let path = self.journal_path(id);
        match fs::read(&path) {
            Ok(bytes) => Journal::read(&bytes).map_err(|reason| ApplyError::BadJournal { path, reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ApplyError::UnknownChangeSet(id.to_owned())),
            Err(error) => Err(failed("read", &path, error)),
        }
    }

    /// The ids of all changes, the oldest first: they begin with their time.
    ///
    /// # Errors
    /// [`ApplyError::Store`].
    pub fn ids(&self) -> Result<Vec<String>, ApplyError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &self.folder, error)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| failed("read", &self.folder, error))?.file_name();
            ids.extend(id_of(&name));
        }
        ids.sort();
        Ok(ids)
    }

    /// The one change whose id begins so.
    ///
    /// # Errors
    /// [`ApplyError::UnknownChangeSet`], [`ApplyError::AmbiguousChangeSet`].
    pub fn find(&self, beginning: &str) -> Result<String, ApplyError> {
        only_one(self.ids()?, beginning)
    }

    /// Removes what was kept of an attempt that changed nothing.
    pub fn forget(&self, id: &str) {
        // A file that stays is that of a change that never began.
        drop(fs::remove_file(self.journal_path(id)));
        drop(fs::remove_file(self.pre_snapshot_path(id)));
    }

    /// The one change of all servers of this home whose id begins so, and the folder of its server.
    ///
    /// # Errors
    /// [`ApplyError::UnknownChangeSet`], [`ApplyError::AmbiguousChangeSet`], [`ApplyError::Store`].
    pub fn find_in(home: &Path, beginning: &str) -> Result<(Self, String), ApplyError> {
        let mut found = Vec::new();
        for store in Self::all(home)? {
            found.extend(store.ids()?.into_iter().filter(|id| id.starts_with(beginning)).map(|id| (store.clone(), id)));
        }
        let id = only_one(found.iter().map(|(_, id)| id.clone()).collect(), beginning)?;
        let store = found.into_iter().find(|(_, found)| *found == id).map(|(store, _)| store);
        store.map(|store| (store, id.clone())).ok_or(ApplyError::UnknownChangeSet(id))
    }

    /// The changes that are incomplete, oldest first.
    ///
    /// # Errors
    /// [`ApplyError::Store`], [`ApplyError::BadJournal`].
    pub fn unsettled(&self) -> Result<Vec<Journal>, ApplyError> {
        let mut journals = Vec::new();
        for id in self.ids()? {
            let journal = match self.read(&id) {
                // An attempt that was refused meanwhile is gone.
                Err(ApplyError::UnknownChangeSet(_)) => continue,
                read => read?,
            };
            if !journal.state.is_settled() {
                journals.push(journal);
            }
        }
        Ok(journals)
    }

    /// The changes of this server that are incomplete and may have changed something on it, oldest first, without those that were
    /// released: they prevent other changes.
    ///
    /// # Errors
    /// [`ApplyError::Store`], [`ApplyError::BadJournal`].
    pub fn incomplete(&self) -> Result<Vec<Journal>, ApplyError> {
        let mut journals = self.unsettled()?;
        journals.retain(|journal| journal.state.has_touched_server() && journal.released_at.is_none());
        Ok(journals)
    }

    /// Marks an incomplete change as released, so that it no longer prevents other changes; its journal as it is then. A change that is
    /// complete or was released before stays as it is.
    ///
    /// # Errors
    /// [`ApplyError::Locked`] where a process works on it; [`ApplyError::Store`], [`ApplyError::BadJournal`].
    pub fn release(&self, id: &str, now: Timestamp) -> Result<Journal, ApplyError> {
        let lock = self.take_over(Operation::Unlock, id, &now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())?;
        let released = self.read(id).and_then(|mut journal| {
            if !journal.state.is_settled() && journal.released_at.is_none() {
                journal.released_at = Some(now);
                self.write(&journal)?;
            }
            Ok(journal)
        });
        self.finish();
        lock.release()?;
        released
    }

    /// Where the configuration from before a change is kept.
    #[must_use]
    pub fn pre_snapshot_path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.pre.json.gz"))
    }

    /// Takes the lock for a change, and the room that its journal may need.
    ///
    /// # Errors
    /// [`ApplyError::Locked`], [`ApplyError::Store`].
    pub fn lock(&self, operation: Operation, id: &str, now: &str) -> Result<Lock, ApplyError> {
        let lock = Lock::take(&self.folder, &Holder::this_process(operation, id, now))?;
        self.sweep();
        let Err(error) = self.reserve() else { return Ok(lock) };
        self.release_reserve();
        lock.release()?;
        Err(failed("write to", &self.folder, error))
    }

    /// Takes the lock over from a process that died while it changed `id`; takes it anew where there is none.
    ///
    /// # Errors
    /// [`ApplyError::Locked`] where the owner lives or the lock is another change's.
    pub fn take_over(&self, operation: Operation, id: &str, now: &str) -> Result<Lock, ApplyError> {
        let lock = Lock::take_over(&self.folder, &Holder::this_process(operation, id, now))?;
        self.sweep();
        // A way back is not to fail for want of room.
        drop(self.reserve());
        Ok(lock)
    }

    /// Who holds the lock, and whether that process lives.
    ///
    /// # Errors
    /// [`ApplyError::Store`].
    pub fn holder(&self) -> Result<Option<(Holder, bool)>, ApplyError> {
        Lock::look(&self.folder)
    }

    /// Frees the lock of a process that died.
    ///
    /// # Errors
    /// [`ApplyError::Locked`], [`ApplyError::Store`].
    pub fn unlock(&self, id: &str) -> Result<bool, ApplyError> {
        Lock::free_dead(&self.folder, id)
    }

    /// Removes what processes that died left half-written. What is young may be another process's, which writes it before it
    /// asks for the lock.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let is_old = |entry: &fs::DirEntry| {
            let written = entry.metadata().and_then(|found| found.modified());
            written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > LEFT_OVER))
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && is_old(&entry) {
                // What stays is swept next time.
                drop(fs::remove_file(entry.path()));
            }
        }
    }

    /// Gives back the room that was taken.
    pub fn finish(&self) {
        self.release_reserve();
    }

    /// Where the journal of a change is kept.
    #[must_use]
    pub fn journal_path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

/// The one of `ids` that begins so.
///
/// # Errors
/// [`ApplyError::UnknownChangeSet`], [`ApplyError::AmbiguousChangeSet`].
pub fn only_one(mut ids: Vec<String>, beginning: &str) -> Result<String, ApplyError> {
    ids.retain(|id| id.starts_with(beginning));
    match ids.len() {
        0 | 1 => ids.pop().ok_or_else(|| ApplyError::UnknownChangeSet(beginning.to_owned())),
        _ => Err(ApplyError::AmbiguousChangeSet { beginning: beginning.to_owned(), ids }),
    }
}

/// The id in the name of a journal: 36 characters of a UUID and `.json`.
fn id_of(name: &OsStr) -> Option<String> {
    let id = name.to_str()?.strip_suffix(".json")?;
    let is_id = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    is_id.then(|| id.to_owned())
}

fn is_full(error: &CollectError) -> bool {
    let CollectError::Output { source, .. } = error else { return false };
    matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Has the names in a folder survive a power cut.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> ApplyError {
    // A file stands where one of the folders should be.
    let is_file = |path: &&Path| fs::metadata(path).is_ok_and(|found| !found.is_dir());
    if matches!(source.kind(), io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists)
        && let Some(file) = path.ancestors().find(is_file)
    {
        return ApplyError::Store(StoreFault::NotAFolder(file.to_owned()));
    }
    ApplyError::Store(StoreFault::Failed { verb, path: path.to_owned(), source })
}
