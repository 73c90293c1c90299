//! The stored baselines: `baselines/FINGERPRINT/TIME.json.gz` in pgdba's home, readable by their owner only.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pgdba_collector::{AtomicFile, CollectError};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::registry::Home;
use crate::target;

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
    /// This file is of the same server and time, and was left unchanged.
    Kept(PathBuf),
}

impl Store {
    /// That of who runs this program.
    pub(super) fn of_user() -> Result<Self, Failure> {
        Home::of_user().map(|home| Self::at(home.baselines()))
    }

    /// That in a folder, which need not exist yet.
    pub(super) fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Stores the text of a baseline. One that is stored already is never replaced: if `is_same` says that it is this one, it is
    /// kept, otherwise (the other node of the cluster in the same second) this one gets a number.
    pub(super) fn save(
        &self,
        fingerprint: &str,
        collected_at: Timestamp,
        text: &str,
        is_same: impl Fn(&Path) -> bool,
    ) -> Result<Saved, Failure> {
        let folder = self.0.join(fingerprint);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| Failure::file("make", &folder, &error))?;
        let time = collected_at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut path = folder.join(format!("{time}{ENDING}"));
        let mut number = 1_u64;
        while !create(&path, text)? {
            if is_same(&path) {
                return Ok(Saved::Kept(path));
            }
            number += 1;
            // An underscore sorts after the dot of the first.
            path = folder.join(format!("{time}_{number}{ENDING}"));
        }
        Ok(Saved::New(path))
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

/// Writes a file that does not exist yet; false if it does.
fn create(path: &Path, text: &str) -> Result<bool, Failure> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::file("write", path, &error))?;
    match file.commit_new() {
        Ok(()) => Ok(true),
        Err(CollectError::Output { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The contents of a stored file. Only regular files are read: a named pipe would wait for a writer.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let found = fs::metadata(path).map_err(|error| Failure::file("read", path, &error))?;
    if found.is_file() {
        return target::read_bytes(path);
    }
    let message = format!("could not read \"{}\": not a regular file", path.display());
    Err(Failure { code: "file_failed", message, hint: None, exit: Exit::Failed })
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

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (file, socket, link) = ["a.json.gz", "b.json.gz", "c.json.gz"].map(|name| folder.path().join(name)).into();
        fs::write(&file, "{}").unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read(&file).unwrap(), b"{}");
        assert_eq!(read(&link).unwrap(), b"{}");
        for path in [socket.as_path(), folder.path(), Path::new("/dev/null")] {
            assert!(read(path).unwrap_err().message.ends_with("not a regular file"), "{path:?}");
        }
    }

    #[test]
    fn the_other_node_of_the_same_second_gets_a_file_of_its_own() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::at(home.path().join("baselines"));
        let save = |text: &str, is_same: bool| store.save("ab", Timestamp::UNIX_EPOCH, text, |_| is_same).unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut names = Vec::new();
        for text in ["primary", "standby"] {
            let Saved::New(path) = save(text, false) else { panic!("{text} is lost") };
            names.push(name(&path));
        }
        assert_eq!(names, ["19700101T000000Z.json.gz", "19700101T000000Z_2.json.gz"]);
        assert!(matches!(save("primary", true), Saved::Kept(path) if name(&path) == names[0]));
        assert_eq!(store.files("a").unwrap().iter().map(|path| name(path)).collect::<Vec<_>>(), names);
    }
}
