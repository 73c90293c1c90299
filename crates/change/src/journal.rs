//! The journal of one change: a JSON document that is replaced as a whole at each state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change_set::{ChangeSet, Via};
use crate::machine::State;

/// The value of the member `format` in every journal.
pub const FORMAT: &str = "pgdba.journal";

/// The newest `format_version` this build reads and the one it writes.
pub const FORMAT_VERSION: i64 = 1;

/// A change and how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// Always `pgdba.journal`.
    pub format: String,
    /// The version of this format.
    pub format_version: i64,
    /// How far it has come.
    pub state: State,
    /// Each state and when it was entered.
    pub entered: Vec<Entered>,
    /// The server, as people know it: `db1:5432`.
    pub server: String,
    /// The parameters that may have been written, in the order of the steps.
    #[serde(default)]
    pub begun: Vec<String>,
    /// Why the last run ended before the change was complete; null where the run is still going, was complete or was killed.
    #[serde(default)]
    pub ended: Option<String>,
    /// The parameters that another session changed during the way back; they were left as it set them.
    #[serde(default)]
    pub left: Vec<String>,
    /// When `config unlock` released the incomplete change: it no longer prevents other changes.
    #[serde(default)]
    pub released_at: Option<Timestamp>,
    /// The change.
    pub change_set: ChangeSet,
}

/// A state that was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Its word.
    pub state: String,
    /// When.
    pub at: Timestamp,
}

/// Why a journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadJournal {
    /// It is no journal.
    #[error("it is not a pgdba journal ({0})")]
    Damaged(String),
    /// It is from a newer pgdba.
    #[error("its format_version is {found}, but this pgdba supports up to {FORMAT_VERSION}")]
    TooNew {
        /// What it says.
        found: i64,
    },
}

#[derive(Deserialize)]
struct Head {
    format: String,
    format_version: i64,
}

impl Journal {
    /// A change that is not written down yet.
    #[must_use]
    pub fn new(change_set: ChangeSet, server: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            state: State::Planned,
            entered: Vec::new(),
            server,
            begun: Vec::new(),
            ended: None,
            left: Vec::new(),
            released_at: None,
            change_set,
        }
    }

    /// Notes that `state` is entered at `now`.
    pub fn enter(&mut self, state: State, now: Timestamp) {
        self.entered.push(Entered { state: state.word(), at: now });
        (self.ended, self.released_at) = (None, None);
        if let State::Applying { done, .. } = &state {
            // Patroni takes all parameters in one request.
            let begun = if self.change_set.via == Via::Patroni { usize::MAX } else { *done as usize + 1 };
            self.begun = self.change_set.steps().take(begun).map(|change| change.name.clone()).collect();
        }
        match &state {
            State::Recorded => self.change_set.applied_at = Some(now),
            State::Restored { .. } => self.change_set.rolled_back_at = Some(now),
            _ => {}
        }
        self.state = state;
    }

    /// The bytes that go to the disk.
    ///
    /// # Errors
    /// None that a journal of this build can have.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`BadJournal`]; its text repeats nothing of the journal.
    pub fn read(bytes: &[u8]) -> Result<Self, BadJournal> {
        let damaged =
            |error: serde_json::Error| BadJournal::Damaged(format!("line {} column {}", error.line(), error.column()));
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format != FORMAT {
            return Err(BadJournal::Damaged("another format".to_owned()));
        }
        if head.format_version > FORMAT_VERSION {
            return Err(BadJournal::TooNew { found: head.format_version });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }
}
