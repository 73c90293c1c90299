//! What a node is to its parent.

use crate::model::{NodeId, NodeType, Plan, Relationship};

/// Fills in the relationships that the text form does not print.
pub(super) fn fill_relationships(plan: &mut Plan) {
    relate(plan, false);
}

/// Replaces the relationships that only the JSON form prints by what follows from the structure.
pub(crate) fn settle_relationships(plan: &mut Plan) {
    relate(plan, true);
}

fn relate(plan: &mut Plan, replaces: bool) {
    for parent in 0..plan.nodes.len() {
        let Some(node) = plan.nodes.get(parent) else { continue };
        let (kind, children) = (node.kind.clone(), node.children.clone());
        let inputs = children.iter().filter(|child| plan.node(**child).is_some_and(|child| child.subplan.is_none()));
        let inputs: Vec<NodeId> = inputs.copied().collect();
        for child in children {
            let place = inputs.iter().position(|input| *input == child);
            let Some(node) = plan.nodes.get_mut(child.0) else { continue };
            if replaces || node.relationship.is_none() {
                node.relationship = Some(match (place, &node.subplan) {
                    (Some(place), _) => input(&kind, place, inputs.len()),
                    (None, Some(name)) if name.starts_with("SubPlan") => Relationship::SubPlan,
                    (None, _) => Relationship::InitPlan,
                });
            }
        }
    }
}

/// An input by its place among the inputs. A ModifyTable had one input per table up to version 13.
fn input(parent: &NodeType, place: usize, count: usize) -> Relationship {
    use NodeType::{Append, BitmapAnd, BitmapOr, CustomScan, MergeAppend, ModifyTable, SubqueryScan};
    match parent {
        Append | MergeAppend | BitmapAnd | BitmapOr | CustomScan => Relationship::Member,
        ModifyTable if count > 1 => Relationship::Member,
        SubqueryScan => Relationship::Subquery,
        _ if place == 0 => Relationship::Outer,
        _ => Relationship::Inner,
    }
}
