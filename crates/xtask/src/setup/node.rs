//! Node.js and the modules of the browser tests.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// `node --test` with watchers and mocks as the tests use it is stable since this version.
const OLDEST: u32 = 18;

/// Where the browser tests are, relative to the workspace.
pub const BROWSER_TESTS: &str = "tests/browser";

/// The version of node, if there is one.
pub fn version() -> Option<String> {
    process::output(Command::new("node").arg("--version")).ok().map(|text| text.trim().to_owned())
}

/// Makes sure that node is new enough.
pub fn prepare() -> Result<()> {
    let version = version().with_context(|| format!("node is missing: install Node.js {OLDEST} or newer"))?;
    match major(&version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("node is {version}: install Node.js {OLDEST} or newer"),
    }
}

/// Makes sure that the modules of the browser tests are installed as their lock file says.
pub fn prepare_browser_tests() -> Result<()> {
    prepare()?;
    install_modules(&paths::root().join(BROWSER_TESTS))
}

/// Whether the modules of the browser tests are there and not older than their lock file.
pub fn has_browser_modules() -> bool {
    is_fresh(&paths::root().join(BROWSER_TESTS))
}

fn install_modules(folder: &Path) -> Result<()> {
    if !folder.join("package-lock.json").exists() {
        bail!("{} has no package-lock.json, so there are no browser tests to set up", paths::shown(folder));
    }
    if is_fresh(folder) {
        return Ok(());
    }
    println!("installing the node modules of {} (the browser tests)", paths::shown(folder));
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    // Test tools that would fetch a browser of their own must not: there is Debian's.
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("PUPPETEER_SKIP_DOWNLOAD", "1");
    process::output(&mut install)?;
    Ok(())
}

/// npm writes the inner file last, so an installation that was cut off counts as missing.
fn is_fresh(folder: &Path) -> bool {
    let lock = changed(&folder.join("package-lock.json"));
    let installed = changed(&folder.join("node_modules/.package-lock.json"));
    matches!((lock, installed), (Some(lock), Some(installed)) if installed >= lock)
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|data| data.modified()).ok()
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn modules_older_than_the_lock_file_are_stale() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("package-lock.json");
        let inner = folder.path().join("node_modules/.package-lock.json");
        fs::create_dir(folder.path().join("node_modules")).unwrap();
        fs::write(&lock, "{}").unwrap();
        assert!(!is_fresh(folder.path()));
        fs::write(&inner, "{}").unwrap();
        assert!(is_fresh(folder.path()));
        let later = SystemTime::now() + Duration::from_secs(60);
        fs::File::open(&lock).unwrap().set_modified(later).unwrap();
        assert!(!is_fresh(folder.path()));
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("strange"), None);
    }
}
