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
    let pending = relations.classes.iter().enumerate().filter(|(_, class)| class.inhdetachpending == Some(true));
    let detaching = pending.filter_map(|(position, class)| {
        let parent = relations.position(class.datname.as_deref(), class.inhparent?)?;
        Some(Detaching { parent: relations.name(parent)?, partition: relations.name(position)? })
    });
    detaching.collect()
}
