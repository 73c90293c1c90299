//! libfaketime: the clock of a server that can be moved while it runs, so that old states are made in seconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::packages;

/// Debian puts it here, so that no program uses it by accident.
pub const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// Makes sure that libfaketime is there.
pub fn install() -> Result<()> {
    if Path::new(LIBRARY).exists() {
        return Ok(());
    }
    packages::install(&["libfaketime"], "the clock of the servers that tests make old")
}

/// A clock that is ahead of the machine's by what a file says.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    file: PathBuf,
}

impl Clock {
    /// A clock that is right, for programs that can read this folder.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        install()?;
        let clock = Self { file: folder.join("clock") };
        clock.move_to("+0")?;
        Ok(clock)
    }

    /// Has it be ahead by `offset`, such as `+2d`; running programs notice at once.
    pub(super) fn move_to(&self, offset: &str) -> Result<()> {
        fs::write(&self.file, offset).with_context(|| format!("could not write {}", self.file.display()))
    }

    /// Has the program use it. The monotonic clock, by which programs wait, and the times of files stay as they are.
    pub(super) fn give_to(&self, command: &mut Command) {
        command.env("LD_PRELOAD", LIBRARY).env("FAKETIME_TIMESTAMP_FILE", &self.file);
        for switch in ["FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT", "FAKETIME_DISABLE_SHM"] {
            command.env(switch, "1");
        }
    }
}
