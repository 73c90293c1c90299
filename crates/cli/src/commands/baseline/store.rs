//! The stored baselines: `baselines/FINGERPRINT/TIME.json.gz` in pgdba's home, readable by their owner only.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pgdba_collector::{AtomicFile, CollectError};

use crate::failure::Failure;
use crate::registry::Home;

/// The end of the name of a stored baseline.
const ENDING: &str = ".json.gz";

/// The folder of the stored baselines.
#[derive(Debug)]
pub(super) struct Store(PathBuf);

/// What became of a baseline that was to be stored.
#[derive(Debug)]
pub(super) enum Saved {
    /// It is in this file.
    New(PathBuf),
    /// This file is of the same cluster and the same second, and was left unchanged.
    Kept(PathBuf),
}

impl Store {
    /// That of who runs this program.
    pub(super) fn of_user() -> Result<Self, Failure> {
        Home::of_user().map(|home| Self(home.baselines()))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Stores the text of a baseline. One that is stored already is never replaced.
    pub(super) fn save(&self, fingerprint: &str, collected_at: Timestamp, text: &str) -> Result<Saved, Failure> {
        let folder = self.0.join(fingerprint);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| Failure::file("make", &folder, &error))?;
        let path = folder.join(format!("{}{ENDING}", collected_at.strftime("%Y%m%dT%H%M%SZ")));
        let mut file = AtomicFile::create(&path)?;
        file.write_all(text.as_bytes()).map_err(|error| Failure::file("write", &path, &error))?;
        match file.commit_new() {
            Ok(()) => Ok(Saved::New(path)),
            Err(CollectError::Output { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Saved::Kept(path))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The files of all clusters whose fingerprint begins with `prefix`, each cluster's oldest first.
    pub(super) fn files(&self, prefix: &str) -> Result<Vec<PathBuf>, Failure> {
        let of_cluster = |folder: &PathBuf| name(folder).is_some_and(|name| name.starts_with(prefix));
        let folders = entries(&self.0)?.into_iter().filter(of_cluster);
        let mut files = Vec::new();
        for folder in folders.filter(|folder| folder.is_dir()) {
            files.extend(entries(&folder)?.into_iter().filter(|file| name(file).is_some_and(is_baseline)));
        }
        Ok(files)
    }
}

/// Whether a fingerprint can name a folder: that of a redacted snapshot is what its file says.
pub(super) fn is_digest(fingerprint: &str) -> bool {
    !fingerprint.is_empty() && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_baseline(name: &str) -> bool {
    name.ends_with(ENDING) && !name.starts_with('.')
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// What is in a folder, by name; nothing if it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    match read() {
        Ok(mut paths) => {
            paths.sort();
            Ok(paths)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::file("read", folder, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_names_a_folder() {
        for (text, expected) in [("", false), ("..", false), ("ab/cd", false), ("0aF9", true), ("tok_1", false)] {
            assert_eq!(is_digest(text), expected, "{text}");
        }
    }
}
