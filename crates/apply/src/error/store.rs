//! What is wrong with the folder of a server's changes.

use std::io;
use std::path::PathBuf;

use pgdba_collector::error::Os;

/// What is wrong with the folder of a server's changes.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The operating system refused.
    #[error("could not {verb} \"{}\": {}", .path.display(), Os(.source))]
    Failed {
        /// What was tried.
        verb: &'static str,
        /// With what.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
    /// There is something else.
    #[error("\"{}\" is not a directory", .0.display())]
    NotAFolder(PathBuf),
    /// Others decide what is in it.
    #[error("\"{}\" is writable by other users, so a rollback could restore their data", .0.display())]
    WritableByOthers(PathBuf),
    /// It is another user's.
    #[error("\"{}\" belongs to another user, so a rollback could restore their data", .0.display())]
    ForeignOwner(PathBuf),
}

impl StoreFault {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed { source, .. } if source.kind() == io::ErrorKind::StorageFull => "store_full",
            Self::Failed { .. } => "store_failed",
            Self::NotAFolder(_) => "store_no_folder",
            Self::WritableByOthers(_) => "store_writable_by_others",
            Self::ForeignOwner(_) => "store_foreign_owner",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::WritableByOthers(path) => format!("Remove the permission with: chmod go-w \"{}\"", path.display()),
            Self::ForeignOwner(_) => {
                "Run pgdba as the owner of that directory, or copy pgdba's home directory, change the owner of the \
                 copy with chown -R, and set PGDBA_HOME to it."
                    .to_owned()
            }
            Self::Failed { path, source, .. } if source.kind() == io::ErrorKind::StorageFull => format!(
                "Nothing was changed. Free space on the file system of \"{}\", or copy pgdba's home directory to \
                 another one and set PGDBA_HOME to it, then run the command again.",
                path.display()
            ),
            Self::Failed { .. } | Self::NotAFolder(_) => {
                "Nothing was changed. Correct the directory, or set PGDBA_HOME to another one.".to_owned()
            }
        }
    }
}
