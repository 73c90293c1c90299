//! Why a section, or a database's part of one, is missing from the document.

use std::time::Duration;

use crate::wording::Limit;

/// Why a section, or a database's part of one, is missing. Its text stands in the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    /// The server or the collector's own question says why not, in these words.
    #[error("{0}")]
    Refused(String),
    /// The role lacks SELECT on a relation of the server's own.
    #[error("no SELECT privilege on pg_catalog.{0}")]
    NoSelect(String),
    /// No statement fits the server's version.
    #[error("PostgreSQL {0} does not have it")]
    NotInVersion(i64),
    /// The server did not answer whether the extension is there.
    #[error("could not determine whether the extension {0} is installed")]
    ExtensionUnknown(&'static str),
    /// The extension's version cannot be understood.
    #[error("unrecognized version \"{0}\" of the extension")]
    ExtensionVersion(String),
    /// The extension is older than what any statement fits.
    #[error("version {version} of the extension {extension} is too old; run ALTER EXTENSION {extension} UPDATE")]
    ExtensionTooOld {
        /// The extension.
        extension: &'static str,
        /// Its version.
        version: String,
    },
    /// The connection broke, with the server's or the system's last words.
    #[error("the connection was lost ({0})")]
    Lost(String),
    /// Time was up.
    #[error("the time limit of {} was reached", Limit(*.0))]
    TimeLimit(Duration),
    /// Reading had ended before this part was begun.
    #[error("{end} before this {part}")]
    NotReached {
        /// How it ended.
        end: Box<Missing>,
        /// `section`, `database`.
        part: &'static str,
    },
    /// All databases are templates.
    #[error("no database can be read")]
    NoDatabase,
    /// The section comes from the window of a delta, and there was none.
    #[error("the section is collected only by --delta")]
    OnlyInDelta,
}

/// What came of reading something: nothing to say, or why it is missing.
pub(crate) type Seen = Result<(), Missing>;
