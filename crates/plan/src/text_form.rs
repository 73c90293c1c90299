//! What the text form can say of a plan.

use crate::assemble::settle_relationships;
use crate::model::{Buffers, IoTimes, NodeType, Plan, Run, Wal};

impl Plan {
    /// The plan without what the text form does not print, so that both forms of one execution are equal. The text form is poorer in
    /// these respects:
    ///
    /// - the relationship of an input to its parent, where it does not follow from the structure;
    /// - that inner rows are unique, unless they are and VERBOSE is given;
    /// - blocks, I/O times and WAL that were measured and are 0 in the whole plan;
    /// - an empty list of triggers, the name of a constraint's trigger without VERBOSE, the table of a trigger where the statement has
    ///   one table only;
    /// - that a node has an alias but no name: one name is both.
    #[must_use]
    pub fn in_text_form(&self) -> Self {
        let mut plan = self.clone();
        settle_relationships(&mut plan);
        let is_verbose = plan.nodes.iter().any(|node| !node.output.is_empty());
        for node in &mut plan.nodes {
            node.is_inner_unique = node.is_inner_unique.filter(|is_unique| *is_unique && is_verbose);
            let alias = node.target.alias.clone();
            let name = match node.kind {
                NodeType::FunctionScan => &mut node.target.function,
                NodeType::TableFunctionScan => &mut node.target.table_function,
                _ => continue,
            };
            if name.is_none() {
                *name = alias;
            }
        }
        omit_zeros(&mut plan);
        for trigger in &mut plan.triggers {
            trigger.relation = None;
            if trigger.constraint.is_some() {
                trigger.name = None;
            }
        }
        plan
    }
}

fn omit_zeros(plan: &mut Plan) {
    let is_zero = |is_zero: &dyn Fn(&Run) -> bool| {
        let workers = plan.nodes.iter().flat_map(|node| &node.workers).map(|worker| &worker.run);
        plan.nodes.iter().map(|node| &node.run).chain(workers).all(is_zero)
    };
    let no_buffers = is_zero(&|run| run.buffers.is_none_or(|buffers| buffers == Buffers::default()));
    let no_io = is_zero(&|run| run.io.is_none_or(|io| io == IoTimes::default()));
    let no_wal = is_zero(&|run| run.wal.is_none_or(|wal| wal == Wal::default()));
    for node in &mut plan.nodes {
        for run in std::iter::once(&mut node.run).chain(node.workers.iter_mut().map(|worker| &mut worker.run)) {
            run.buffers = run.buffers.filter(|_| !no_buffers);
            run.io = run.io.filter(|_| !no_io);
            run.wal = run.wal.filter(|_| !no_wal);
        }
    }
    if let Some(planning) = &mut plan.planning {
        planning.buffers = planning.buffers.filter(|buffers| *buffers != Buffers::default());
        planning.io = planning.io.filter(|io| *io != IoTimes::default());
    }
    plan.planning = plan.planning.filter(|planning| *planning != crate::model::Planning::default());
    if let Some(serialization) = &mut plan.serialization {
        serialization.buffers = serialization.buffers.filter(|buffers| *buffers != Buffers::default());
        serialization.io = serialization.io.filter(|io| *io != IoTimes::default());
    }
}
