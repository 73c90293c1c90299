//! What all facts share: the snapshot, its time and version, its sections and their state.

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use pgdba_snapshot::{DiagSnapshot, Row};

use super::{Fact, Facts, cluster, sections};
use crate::format::{Checked, ClusterSummary, NotAssessed, SectionState};

impl<'a> Facts<'a> {
    /// The facts of `snapshot`. Nothing is derived yet.
    #[must_use]
    pub fn of(snapshot: &'a DiagSnapshot) -> Self {
        Self::new(sections::Reader::new(snapshot))
    }

    /// The rows of a section.
    ///
    /// # Errors
    /// It could not be read.
    pub(super) fn rows<R: Row>(&self) -> Checked<Vec<R>> {
        self.reader().rows().map(|read| read.rows)
    }

    /// The row of a section that has one; none where it could not be read.
    pub(super) fn row<R: Row>(&self) -> Option<R> {
        self.rows().ok()?.into_iter().next()
    }

    /// When the server was read, by its own clock: the "now" of an analysis. If the snapshot does not contain that, when the snapshot
    /// was collected.
    ///
    /// # Errors
    /// The snapshot contains neither.
    pub fn now(&self) -> Checked<Timestamp> {
        let now = self.reader().clock().now;
        now.ok_or_else(|| NotAssessed::because("the time of collection is missing in the snapshot"))
    }

    /// The server's version.
    ///
    /// # Errors
    /// The snapshot does not contain it.
    pub fn version(&self) -> Checked<ServerVersion> {
        let version = self.reader().version();
        version.ok_or_else(|| NotAssessed::because("the server version is missing in the snapshot"))
    }

    /// The cluster of the snapshot.
    #[must_use]
    pub fn cluster(&self) -> ClusterSummary {
        cluster::summary(self.reader().snapshot(), self.system().ok(), self.reader().version())
    }

    /// Requires the sections that `facts` need: a rule that was decided before it read one of them has not passed.
    ///
    /// # Errors
    /// One of them could not be read.
    pub fn require_needs(&self, facts: &[&Fact]) -> Checked<()> {
        self.reader().require(facts.iter().flat_map(|fact| fact.needs.iter().copied()))
    }

    /// Whether `facts` are about every database: a rule that found nothing in the others has not passed.
    ///
    /// # Errors
    /// A section that one of them needs could not be read in some databases.
    pub fn require_databases(&self, facts: &[&Fact]) -> Checked<()> {
        self.reader().require_databases(facts.iter().flat_map(|fact| fact.needs.iter().copied()))
    }

    /// Every section that the server's version has, in the order of collection.
    #[must_use]
    pub fn sections(&self) -> Vec<SectionState> {
        self.reader().states()
    }

    /// How the section `name` was read; none where the server's version does not have it.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<SectionState> {
        self.reader().state_of(name)
    }

    /// Problems of the document and of the sections that were read, one sentence each.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.reader().problems()
    }
}
