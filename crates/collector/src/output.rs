//! Files that are whole or not there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::{NamedTempFile, PersistError};

use crate::error::CollectError;
use crate::wording::Unwritable;

/// A file that gets its name only once it is complete and on the disk: until [`AtomicFile::commit`] it is a temporary
/// file in the same folder, readable by its owner only, which goes away with this value.
///
/// A name that ends in `.gz` makes it gzip. What is no regular file (a pipe, `/dev/null`) is written to directly.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    encoder: Encoder,
}

#[derive(Debug)]
enum Encoder {
    Plain(BufWriter<Place>),
    Gzip(Box<GzEncoder<BufWriter<Place>>>),
}

#[derive(Debug)]
enum Place {
    Temporary(NamedTempFile),
    Direct(File),
}

impl AtomicFile {
    /// Begins a file that will be `path`.
    ///
    /// # Errors
    /// [`CollectError::Output`] where the folder does not allow it; here and in [`Self::commit`] it names the file.
    pub fn create(path: &Path) -> Result<Self, CollectError> {
        let buffered = Place::buffered(path)?;
        let gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let encoder = if gzip {
            Encoder::Gzip(Box::new(GzEncoder::new(buffered, Compression::default())))
        } else {
            Encoder::Plain(buffered)
        };
        Ok(Self { path: path.to_owned(), encoder })
    }

    /// Checks that a file can be made at `path` or replaced there, and changes nothing.
    ///
    /// # Errors
    /// See [`Self::create`].
    pub fn probe(path: &Path) -> Result<(), CollectError> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Place::buffered(&target).map(drop)
    }

    /// Makes a file that holds `text`.
    ///
    /// # Errors
    /// See [`Self::create`].
    pub fn write_text(path: &Path, text: &str) -> Result<(), CollectError> {
        let mut file = Self::create(path)?;
        file.write_all(text.as_bytes()).map_err(CollectError::document)?;
        file.commit()
    }

    /// Replaces a file of somebody else's with `text`: its permissions and, where that is allowed, its owner stay; a symbolic
    /// link stays one, and what it leads to is replaced. It is never compressed, whatever its name.
    ///
    /// # Errors
    /// See [`Self::create`].
    pub fn replace_text(path: &Path, text: &str) -> Result<(), CollectError> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let out = Place::buffered(&target)?;
        if let (Ok(former), Place::Temporary(temporary)) = (fs::metadata(&target), out.get_ref()) {
            inherit(temporary.as_file(), &former).map_err(|source| failed(path, source))?;
        }
        let mut file = Self { path: target, encoder: Encoder::Plain(out) };
        file.write_all(text.as_bytes()).map_err(CollectError::document)?;
        file.commit()
    }

    /// Completes the file: everything is on the disk before it gets its name, and the name before this returns.
    ///
    /// # Errors
    /// See [`Self::create`]; a file that had the name before is unharmed then.
    pub fn commit(self) -> Result<(), CollectError> {
        self.settle(|file, path| file.persist(path))
    }

    /// As [`Self::commit`], for a file that does not exist yet.
    ///
    /// # Errors
    /// See [`Self::create`]; also if somebody else made the file meanwhile, with [`io::ErrorKind::AlreadyExists`].
    pub fn commit_new(self) -> Result<(), CollectError> {
        self.settle(|file, path| file.persist_noclobber(path))
    }

    fn settle(self, name: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>) -> Result<(), CollectError> {
        let Self { path, encoder } = self;
        encoder.finish().and_then(|place| place.settle(&path, name)).map_err(|source| failed(&path, source))
    }
}

/// Whether two paths lead to one file, which need not exist yet.
#[must_use]
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let named = || Some(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?));
        fs::canonicalize(path).ok().or_else(named)
    };
    a == b || place(a).is_some_and(|place_of_a| place(b) == Some(place_of_a))
}

