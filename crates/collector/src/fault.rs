//! What can go wrong between two rows.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::connect::ends_session;
use crate::error::Os;

/// Why a statement gave less than it should.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server refused the statement. The session goes on.
    Server(String),
    /// The server's answer could not be understood. The session goes on.
    Answer(String),
    /// The session is over.
    Lost(String),
    /// The time for the whole collection is over, and so is the session.
    TimeLimit,
    /// Somebody asked the program to stop.
    Interrupted,
    /// The document cannot be written.
    Output(io::Error),
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
            Some(db) => Self::Server(server_text(db)),
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
