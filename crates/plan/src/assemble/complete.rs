//! What the text form leaves out because it is zero, and the JSON form prints.

use crate::model::{ConditionKind, Node, NodeType, Operation, Plan, Run};

/// Writes zeros where EXPLAIN measured and found nothing. A kind of figure that no node has was not asked for and stays absent.
pub(super) fn complete(plan: &mut Plan) {
    let measured = Measured {
        buffers: any(plan, |run| run.buffers.is_some()),
        io: any(plan, |run| run.io.is_some()),
        wal: any(plan, |run| run.wal.is_some()),
    };
    for node in &mut plan.nodes {
        measured.fill(&mut node.run);
        for worker in node.workers.iter_mut().filter(|worker| worker.run.actual.is_some()) {
            measured.fill(&mut worker.run);
        }
        hash(&mut node.run);
        if node.run.actual.is_some() {
            executed(node);
        }
    }
}

fn any(plan: &Plan, has: impl Fn(&Run) -> bool) -> bool {
    plan.nodes.iter().any(|node| has(&node.run) || node.workers.iter().any(|worker| has(&worker.run)))
}

struct Measured {
    buffers: bool,
    io: bool,
    wal: bool,
}

impl Measured {
    fn fill(&self, run: &mut Run) {
        if self.buffers {
            run.buffers.get_or_insert_default();
        }
        if self.io {
            run.io.get_or_insert_default();
        }
        if self.wal {
            run.wal.get_or_insert_default();
        }
        // The JSON form has times of 0 where the text form says `never executed`.
        if let Some(actual) = run.actual.as_mut().filter(|actual| actual.loops == 0) {
            (actual.startup, actual.total) = (None, None);
        }
    }
}

fn hash(run: &mut Run) {
    let Some(hash) = &mut run.hash else { return };
    if hash.original_buckets == 0 {
        hash.original_buckets = hash.buckets;
    }
    if hash.original_batches == 0 {
        hash.original_batches = hash.batches;
    }
}

fn executed(node: &mut Node) {
    use ConditionKind::{ConflictFilter, Filter, IndexCond, JoinFilter, RecheckCond};
    let has = |kind| node.condition(kind).is_some();
    let is_index = matches!(node.kind, NodeType::IndexScan | NodeType::IndexOnlyScan);
    let rechecks = has(RecheckCond) || is_index && has(IndexCond);
    let (filters, joins, conflicts) = (has(Filter), has(JoinFilter), has(ConflictFilter));
    let zeros = [
        (filters, &mut node.removed.filter),
        (joins, &mut node.removed.join_filter),
        (rechecks, &mut node.removed.index_recheck),
        (conflicts, &mut node.removed.conflict_filter),
    ];
    for (_, place) in zeros.into_iter().filter(|(applies, _)| *applies) {
        place.get_or_insert_default();
    }
    if node.kind == NodeType::BitmapHeapScan {
        node.run.heap_blocks.get_or_insert_default();
    }
    if node.operation == Some(Operation::Merge) {
        node.merged.get_or_insert_default();
    }
}
