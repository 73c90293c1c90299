//! What the people who run a server decided about findings: `pgdba.toml`.
//!
//! [`Policy`] is the file, [`InForce`] the part of it that applies to one snapshot. Nothing here reads a file or knows a rule:
//! rule names are passed in. The engine asks [`InForce`] between `check` and `describe`, so that the words are about what
//! is shown.

mod accepted;
mod entry;
mod file;
mod glob;
mod in_force;
mod notes;
mod parse;
mod place;
mod wording;

pub use accepted::{Acceptance, acceptance};
pub use entry::{Effect, Entry, RuleName};
pub use file::schema;
pub use glob::Pattern;
pub use in_force::{Decision, InForce};
pub use parse::{LARGEST, PolicyError};

use std::collections::BTreeMap;

use crate::format::Severity;

/// A policy file that was read.
#[derive(Debug, Default)]
pub struct Policy {
    /// The file's path, for people.
    pub file: Option<String>,
    /// Whether accepted findings are set aside instead of shown.
    pub new_only: bool,
    entries: Vec<Entry>,
    /// By fingerprint, the IDs and the severity up to which each is accepted.
    accepted: BTreeMap<String, BTreeMap<String, Severity>>,
}

impl Policy {
    /// Reads a policy. `rules` are those that it can name.
    ///
    /// # Errors
    /// The first error in the file, and its position.
    pub fn read(bytes: &[u8], rules: &[RuleName<'static>]) -> Result<Self, PolicyError> {
        parse::read(bytes, rules)
    }

    /// The accepted findings of the cluster with this fingerprint: IDs, and the severity up to which each is accepted.
    #[must_use]
    pub fn accepted_of(&self, fingerprint: &str) -> Option<&BTreeMap<String, Severity>> {
        self.accepted.get(fingerprint)
    }
}

#[cfg(test)]
mod tests;
