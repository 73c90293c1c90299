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
        let is_input = |child: &&NodeId| plan.node(**child).is_some_and(|child| child.subplan.is_none());
        let count = children.iter().filter(is_input).count();
        let mut place = 0;
        for child in children {
            let Some(node) = plan.nodes.get_mut(child.0) else { continue };
            let relationship = match &node.subplan {
                None => input(&kind, place, count),
                Some(name) if name.starts_with("SubPlan") => Relationship::SubPlan,
                Some(_) => Relationship::InitPlan,
            };
            place += usize::from(node.subplan.is_none());
            if replaces || node.relationship.is_none() {
                node.relationship = Some(relationship);
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
