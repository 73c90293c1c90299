//! Where things lie: the workspace, what is built, and what is kept between builds.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::privilege::is_root;

/// The root of the workspace: the folder with the lock file above the running package.
///
/// What was compiled in is the last resort only, because two checkouts may share one target folder and then one binary.
pub fn root() -> PathBuf {
    let compiled_in = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or(compiled_in, PathBuf::from);
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").exists());
    root.unwrap_or(&package).to_path_buf()
}

/// Cargo's target folder: `$CARGO_TARGET_DIR`, else `target/` in the workspace.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Makes and returns the cache folder, which outlives `cargo clean`: `$PGDBA_CACHE`, else `/var/cache/pgdba` for root,
/// else `~/.cache/pgdba`.
///
/// Root's cache is not below /root because the servers in it run as another user, who must be able to reach them.
pub fn cache() -> Result<PathBuf> {
    let folder = if let Some(folder) = std::env::var_os("PGDBA_CACHE") {
        PathBuf::from(folder)
    } else if is_root() {
        PathBuf::from("/var/cache/pgdba")
    } else if let Some(home) = std::env::var_os("HOME") {
        Path::new(&home).join(".cache/pgdba")
    } else {
        bail!("no folder for the cache: set PGDBA_CACHE or HOME");
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    folder.canonicalize().with_context(|| format!("could not resolve {}", folder.display()))
}

/// `path` relative to the workspace where it lies in it: messages are shorter so.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
