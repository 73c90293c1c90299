//! A real Chromium for the tests of the report and the page.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::packages;
use crate::process;

/// Names a Chromium to use instead of the one in PATH; the browser tests read it too.
pub const VARIABLE: &str = "PGDBA_CHROMIUM";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Where a Chromium is. A wrong `$PGDBA_CHROMIUM` is an error: nobody sets it to get another browser.
pub fn find() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let file = PathBuf::from(named);
        if !process::is_executable(&file) {
            bail!("{VARIABLE} names {}, which is not a program", file.display());
        }
        return Ok(Some(file));
    }
    Ok(NAMES.iter().find_map(|name| process::find_in_path(name)))
}

/// Makes sure that there is a Chromium and returns where.
pub fn prepare() -> Result<PathBuf> {
    if let Some(found) = find()? {
        return Ok(found);
    }
    packages::install(&["chromium"], "the browser in which report and page are tested")?;
    find()?.context("chromium is not there even after its installation")
}