/// Locks the file that `options` open, until the returned one is dropped: of several runs, one at a time replaces it.
///
/// # Errors
/// It cannot be opened or locked.
pub fn lock(path: &Path, options: &OpenOptions) -> io::Result<File> {
    loop {
        let file = options.open(path)?;
        file.lock()?;
        // Whoever held the lock before replaced the file: what was locked has no name any more.
        let (locked, named) = (file.metadata()?, fs::metadata(path));
        if named.is_ok_and(|named| (named.dev(), named.ino()) == (locked.dev(), locked.ino())) {
            return Ok(file);
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.encoder {
            Encoder::Plain(out) => out.write(bytes),
            Encoder::Gzip(out) => out.write(bytes),
        };
        written.map_err(|source| Unwritable::named(quoted(&self.path), source))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match &mut self.encoder {
            Encoder::Plain(out) => out.flush(),
            // Flushing gzip would only make it larger: what counts is the end.
            Encoder::Gzip(_) => Ok(()),
        };
        flushed.map_err(|source| Unwritable::named(quoted(&self.path), source))
    }
}

impl Encoder {
    fn finish(self) -> io::Result<Place> {
        let buffered = match self {
            Self::Plain(out) => out,
            Self::Gzip(out) => out.finish()?,
        };
        buffered.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Place {
    fn buffered(path: &Path) -> Result<BufWriter<Self>, CollectError> {
        let place = Self::for_path(path).map_err(|source| failed(path, source))?;
        Ok(BufWriter::with_capacity(64 * 1024, place))
    }

    fn for_path(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(found) if !found.is_file() => OpenOptions::new().write(true).open(path).map(Self::Direct),
            _ => tempfile::Builder::new().prefix(".pgdba-").tempfile_in(folder(path)).map(Self::Temporary),
        }
    }

    fn settle(
        self,
        path: &Path,
        name: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>,
    ) -> io::Result<()> {
        let Self::Temporary(file) = self else { return Ok(()) };
        file.as_file().sync_all()?;
        name(file, path).map_err(|error| error.error)?;
        File::open(folder(path))?.sync_all()
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

/// Gives `file` the owner, where that is allowed, and the permissions of the file it replaces.
fn inherit(file: &File, former: &Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (former.uid(), former.gid()) {
        let _ = fchown(file, None, Some(former.gid()));
        let _ = fchown(file, Some(former.uid()), None);
    }
    file.set_permissions(former.permissions())
}

/// The folder of `path`: `.` where it names none.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(path: &Path, source: io::Error) -> CollectError {
    CollectError::Output { what: quoted(path), source }
}

fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "before").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn nothing_stays_of_a_file_that_was_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&folder.path().join("a.json.gz")).unwrap();
        file.write_all(&[7; 200_000]).unwrap();
        drop(file);
        assert_eq!(entries(folder.path()), 0);
    }

    #[test]
    fn a_name_in_gz_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json.gz");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"text").unwrap();
        file.commit().unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_its_link() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link.toml"), folder.path().join("target.toml"));
        fs::write(&target, "before").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o664)).unwrap();
        std::os::unix::fs::symlink("target.toml", &link).unwrap();
        AtomicFile::replace_text(&link, "after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "after");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o664);
        assert_eq!(entries(folder.path()), 2);
    }

    #[test]
    fn a_replaced_file_is_never_compressed_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.gz");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        AtomicFile::replace_text(&path, "after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_probe_changes_nothing_and_finds_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap();
        AtomicFile::probe(&folder.path().join("a.toml")).unwrap();
        assert_eq!(entries(folder.path()), 0);
        let error = AtomicFile::probe(&folder.path().join("no").join("a.toml")).unwrap_err();
        assert_eq!(error.code(), "output_failed");
    }

    #[test]
    fn a_file_is_the_same_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.key"), folder.path().join("b.key"));
        let other_name = folder.path().join(".").join("a.key");
        assert!(is_same_file(&file, &other_name), "of a file that does not exist yet");
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(is_same_file(&file, &other_name) && is_same_file(&link, &file));
        assert!(!is_same_file(&file, &folder.path().join("c.key")));
        assert!(is_same_file(Path::new("x.key"), Path::new("./x.key")));
    }

    #[test]
    fn devices_are_written_to_and_folders_are_refused() {
        let mut file = AtomicFile::create(Path::new("/dev/null")).unwrap();
        file.write_all(b"text").unwrap();
        file.commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let error = AtomicFile::create(Path::new("/")).unwrap_err();
        assert_eq!(
            (error.code(), error.to_string()),
            ("output_failed", "could not write \"/\": is a directory".into())
        );
    }
}
