//! One node.

use super::target;
use super::value::{Field, put, set};
use super::{run, value};
use crate::doc::{Doc, Id};
use crate::model::{
    Condition, ConditionKind, GroupingSet, JoinType, Node, NodeType, Operation, PartialMode, Relationship, SetCommand,
    Strategy, Worker,
};

/// The node that this object is, without its children.
pub(super) fn read(doc: &Doc<'_>, object: Id) -> Node {
    let mut node = Node::new(NodeType::Other(String::new()));
    // The server prints some members of a node in the array of its tables.
    let tables = doc.get(object, "Target Tables");
    let misplaced = tables.into_iter().flat_map(|tables| doc.children(tables)).filter(|id| !doc.key(*id).is_empty());
    for id in doc.children(object).chain(misplaced) {
        let (key, field) = (doc.key(id), Field { doc, id });
        let is_taken = nature(&mut node, key, field)
            || target::take(&mut node.target, key, field)
            || estimate(&mut node, key, field)
            || run::take(&mut node.run, key, field)
            || condition(&mut node, key, field)
            || keys(&mut node, key, field)
            || parts(&mut node, key, field)
            || modification(&mut node, key, field)
            || key == "Workers" && workers(&mut node, field)
            || matches!(key, "Plans" | "Node Type");
        if !is_taken {
            node.other.push(target::property(doc, id));
        }
    }
    if let Some(kind) = doc.get(object, "Node Type").and_then(|id| doc.text(id)) {
        node.kind = NodeType::of(kind);
    }
    node
}

fn nature(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    let text = field.text();
    match key {
        "Parent Relationship" => put(&mut node.relationship, text.map(Relationship::of)),
        "Subplan Name" => put(&mut node.subplan, field.string()),
        "Strategy" => put(&mut node.strategy, text.map(Strategy::of)),
        "Partial Mode" => put(&mut node.partial_mode, text.map(PartialMode::of)),
        "Operation" => put(&mut node.operation, text.map(Operation::of)),
        "Join Type" => put(&mut node.join_type, text.map(JoinType::of)),
        "Command" => put(&mut node.command, text.map(SetCommand::of)),
        "Custom Plan Provider" => put(&mut node.provider, field.string()),
        "Parallel Aware" => set(&mut node.is_parallel_aware, Some(field.is_true())),
        "Async Capable" => set(&mut node.is_async, Some(field.is_true())),
        "Disabled" => set(&mut node.is_disabled, Some(field.is_true())),
        // Up to version 15 the direction is `NoMovement` where the order does not matter.
        "Scan Direction" => set(&mut node.is_backward, Some(text == Some("Backward"))),
        "Inner Unique" => put(&mut node.is_inner_unique, Some(field.is_true())),
        "Output" => set(&mut node.output, Some(field.texts())),
        _ => false,
    }
}

fn estimate(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    if !matches!(key, "Startup Cost" | "Total Cost" | "Plan Rows" | "Plan Width") {
        return false;
    }
    let estimate = node.estimate.get_or_insert_default();
    match key {
        "Startup Cost" => set(&mut estimate.startup_cost, field.number()),
        "Total Cost" => set(&mut estimate.total_cost, field.number()),
        "Plan Rows" => set(&mut estimate.rows, field.number()),
        _ => set(&mut estimate.width, field.count()),
    }
}

fn condition(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    let removed = match key {
        "Rows Removed by Filter" => &mut node.removed.filter,
        "Rows Removed by Join Filter" => &mut node.removed.join_filter,
        "Rows Removed by Index Recheck" => &mut node.removed.index_recheck,
        "Rows Removed by Conflict Filter" => &mut node.removed.conflict_filter,
        _ => {
            let kind = ConditionKind::ALL.into_iter().find(|kind| kind.key() == key);
            let condition = kind.zip(field.string()).map(|(kind, text)| Condition { kind, text });
            return condition.map(|condition| node.conditions.push(condition)).is_some();
        }
    };
    put(removed, field.number())
}

fn keys(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    let keys = &mut node.keys;
    match key {
        "Sort Key" => keys.sort = field.texts(),
        "Presorted Key" => keys.presorted = field.texts(),
        "Group Key" => keys.group = field.texts(),
        "Cache Key" => keys.cache = field.string(),
        "Cache Mode" => keys.cache_mode = field.string(),
        "Grouping Sets" => keys.sets = grouping_sets(field),
        _ => return false,
    }
    true
}

fn grouping_sets(field: Field<'_>) -> Vec<GroupingSet> {
    let doc = field.doc;
    let set = |set| {
        let lists = |key| {
            let lists = doc.get(set, key).into_iter().flat_map(|lists| doc.children(lists));
            lists.map(|list| doc.texts(list)).collect()
        };
        let sort = doc.get(set, "Sort Key").map(|id| doc.texts(id)).unwrap_or_default();
        GroupingSet { sort, group: lists("Group Keys"), hash: lists("Hash Keys") }
    };
    doc.children(field.id).map(set).collect()
}

fn parts(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    match key {
        "Workers Planned" => set(&mut node.gathering.get_or_insert_default().planned, field.count()),
        "Workers Launched" => put(&mut node.gathering.get_or_insert_default().launched, field.count()),
        "Single Copy" => set(&mut node.gathering.get_or_insert_default().is_single_copy, Some(field.is_true())),
        "Planned Partitions" => set(&mut node.planned_partitions, field.count()),
        "Subplans Removed" => set(&mut node.subplans_removed, field.count()),
        "Sampling Method" => set(&mut node.sample.get_or_insert_default().method, field.string()),
        "Sampling Parameters" => set(&mut node.sample.get_or_insert_default().parameters, Some(field.texts())),
        "Repeatable Seed" => put(&mut node.sample.get_or_insert_default().seed, field.string()),
        _ => false,
    }
}

fn modification(node: &mut Node, key: &str, field: Field<'_>) -> bool {
    match key {
        "Conflict Resolution" => set(&mut node.conflict.get_or_insert_default().resolution, field.string()),
        "Conflict Arbiter Indexes" => set(&mut node.conflict.get_or_insert_default().arbiters, Some(field.texts())),
        "Conflicting Tuples" => put(&mut node.conflict.get_or_insert_default().conflicting, field.count()),
        // ON CONFLICT and MERGE have it.
        "Tuples Inserted" => match &mut node.conflict {
            Some(conflict) => put(&mut conflict.inserted, field.count()),
            None => set(&mut node.merged.get_or_insert_default().inserted, field.count()),
        },
        "Tuples Updated" => set(&mut node.merged.get_or_insert_default().updated, field.count()),
        "Tuples Deleted" => set(&mut node.merged.get_or_insert_default().deleted, field.count()),
        "Tuples Skipped" => set(&mut node.merged.get_or_insert_default().skipped, field.count()),
        "Target Tables" => set(&mut node.target_tables, Some(target::tables(field.doc, field.id))),
        _ => false,
    }
}

/// The workers of a node. Some versions print two lists with different members, which are joined by number.
fn workers(node: &mut Node, field: Field<'_>) -> bool {
    let doc = field.doc;
    for object in doc.children(field.id) {
        let number =
            doc.get(object, "Worker Number").and_then(|id| value::Field { doc, id }.count()).unwrap_or_default();
        let place = node.workers.iter().position(|worker| worker.number == number).unwrap_or(node.workers.len());
        if place == node.workers.len() {
            node.workers.push(Worker { number, ..Worker::default() });
        }
        let Some(worker) = node.workers.get_mut(place) else { continue };
        for id in doc.children(object) {
            run::take(&mut worker.run, doc.key(id), Field { doc, id });
        }
    }
    true
}
