//! Two processes that install the same thing at once: the second one waits and then finds it done.

use std::fs::File;

use anyhow::{Context, Result};

use crate::paths;

/// Waits for, and then holds, the lock of this name until the returned file is dropped.
///
/// The kernel frees it when the process ends, however it ends; the empty file stays.
pub fn exclusive(name: &str) -> Result<File> {
    let place = paths::cache()?.join(format!("{name}.lock"));
    let file = File::create(&place).with_context(|| format!("could not create {}", place.display()))?;
    file.lock().with_context(|| format!("could not lock {}", place.display()))?;
    Ok(file)
}
