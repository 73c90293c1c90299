//! The rules, each with the facts that it needs.

mod connections;
mod files;
pub(super) mod libraries;
mod logging;
mod memory;
mod recovery;
mod slots;
mod sockets;
mod tls;
mod wal;

use std::collections::BTreeSet;

use super::host::Host;
use super::problem::Problem;
use super::questions::Questions;
use super::settings::Settings;

/// A server that is to start with other settings than it runs with.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The settings at the next start.
    pub settings: &'a Settings,
    /// The settings in force now, where there is a running server.
    pub running: Option<&'a Settings>,
    /// The parameters in question, in lower case: only what they take part in is checked.
    pub changed: &'a BTreeSet<String>,
}

impl Start<'_> {
    /// Whether one of the parameters in question is among `names`.
    fn touches(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.changed.contains(*name))
    }

    /// The parameters in question among `names`.
    fn touched<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        names.iter().copied().filter(|name| self.changed.contains(*name)).collect()
    }

    /// The facts that decide whether the server would start.
    #[must_use]
    pub fn questions(&self) -> Questions {
        let mut questions = Questions::default();
        let rules =
            [files::ask, libraries::ask, logging::ask, memory::ask, recovery::ask, slots::ask, sockets::ask, tls::ask];
        for ask in rules {
            ask(self, &mut questions);
        }
        questions
    }

    /// What keeps the server from starting.
    #[must_use]
    pub fn problems(&self, host: &Host) -> Vec<Problem> {
        let rules = [
            connections::check,
            wal::check,
            memory::check,
            libraries::check,
            sockets::check,
            tls::check,
            logging::check,
            files::check,
            slots::check,
            recovery::check,
        ];
        rules.into_iter().flat_map(|check| check(self, host)).collect()
    }
}
