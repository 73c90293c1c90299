//! What keeps a rollback without the server from being made, and what to do about it.

use std::io;
use std::path::PathBuf;

use pgdba_change::offline::Foreign;
use pgdba_collector::error::Os;

/// Why nothing was put back without the server. The text is one sentence, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The change went through Patroni.
    #[error(
        "change set {0} was made through Patroni: its values are in Patroni's dynamic configuration, not in \
         postgresql.auto.conf"
    )]
    Patroni(String),
    /// There is no cluster there.
    #[error("\"{}\" is not a data directory: {reason}", .path.display())]
    NotADataDirectory {
        /// Where.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The cluster there is another one.
    #[error("\"{}\" is the data directory of another server: {reason}", .path.display())]
    OtherServer {
        /// Where.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// Whether it is the right one cannot be checked.
    #[error("cannot check that the change set was applied to the server in \"{}\": {reason}", .path.display())]
    Unverified {
        /// Where.
        path: PathBuf,
        /// What is not known, or differs and need not mean anything.
        reason: String,
    },
    /// The server runs.
    #[error("the server in \"{}\" is running: {reason}", .path.display())]
    Running {
        /// Where.
        path: PathBuf,
        /// How that is known.
        reason: String,
        /// The process.
        pid: i32,
    },
    /// Others changed the same parameters since.
    #[error("changed after change set {id} was applied: {}", listed(foreign))]
    ChangedSince {
        /// The change that would be rolled back.
        id: String,
        /// What is in the file now.
        foreign: Vec<Foreign>,
    },
    /// It failed after it was begun.
    #[error("the rollback of change set {id} is incomplete: {reason}")]
    Incomplete {
        /// Which.
        id: String,
        /// What failed.
        reason: String,
        /// The data directory.
        path: PathBuf,
    },
    /// A file there cannot be read or written.
    #[error("could not {verb} \"{}\": {}", .path.display(), Os(.source))]
    File {
        /// What was tried.
        verb: &'static str,
        /// With what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl OfflineError {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Patroni(_) => "via_patroni",
            Self::NotADataDirectory { .. } => "not_a_data_directory",
            Self::OtherServer { .. } => "other_server",
            Self::Unverified { .. } => "unverified_server",
            Self::Running { .. } => "server_running",
            Self::ChangedSince { .. } => "changed_since",
            Self::Incomplete { .. } => "half_way",
            Self::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => "permission_denied",
            Self::File { .. } => "file_failed",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Patroni(id) => format!(
                "Run pgdba config history --changeset-id {id} for the former values, then set them with patronictl edit-config."
            ),
            Self::NotADataDirectory { .. } => {
                "Pass the directory that contains PG_VERSION and postgresql.auto.conf as --data-directory.".to_owned()
            }
            Self::OtherServer { .. } => {
                "Pass the data directory of the server that was changed as --data-directory.".to_owned()
            }
            Self::Unverified { .. } => "If it is the right server, run the command again with --force.".to_owned(),
            Self::Running { path, pid, .. } => format!(
                "To roll back on the running server, run the command without --offline; otherwise stop it first. If process {pid} \
                 is not a PostgreSQL server, remove the stale \"{}/postmaster.pid\".",
                path.display()
            ),
            Self::ChangedSince { foreign, .. } => {
                let writes: Vec<String> = foreign.iter().map(Foreign::overwritten).collect();
                format!("To overwrite it, run the command again with --force, which writes: {}.", writes.join(", "))
            }
            Self::Incomplete { id, path, .. } => format!(
                "Remove the cause, then run: pgdba config rollback --offline --data-directory \"{}\" --changeset-id {id}",
                path.display()
            ),
            Self::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "Run the command as the user that owns the data directory, or as root.".to_owned()
            }
            Self::File { .. } => "Nothing was changed. Remove the cause, then run the command again.".to_owned(),
        }
    }
}

fn listed(foreign: &[Foreign]) -> String {
    foreign.iter().map(Foreign::to_string).collect::<Vec<_>>().join(", ")
}
