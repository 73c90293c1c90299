//! What the people who run a server decided about findings: `pgdba.toml`.
//!
//! [`Policy`] is the file, [`InForce`] what of it holds for one snapshot. Nothing here reads a file, and nothing knows a rule:
//! their names are given. The engine asks [`InForce`] between what a rule found and how it words it, so that the words are
//! about what is left.

mod accepted;
mod entry;
mod file;
mod glob;
mod in_force;
mod parse;

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
    /// Where it comes from, for people.
    pub file: Option<String>,
    /// Whether what was accepted before is set aside instead of shown.
    pub new_only: bool,
    entries: Vec<Entry>,
    /// Of each fingerprint the ids and the severity up to which each is accepted.
    accepted: BTreeMap<String, BTreeMap<String, Severity>>,
}

impl Policy {
    /// Reads a policy. `rules` are those that it can name.
    ///
    /// # Errors
    /// The first thing in the file that is wrong, and where.
    pub fn read(bytes: &[u8], rules: &[RuleName<'static>]) -> Result<Self, PolicyError> {
        parse::read(bytes, rules)
    }

    /// What was accepted of the cluster with this fingerprint: ids, and the severity up to which each is.
    #[must_use]
    pub fn accepted_of(&self, fingerprint: &str) -> Option<&BTreeMap<String, Severity>> {
        self.accepted.get(fingerprint)
    }
}

#[cfg(test)]
mod tests;
