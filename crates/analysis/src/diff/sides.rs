//! The two snapshots of a comparison, and what of them means the same.

use pgdba_snapshot::DiagSnapshot;

use super::identity::{Identity, Relation, has_same_names};
use crate::Facts;
use crate::rates::Source;

/// One of two snapshots.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) snapshot: &'a DiagSnapshot,
    pub(super) facts: &'a Facts<'a>,
}

/// The snapshots that are compared.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) before: Side<'a>,
    pub(super) after: Side<'a>,
    pub(super) identity: &'a Identity,
}

impl<'a> Sides<'a> {
    /// The counters of the first snapshot: those of its own window, if it is a delta.
    pub(super) fn before(&self) -> Source<'a> {
        Source::own(self.before.snapshot, self.before.facts)
    }

    /// The counters of the second snapshot: those of its own window, or else of the time since the first.
    pub(super) fn after(&self) -> Source<'a> {
        let continued = self.has_same_counters().then_some(self.before.snapshot);
        Source::own(self.after.snapshot, self.after.facts).own_or_since(continued)
    }

    /// Whether counters of the second snapshot continue those of the first, unless they were reset.
    pub(super) fn has_same_counters(&self) -> bool {
        self.identity.relation == Relation::SameServer
    }

    /// Whether they are of one cluster that was not upgraded, so that an OID means the same in both.
    pub(super) fn is_same_cluster(&self) -> bool {
        matches!(self.identity.relation, Relation::SameServer | Relation::OtherNode)
    }

    /// Whether a query ID means the same statement in both: it contains OIDs, and each major version computes another.
    pub(super) fn has_same_query_ids(&self) -> bool {
        let major = |side: &Side<'_>| side.facts.version().ok().map(pgdba_pg::ServerVersion::major);
        self.is_same_cluster() && major(&self.before) == major(&self.after)
    }

    /// Whether a name means the same in both: tokens do only if they were made with the same key.
    pub(super) fn has_same_names(&self) -> bool {
        has_same_names(self.before.snapshot, self.after.snapshot)
    }
}
