//! Who is changing a server.

use serde::{Deserialize, Serialize};

/// What a process is doing to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// It applies a change.
    Apply,
    /// It goes on with one that had been broken off.
    Resume,
    /// It puts a former state back.
    Rollback,
    /// It releases an incomplete change.
    Unlock,
}

impl Operation {
    /// The word for people, as the command is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Resume => "apply --resume",
            Self::Rollback => "rollback",
            Self::Unlock => "unlock",
        }
    }
}

/// What stands in the lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The change that is under way.
    pub changeset_id: String,
    /// The process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// When it took the lock (RFC 3339).
    pub started_at: String,
    /// What it does.
    pub operation: Operation,
}

impl Holder {
    /// This process.
    pub(crate) fn this_process(operation: Operation, id: &str, now: &str) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { changeset_id: id.to_owned(), pid: std::process::id(), host, started_at: now.to_owned(), operation }
    }
}
