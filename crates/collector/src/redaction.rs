//! Redacting a finished document, and the key file beside it.
//!
//! The whole document is in memory meanwhile: a word in the first statement may be the name of the last table.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::redact::{self, Key, SECRET_BYTES};

use crate::collect::collect;
use crate::dsn::ConnectOptions;
use crate::error::{CollectError, Os};
use crate::options::CollectOptions;
use crate::outcome::Collected;
use crate::output::{AtomicFile, is_same_file, lock};

/// Where the operating system gives random numbers.
const RANDOM: &str = "/dev/urandom";

/// The largest key file, in bytes; a name takes about fifty.
const LARGEST_KEY: u64 = 1 << 28;

/// A key, and the file it is kept in, if any.
#[derive(Debug)]
pub struct KeyFile {
    path: Option<PathBuf>,
    /// What the file contained; none if there was none.
    former: Option<Vec<u8>>,
    key: Key,
}

impl KeyFile {
    /// The key in `path`, a new one where there is no such file. Without a path the key is forgotten in the end, and
    /// nobody can restore what it redacted. `output` is where the document will go.
    ///
    /// # Errors
    /// [`CollectError::Key`] where the file cannot be read or is no key, the document would overwrite it, or there are
    /// no random numbers.
    pub fn open(path: Option<&Path>, output: Option<&Path>) -> Result<Self, CollectError> {
        if let Some(path) = path.filter(|path| output.is_some_and(|output| is_same_file(path, output))) {
            let reason = "it is also the output file".to_owned();
            return Err(CollectError::Key { path: path.to_owned(), reason });
        }
        // What cannot be looked at is not taken for missing: a key would be lost.
        let former = path.filter(|path| path.try_exists().unwrap_or(true)).map(key_bytes).transpose()?;
        let key = match (path, &former) {
            (Some(path), Some(bytes)) => key_of(path, bytes)?,
            _ => new_key()?,
        };
        Ok(Self { path: path.map(Path::to_owned), former, key })
    }

    /// Writes `snapshot` to `out` with tokens in place of names.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn redact<W: Write>(&mut self, snapshot: &DiagSnapshot, out: W) -> Result<W, CollectError> {
        redact::redact(snapshot, &mut self.key, out).map_err(CollectError::document)
    }

    /// Writes the key to its file, which only its owner can read. To be done before the document gets its name: a
    /// document without its key cannot be restored.
    ///
    /// # Errors
    /// [`CollectError::Output`], with the old file unharmed. [`CollectError::KeyChanged`] where another run has written the file
    /// since [`Self::open`]: it gave the same tokens to other names, so one of the two documents could not be restored.
    pub fn commit(&self) -> Result<(), CollectError> {
        let Some(path) = &self.path else { return Ok(()) };
        let text = self.key.to_json().map_err(|error| CollectError::document(error.into()))?;
        let changed = || CollectError::KeyChanged { path: path.clone() };
        let Some(former) = &self.former else {
            let mut file = AtomicFile::create(path)?;
            file.write_all(text.as_bytes()).map_err(CollectError::document)?;
            let is_taken = |source: &io::Error| source.kind() == io::ErrorKind::AlreadyExists;
            return file.commit_new().map_err(|error| match error {
                CollectError::Output { source, .. } if is_taken(&source) => changed(),
                other => other,
            });
        };
        let locked = lock(path, OpenOptions::new().read(true)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => changed(),
            _ => CollectError::Key { path: path.clone(), reason: Os(&error).to_string() },
        })?;
        if key_bytes(path)? != *former {
            return Err(changed());
        }
        // A symbolic link stays one: the key behind it is extended.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        AtomicFile::write_text(&target, &text)?;
        drop(locked);
        Ok(())
    }
}

/// Reads a key file.
///
/// # Errors
/// [`CollectError::Key`], which names the file and shows nothing of it.
pub fn read_key(path: &Path) -> Result<Key, CollectError> {
    key_of(path, &key_bytes(path)?)
}

/// The contents of a key file. An endless one is read to the limit only.
fn key_bytes(path: &Path) -> Result<Vec<u8>, CollectError> {
    let failed = |reason: String| CollectError::Key { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST_KEY + 1).read_to_end(&mut bytes));
    read.map_err(|error| failed(Os(&error).to_string()))?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST_KEY);
    if fits { Ok(bytes) } else { Err(failed("it is larger than any key".to_owned())) }
}

fn key_of(path: &Path, bytes: &[u8]) -> Result<Key, CollectError> {
    Key::read(bytes).map_err(|error| CollectError::Key { path: path.to_owned(), reason: error.to_string() })
}

fn new_key() -> Result<Key, CollectError> {
    let mut secret = [0; SECRET_BYTES];
    File::open(RANDOM)
        .and_then(|mut random| random.read_exact(&mut secret))
        .map_err(|error| CollectError::Key { path: PathBuf::from(RANDOM), reason: Os(&error).to_string() })?;
    Ok(Key::new(&secret))
}

