//! The file itself: read, and replaced as a whole.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::data_directory::DataDirectory;
use crate::error::OfflineError;

/// The permission bits of a mode.
const PERMISSIONS: u32 = 0o7777;

/// The largest file that is read: a `postgresql.auto.conf` has a few kilobytes.
const MAX_BYTES: u64 = 16 << 20;

/// The bytes of the file, and whose it is.
pub(super) fn read(directory: &DataDirectory) -> Result<(Vec<u8>, Metadata), OfflineError> {
    let path = directory.auto_conf();
    let failed = |source| OfflineError::File { verb: "read", path: path.clone(), source };
    // A link is not followed: what it leads to may be a file that only root can read.
    let named = fs::symlink_metadata(&path).map_err(failed)?;
    if !named.is_file() {
        return Err(failed(io::Error::other("not a regular file")));
    }
    let file = File::open(&path).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) || opened.len() > MAX_BYTES {
        return Err(failed(io::Error::other("it was replaced while it was being read, or it is too large")));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok((bytes, opened))
}

/// The new file, complete on the disk under the name that the server itself uses for it: the server overwrites what is left of it,
/// and no backup takes it along.
pub(super) struct Prepared {
    path: PathBuf,
    is_in_place: bool,
}

impl Prepared {
    /// Writes it, with owner, group and mode of the original.
    pub(super) fn write(directory: &DataDirectory, original: &Metadata, bytes: &[u8]) -> Result<Self, OfflineError> {
        let path = directory.auto_conf().with_extension("conf.tmp");
        let failed = |source| OfflineError::File { verb: "write", path: path.clone(), source };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // Never through a link that somebody puts there.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        let prepared = Self { path: path.clone(), is_in_place: false };
        fill(file, original, bytes).map_err(failed)?;
        Ok(prepared)
    }

    /// Puts it in the place of the original; when this returns that is on the disk.
    pub(super) fn replace(mut self, directory: &DataDirectory) -> Result<(), OfflineError> {
        let path = directory.auto_conf();
        let failed = |source| OfflineError::File { verb: "replace", path: path.clone(), source };
        fs::rename(&self.path, &path).map_err(failed)?;
        self.is_in_place = true;
        sync(directory.path()).map_err(failed)
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if !self.is_in_place {
            // What stays is overwritten by the server.
            drop(fs::remove_file(&self.path));
        }
    }
}

fn fill(mut file: File, original: &Metadata, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (original.uid(), original.gid()) {
        fchown(&file, Some(original.uid()), Some(original.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(original.mode() & PERMISSIONS))?;
    file.sync_all()
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Reads the file again: it must hold what was written.
pub(super) fn verify(directory: &DataDirectory, expected: &[u8]) -> Result<(), OfflineError> {
    let (bytes, _) = read(directory)?;
    if bytes == expected {
        return Ok(());
    }
    let source = io::Error::other("it was changed during the rollback");
    Err(OfflineError::File { verb: "verify", path: directory.auto_conf(), source })
}
