//! The argument of a rule.

use jiff::Timestamp;
use pgdba_pg::ServerVersion;

use super::Facts;
use super::explained::Explained;
use super::fact::Fact;
use super::time::Window;
use crate::format::{Checked, NotAssessed};
use crate::policy::InForce;

/// What a rule or a topic can read: the facts it declared, of this snapshot and of the others given.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub(super) facts: &'a Facts<'a>,
    beside: Beside<'a>,
    reads: &'static [&'static Fact],
}

/// What is given besides the analyzed snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// An earlier snapshot of the same cluster.
    pub earlier: Option<&'a Facts<'a>>,
    /// Snapshots of the other nodes of the cluster.
    pub nodes: &'a [Facts<'a>],
    /// What the people who run the server decided about findings.
    pub policy: Option<&'a InForce<'a>>,
    /// The plan of a statement, which rules about plans evaluate.
    pub plan: Option<&'a Explained>,
}

impl<'a> View<'a> {
    /// The view of a rule or topic that declares these facts.
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

    /// The policy, if there is one. Rules do not need it: it is applied before their findings are described.
    #[must_use]
    pub fn policy(&self) -> Option<&'a InForce<'a>> {
        self.beside.policy
    }

    /// The plan that was given.
    ///
    /// # Errors
    /// None was.
    pub fn plan(&self) -> Checked<&'a Explained> {
        self.beside.plan.ok_or_else(|| NotAssessed::expected("no plan was given"))
    }

    /// When the server was read, by its own clock: the "now" of an analysis.
    ///
    /// # Errors
    /// The snapshot does not contain it.
    pub fn now(&self) -> Checked<Timestamp> {
        self.facts.now()
    }

    /// The server's version.
    ///
    /// # Errors
    /// The snapshot does not contain it.
    pub fn version(&self) -> Checked<ServerVersion> {
        self.facts.version()
    }

    /// Whether the server is a primary: what a standby does not do cannot be checked there.
    ///
    /// # Errors
    /// It is a standby, which does not do `what`, or the fact `system` is missing.
    pub fn require_primary(&self, what: &str) -> Checked<()> {
        if self.system()?.is_in_recovery == Some(true) {
            return Err(NotAssessed::because(format!("a standby does not {what}; check the primary")));
        }
        Ok(())
    }

    /// The time from `since` to the collection, over which counters were counted.
    #[must_use]
    pub fn window(&self, since: Option<Timestamp>) -> Window {
        Window::until(self.now().ok(), since)
    }

    /// Undeclared facts cannot be read: the rule's page lists what the rule needs, and a test removes the rest.
    pub(super) fn declares(&self, fact: &'static Fact) -> Checked<()> {
        if self.reads.iter().any(|declared| std::ptr::eq(*declared, fact)) {
            return Ok(());
        }
        Err(NotAssessed::because(format!("fact {} is read but not declared: this is a bug in pgdba", fact.name)))
    }
}
