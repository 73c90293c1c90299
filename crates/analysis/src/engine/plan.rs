//! The subjects of rules about plans.

use super::about::About;
use crate::facts::explained::PlanNode;
use crate::format::{Figure, Weight};

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
