//! Partitions.

use super::relation::{RelationName, Relations};

/// A partition that DETACH PARTITION CONCURRENTLY has left halfway.
#[derive(Debug)]
pub struct Detaching {
    /// The partitioned table.
    pub parent: RelationName,
    /// The partition.
    pub partition: RelationName,
}

/// Those of a snapshot.
pub(super) fn detaching(relations: &Relations) -> Vec<Detaching> {
    let pending = relations.classes.iter().filter(|class| class.inhdetachpending == Some(true));
    let detaching = pending.filter_map(|class| {
        let parent = relations.position(class.datname.as_deref(), class.inhparent?)?;
        Some(Detaching { parent: relations.name(relations.classes.get(parent)?), partition: relations.name(class) })
    });
    detaching.collect()
}