/// As [`collect()`]; with a key the document is redacted before the first byte of it is written to `out`, and so are the
/// warnings.
///
/// # Errors
/// Those of [`collect()`].
pub async fn collect_redacted<W: Write>(
    connect: &ConnectOptions,
    options: &CollectOptions,
    key: Option<&mut KeyFile>,
    out: W,
    progress: &mut dyn FnMut(&str),
) -> Result<(W, Collected), CollectError> {
    let Some(key) = key else { return collect(connect, options, out, progress).await };
    let (document, mut collected) = collect(connect, options, Vec::new(), progress).await?;
    let snapshot = pgdba_snapshot::read(&document).map_err(|error| CollectError::document(io::Error::other(error)))?;
    drop(document);
    let out = key.redact(&snapshot, out)?;
    // Warnings name databases, and are shown beside the document.
    collected.warnings = collected.warnings.iter().map(|warning| redact::message(warning, &mut key.key)).collect();
    Ok((out, collected))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::missing::Missing;

    const DOCUMENT: &str = r#"{"format":"pgdba.diag_snapshot","format_version":1,"sections":{"pg_class":
        {"available":true,"columns":["oid","relname"],"rows":[[1,"orders"]]}}}"#;

    fn redacted(key: &mut KeyFile, document: &str) -> String {
        let snapshot = pgdba_snapshot::read(document.as_bytes()).unwrap();
        String::from_utf8(key.redact(&snapshot, Vec::new()).unwrap()).unwrap()
    }

    #[test]
    fn a_key_file_is_its_owners_alone_and_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.key");
        let mut key = KeyFile::open(Some(&path), None).unwrap();
        assert!(redacted(&mut key, DOCUMENT).contains("[1,\"t1\"]"));
        key.commit().unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        let mut again = KeyFile::open(Some(&path), None).unwrap();
        assert!(
            redacted(&mut again, &DOCUMENT.replace("[[1,", "[[2,\"items\"],[1,")).contains("[2,\"t2\"],\n[1,\"t1\"]")
        );
        again.commit().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"t1\": \"orders\"") && text.contains("\"t2\": \"items\""), "{text}");
    }

    #[test]
    fn a_link_to_a_key_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("site.key"), folder.path().join("link.key"));
        KeyFile::open(Some(&path), None).unwrap().commit().unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut key = KeyFile::open(Some(&link), None).unwrap();
        redacted(&mut key, DOCUMENT);
        key.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&path).unwrap().contains("orders"));
    }

    #[test]
    fn of_two_runs_at_the_same_time_one_gets_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.key");
        let open = || KeyFile::open(Some(&path), None).unwrap();
        let changed = "could not extend the key in \"";
        let (mut first, mut second) = (open(), open());
        redacted(&mut first, DOCUMENT);
        redacted(&mut second, &DOCUMENT.replace("orders", "items"));
        first.commit().unwrap();
        assert!(second.commit().unwrap_err().to_string().starts_with(changed));

        let (mut first, mut second) = (open(), open());
        redacted(&mut first, &DOCUMENT.replace("orders", "items"));
        redacted(&mut second, &DOCUMENT.replace("orders", "parts"));
        second.commit().unwrap();
        let kept = fs::read(&path).unwrap();
        assert!(first.commit().unwrap_err().to_string().starts_with(changed));
        assert_eq!(fs::read(&path).unwrap(), kept);
        fs::remove_file(&path).unwrap();
        assert!(first.commit().unwrap_err().to_string().starts_with(changed));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn keys_differ_and_what_is_no_key_is_not_overwritten() {
        let id = |key: &KeyFile| key.key.id();
        assert_ne!(id(&KeyFile::open(None, None).unwrap()), id(&KeyFile::open(None, None).unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.key");
        fs::write(&path, "hunter2").unwrap();
        let error = KeyFile::open(Some(&path), None).unwrap_err();
        assert_eq!(error.code(), "bad_key");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        for output in ["a", "./a"] {
            let error = KeyFile::open(Some(Path::new("a")), Some(Path::new(output))).unwrap_err();
            assert_eq!(error.to_string(), "could not use the key in \"a\": it is also the output file");
        }
        let error = read_key(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "could not use the key in \"/dev/zero\": it is larger than any key");
    }

    /// What the collector says of a section is in the document, so it must be readable without the key.
    #[test]
    fn the_reasons_of_missing_sections_are_not_redacted() {
        let lost = || Missing::Lost("server closed the connection unexpectedly".to_owned());
        let reasons = [
            Missing::NoSelect("pg_authid".to_owned()),
            Missing::NotInVersion(12),
            Missing::ExtensionUnknown("pg_stat_statements"),
            Missing::ExtensionTooOld { extension: "pg_stat_statements", version: "1.6".to_owned() },
            lost(),
            Missing::TimeLimit(Duration::from_secs(60)),
            Missing::NotReached { end: Box::new(lost()), part: "database" },
            Missing::NoDatabase,
            Missing::OnlyInDelta,
        ];
        for reason in reasons.map(|reason| reason.to_string()) {
            let mut key = KeyFile::open(None, None).unwrap();
            assert_eq!(redact::message(&reason, &mut key.key), reason);
        }
    }
}
