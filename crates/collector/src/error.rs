//! What can keep a collection from giving a document, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use pgdba_snapshot::redact::KeyError;

use crate::connect_fault::ConnectFault;
use crate::malformed::Malformed;
use crate::target::Target;
pub use crate::wording::Os;
use crate::wording::{Limit, Unwritable};

/// Why there is no document. The text is one sentence that names the server, never a password.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The connection string cannot be taken apart.
    #[error("invalid connection string: {0}")]
    BadDsn(Malformed),
    /// An option of the connection, from the string or from a variable of libpq, cannot be followed.
    #[error("{0}")]
    BadOption(String),
    /// The service that was asked for is not defined, or its definition cannot be followed.
    #[error("{0}")]
    BadService(String),
    /// There is no section of this name.
    #[error("section \"{0}\" does not exist; the sections are {names}", names = section_names())]
    UnknownSection(String),
    /// No session came about.
    #[error("could not connect to {target}: {fault}")]
    Connect {
        /// Where to.
        target: Box<Target>,
        /// Why not.
        fault: ConnectFault,
    },
    /// The server is older than what pgdba reads.
    #[error("the server at {target} is PostgreSQL {version}, but the oldest supported version is 12")]
    ServerTooOld {
        /// Which server.
        target: Box<Target>,
        /// Its version, as it says itself.
        version: String,
    },
    /// The server refused what no section can do without.
    #[error("a required query failed on the server at {target}: {reason}")]
    Refused {
        /// Which server.
        target: Box<Target>,
        /// The server's own words.
        reason: String,
    },
    /// The connection broke before anything was complete.
    #[error("the connection to {target} was lost before any section was complete: {reason}")]
    Lost {
        /// Which server.
        target: Box<Target>,
        /// The server's last words, or what the operating system said.
        reason: String,
    },
    /// The server gave none of what was asked for.
    #[error("nothing could be read from {target}: {reason}")]
    Nothing {
        /// Which server.
        target: Box<Target>,
        /// Why each section is missing.
        reason: String,
    },
    /// Time was up before anything was complete.
    #[error("the time limit of {} was reached before any section was complete", Limit(*.0))]
    TimeLimit(Duration),
    /// The user or the system asked the program to stop.
    #[error("interrupted")]
    Interrupted,
    /// The document could not be written.
    #[error("could not write {what}: {}", Os(.source))]
    Output {
        /// The file, or what stands for it.
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key of a redaction cannot be read or made.
    #[error("could not use the key in \"{}\": {reason}", .path.display())]
    Key {
        /// Where it should come from.
        path: PathBuf,
        /// Why not; nothing of the key itself.
        reason: String,
    },
    /// Another run has written the key file of a redaction meanwhile.
    #[error("could not extend the key in \"{}\": another run changed the file at the same time", .path.display())]
    KeyChanged {
        /// The key file.
        path: PathBuf,
    },
    /// The operating system refused what the runtime needs.
    #[error("could not start: {}", Os(.0))]
    Runtime(io::Error),
}

impl CollectError {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDsn(_) | Self::BadOption(_) => "bad_dsn",
            Self::BadService(_) => "bad_service",
            Self::UnknownSection(_) => "unknown_section",
            Self::Connect { fault, .. } => fault.kind.code(),
            Self::ServerTooOld { .. } => "server_too_old",
            Self::Refused { .. } => "server_refused",
            Self::Nothing { .. } => "nothing_readable",
            Self::Lost { .. } => "connection_lost",
            Self::TimeLimit(_) => "timeout",
            Self::Interrupted => "interrupted",
            Self::Output { .. } => "output_failed",
            Self::Key { .. } => "bad_key",
            Self::KeyChanged { .. } => "key_changed",
            Self::Runtime(_) => "runtime_failed",
        }
    }

    /// The next step, where there is an obvious one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::BadDsn(_) => Some("Write postgres://USER@HOST:PORT/DATABASE or host=… port=… user=… dbname=…."),
            Self::BadService(_) => {
                Some("Define the service in ~/.pg_service.conf, or in the file specified by PGSERVICEFILE.")
            }
            Self::Connect { fault, .. } => fault.kind.hint(),
            Self::TimeLimit(_) => Some("Increase --max-time, or select fewer sections with --sections."),
            Self::Nothing { .. } => Some("Select other sections, or collect as a role that can read these."),
            Self::Lost { .. } => Some("Find the reason in the server log, then run the command again."),
            Self::Key { .. } => Some(KeyError::NO_KEY),
            Self::KeyChanged { .. } => Some("Run the command again."),
            Self::BadOption(_)
            | Self::UnknownSection(_)
            | Self::ServerTooOld { .. }
            | Self::Refused { .. }
            | Self::Interrupted
            | Self::Output { .. }
            | Self::Runtime(_) => None,
        }
    }

    /// Whether the call itself was wrong, so that trying it again cannot help.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::BadDsn(_) | Self::BadOption(_) | Self::BadService(_) | Self::UnknownSection(_))
    }

    /// A failure to write the document, wherever it goes.
    #[must_use]
    pub fn document(source: io::Error) -> Self {
        match source.downcast::<Unwritable>() {
            Ok(Unwritable { what, source }) => Self::Output { what, source },
            Err(source) => Self::Output { what: "the document".to_owned(), source },
        }
    }
}

fn section_names() -> String {
    let names: Vec<_> = pgdba_snapshot::sections::ALL.iter().map(|spec| spec.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_follow_the_style_of_the_server() {
        let full = io::Error::from_raw_os_error(28);
        let error = CollectError::Output { what: "\"a.json\"".to_owned(), source: full };
        assert_eq!(error.to_string(), "could not write \"a.json\": no space left on device");
        let full = Unwritable::named("\"b.json\"".to_owned(), io::Error::from_raw_os_error(28));
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        let error = CollectError::document(full);
        assert_eq!(error.to_string(), "could not write \"b.json\": no space left on device");
        let error = CollectError::TimeLimit(Duration::from_secs(60));
        assert_eq!(error.to_string(), "the time limit of 60 s was reached before any section was complete");
        assert_eq!(Limit(Duration::from_millis(250)).to_string(), "250 ms");
    }
}
