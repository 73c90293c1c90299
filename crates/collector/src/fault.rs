//! What can go wrong between two rows.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::wording::Os;

/// Why a statement gave less than it should.
#[derive(Debug)]
pub enum Fault {
    /// The server refused the statement. The session goes on.
    Server(Refused),
    /// The server's answer could not be understood. The session goes on.
    Answer(String),
    /// The server's answer holds text that is not valid UTF-8. The session goes on.
    Encoding(String),
    /// The session is over.
    Lost(String),
    /// The time for the whole collection is over, and so is the session.
    TimeLimit,
    /// Somebody asked the program to stop.
    Interrupted,
    /// The document cannot be written.
    Output(io::Error),
}

/// What the server said in place of an answer.
#[derive(Debug)]
pub struct Refused {
    /// Its own words.
    pub text: String,
    /// The SQLSTATE: texts are translated.
    pub state: String,
}

impl Fault {
    /// Why the answer is missing, where the session goes on.
    ///
    /// # Errors
    /// The fault itself where the session does not go on.
    pub fn reason(self) -> Result<String, Self> {
        match self {
            Self::Server(Refused { text, .. }) | Self::Answer(text) | Self::Encoding(text) => Ok(text),
            Self::Lost(_) | Self::TimeLimit | Self::Interrupted | Self::Output(_) => Err(self),
        }
    }

    /// Whether text in an encoding that does not fit is what stands between us and the answer.
    pub(crate) fn is_encoding(&self) -> bool {
        match self {
            Self::Encoding(_) => true,
            // character_not_in_repertoire, untranslatable_character
            Self::Server(refused) => matches!(refused.state.as_str(), "22021" | "22P05"),
            _ => false,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(db) if ends_session(db) => Self::Lost(server_text(db)),
            Some(db) => Self::Server(Refused { text: server_text(db), state: db.code().code().to_owned() }),
            None => Self::Lost(lost_text(&error)),
        }
    }
}

/// The server's own words with their detail and SQLSTATE.
pub(crate) fn server_text(error: &DbError) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{detail} (SQLSTATE {})", error.message(), error.code().code())
}

fn lost_text(error: &Error) -> String {
    match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(os) => Os(os).to_string(),
        None if error.is_closed() => "the server closed the connection unexpectedly".to_owned(),
        None => error.to_string(),
    }
}

/// Whether the server ended the session with this error.
fn ends_session(error: &DbError) -> bool {
    use tokio_postgres::error::Severity;
    matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}
