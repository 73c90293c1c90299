//! Whether a folder belongs to this user alone: who can write there decides what is put back.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::failed;
use crate::error::{ApplyError, StoreFault};

/// Write permission of the group and of everybody else.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Refuses a folder that others can write to or that is another user's.
pub(super) fn check(folder: &Path) -> Result<(), ApplyError> {
    let found = fs::metadata(folder).map_err(|error| failed("read", folder, error))?;
    if !found.is_dir() {
        return Err(ApplyError::Store(StoreFault::NotAFolder(folder.to_owned())));
    }
    if found.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err(ApplyError::Store(StoreFault::WritableByOthers(folder.to_owned())));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(ApplyError::Store(StoreFault::ForeignOwner(folder.to_owned())));
    }
    Ok(())
}
