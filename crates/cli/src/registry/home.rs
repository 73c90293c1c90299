//! pgdba's home: the folder of what it keeps for a user.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Write permission of the group and of everybody else.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// `$PGDBA_HOME`, else `~/.pgdba`.
#[derive(Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// The home of who runs this program.
    pub(crate) fn of_user() -> Result<Self, Failure> {
        Self::find(&|name| std::env::var_os(name))
    }

    /// As the environment says; an empty variable counts as none.
    pub(super) fn find(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let folder = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = folder("PGDBA_HOME").or_else(|| folder("HOME").map(|home| home.join(".pgdba")));
        home.map(Self).ok_or_else(|| {
            let message = "neither PGDBA_HOME nor HOME is set, so there is no place for the registry";
            Failure::usage("no_home", message, "Set PGDBA_HOME to a directory of your own.")
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The registry's file.
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The folder of stored baselines.
    pub(crate) fn baselines(&self) -> PathBuf {
        self.0.join("baselines")
    }

    /// Makes the folder where it is missing, open to its owner alone, and keeps other runs of pgdba from changing
    /// what is in it until the returned file is dropped.
    pub(super) fn lock(&self) -> Result<File, Failure> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|error| Failure::file("make", &self.0, &error))?;
        let folder = File::open(&self.0).and_then(|folder| folder.lock().map(|()| folder));
        folder.map_err(|error| Failure::file("lock", &self.0, &error))
    }

    /// Whether others could change where a name leads, one sentence each.
    pub(super) fn warnings(&self) -> Vec<String> {
        [self.0.clone(), self.config()].iter().filter_map(|path| writable_by_others(path)).collect()
    }
}

fn writable_by_others(path: &Path) -> Option<String> {
    let found = fs::metadata(path).ok()?;
    // Where there is no /proc the owner is not compared.
    let own = fs::metadata("/proc/self").map_or(found.uid(), |process| process.uid());
    let shown = path.display();
    if found.mode() & WRITABLE_BY_OTHERS != 0 {
        let lead = "others can write to it, and so decide where a cluster's name leads";
        return Some(format!("\"{shown}\": {lead}; run: chmod go-w \"{shown}\""));
    }
    let is_foreign = found.uid() != own && found.uid() != 0;
    is_foreign.then(|| format!("\"{shown}\" belongs to another user, who decides where a cluster's name leads"))
}
