//! What a rule is called with.

use jiff::Timestamp;
use pgdba_pg::ServerVersion;

use super::time::Window;
use super::{Fact, Facts};
use crate::format::{Checked, NotAssessed};
use crate::policy::InForce;

/// What a rule or a topic may know: the facts it declared, of this snapshot and of those given beside it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub(super) facts: &'a Facts<'a>,
    beside: Beside<'a>,
    reads: &'static [&'static Fact],
}

/// What is given beside the snapshot that is analysed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// An earlier snapshot of the same cluster.
    pub earlier: Option<&'a Facts<'a>>,
    /// Snapshots of the other nodes of the cluster.
    pub nodes: &'a [Facts<'a>],
    /// What the people who run the server decided about findings.
    pub policy: Option<&'a InForce<'a>>,
}

impl<'a> View<'a> {
    /// The view of whoever declared that it reads these facts.
    #[must_use]
    pub fn new(facts: &'a Facts<'a>, beside: Beside<'a>, reads: &'static [&'static Fact]) -> Self {
        Self { facts, beside, reads }
    }

    /// The same facts of an earlier snapshot of the cluster, where one was given.
    #[must_use]
    pub fn earlier(&self) -> Option<Self> {
        self.beside.earlier.map(|facts| Self { facts, beside: Beside::default(), ..*self })
    }

    /// The same facts of the other nodes of the cluster, where they were given.
    pub fn nodes(&self) -> impl Iterator<Item = Self> {
        self.beside.nodes.iter().map(|facts| Self { facts, beside: Beside::default(), ..*self })
    }

    /// The policy, where there is one. A rule does not need it: what it finds is sifted before it is described.
    #[must_use]
    pub fn policy(&self) -> Option<&'a InForce<'a>> {
        self.beside.policy
    }

    /// When the snapshot was made: the only "now" there is.
    ///
    /// # Errors
    /// The snapshot does not say.
    pub fn now(&self) -> Checked<Timestamp> {
        self.facts.now()
    }

    /// The server's version.
    ///
    /// # Errors
    /// The snapshot does not say.
    pub fn version(&self) -> Checked<ServerVersion> {
        self.facts.version()
    }

    /// The time from `since` to the collection, over which counters were counted.
    #[must_use]
    pub fn window(&self, since: Option<Timestamp>) -> Window {
        Window::until(self.now().ok(), since)
    }

    /// What is not declared is not read: the rule's page says what it needs, and a test takes the rest away.
    pub(super) fn declares(&self, fact: &'static Fact) -> Checked<()> {
        if self.reads.iter().any(|declared| std::ptr::eq(*declared, fact)) {
            return Ok(());
        }
        Err(NotAssessed(format!("the fact {} is read and not declared: this is a defect of pgdba", fact.name)))
    }
}
