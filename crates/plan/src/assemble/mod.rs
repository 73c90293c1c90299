//! From the values of a [`Doc`] to a typed [`Plan`]: the one place that knows the keys of the JSON form.

mod complete;
mod jit;
mod node;
mod run;
mod statement;
mod structure;
mod target;
mod value;

pub(crate) use self::structure::settle_relationships;
use crate::doc::{Doc, Id};
use crate::error::ReadError;
use crate::limits::MAX_NODES;
use crate::model::{NodeId, Plan};

/// The plan of a statement: an object with the key `Plan`, or a root node itself. `nodes` counts those of all plans of a text.
pub(crate) fn plan(doc: &Doc<'_>, statement: Id, nodes: &mut usize) -> Result<Plan, ReadError> {
    let mut plan = Plan::default();
    let root = doc.get(statement, "Plan").filter(|plan| doc.is_object(*plan));
    if root.is_some() {
        statement::read(doc, statement, &mut plan);
    }
    // The children are pushed in reverse, so that the first one comes next.
    let mut waiting: Vec<(Id, Option<NodeId>)> = vec![(root.unwrap_or(statement), None)];
    while let Some((object, parent)) = waiting.pop() {
        *nodes += 1;
        if *nodes > MAX_NODES {
            return Err(ReadError::TooManyNodes);
        }
        let id = NodeId(plan.nodes.len());
        let mut node = node::read(doc, object);
        node.parent = parent;
        plan.nodes.push(node);
        if let Some(parent) = parent.and_then(|parent| plan.nodes.get_mut(parent.0)) {
            parent.children.push(id);
        }
        let plans = doc.get(object, "Plans");
        let first = waiting.len();
        waiting.extend(plans.into_iter().flat_map(|plans| doc.children(plans)).map(|child| (child, Some(id))));
        if let Some(children) = waiting.get_mut(first..) {
            children.reverse();
        }
    }
    complete::complete(&mut plan);
    structure::fill_relationships(&mut plan);
    Ok(plan)
}
