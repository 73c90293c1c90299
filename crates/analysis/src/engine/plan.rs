//! The subjects of rules about plans.

use std::collections::BTreeSet;

use super::about::About;
use crate::facts::explained::PlanNode;
use crate::format::{Figure, Weight};

/// ANALYZE of each table that these nodes scan, once.
#[must_use]
pub fn analyze<'a>(nodes: impl Iterator<Item = PlanNode<'a>>) -> String {
    let statements: BTreeSet<String> =
        nodes.filter_map(|node| node.relation()).map(|relation| format!("ANALYZE {relation};")).collect();
    statements.into_iter().collect::<Vec<_>>().join("\n")
}

/// A node, by its own time, with its place in the plan.
#[must_use]
pub fn about(node: &PlanNode<'_>) -> About {
    let weight = node.own_time().map_or(Weight::All, Weight::from);
    About::new(node.subject(), weight).labelled(&node.label()).figures([
        Figure::new("path", node.path()),
        Figure::new("own_time", node.shown_own_time()),
        Figure::new("share", node.share()).labelled("share of the time"),
    ])
}
