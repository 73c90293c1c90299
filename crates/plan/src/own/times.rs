//! Own times.

use pgdba_pg::{Millis, Ratio};

use super::attribution::Attribution;
use super::readers::Readers;
use crate::model::{NodeId, NodeType, Plan};

/// How far a printed time of an average loop can be from the true one, in milliseconds: times have three decimals.
const ROUNDING: f64 = 0.0005;

/// The share of an own time that its rounding error must not exceed.
const DOUBT: f64 = 0.1;

/// The times of the nodes of a plan. The own times add up to the total.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The time of the root, and of data-modifying CTEs as far as they ran after it.
    pub total: Millis,
    /// What of Execution Time is not in the total: start and end of the executor, triggers after the statement, serialization.
    pub outside: Option<Millis>,
    /// The time of each node, in the order of [`Plan::nodes`].
    pub nodes: Vec<NodeTime>,
}

/// The time of one node.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NodeTime {
    /// Time that passed in the node itself.
    pub own: Millis,
    /// Time that passed in the node and in all that worked for it, over all loops; below a Gather, that of an average process.
    pub inclusive: Millis,
    /// The same, over all processes together.
    pub work: Millis,
    /// The own time as a share of the total.
    pub share: Ratio,
    /// The rounding of the printed times might change the own time by more than a tenth.
    pub is_doubtful: bool,
    /// By how much the printed times of the nodes that worked for it exceed its own; they were scaled down to fit.
    pub excess: Millis,
    /// By how much the printed times of the node and its children might be wrong, because they are rounded.
    pub rounding: Millis,
}

impl Times {
    /// The times of a plan; none where it has none: without ANALYZE or with TIMING off.
    #[must_use]
    pub fn of(plan: &Plan) -> Option<Self> {
        let has_times = plan.nodes.iter().any(|node| node.run.actual.is_some_and(|actual| actual.total.is_some()));
        if !has_times {
            return None;
        }
        let processes = processes(plan);
        let work: Vec<f64> = plan
            .nodes
            .iter()
            .map(|node| {
                let actual = node.run.actual.unwrap_or_default();
                actual.total.map_or(0.0, |time| time.0.max(0.0) * actual.loops as f64)
            })
            .collect();
        let inclusive: Vec<f64> = work.iter().zip(&processes).map(|(work, processes)| work / processes).collect();
        let attribution = Attribution::of(plan, &Readers::of(plan), inclusive.clone());
        let total = attribution.total();
        let rounding = rounding(plan, &processes);
        let excesses = attribution.excesses();
        let own = attribution.shares();
        let nodes = own.iter().zip(&inclusive).zip(&work).zip(rounding.iter().zip(&excesses));
        let nodes = nodes.map(|(((own, inclusive), work), (rounding, excess))| NodeTime {
            own: Millis(*own),
            inclusive: Millis(*inclusive),
            work: Millis(*work),
            share: Ratio(if total > 0.0 { own / total } else { 0.0 }),
            is_doubtful: *rounding > own * DOUBT,
            excess: Millis(*excess),
            rounding: Millis(*rounding),
        });
        let outside = plan.execution_time.map(|time| Millis((time.0 - total).max(0.0)));
        Some(Self { total: Millis(total), outside, nodes: nodes.collect() })
    }

    /// The time of a node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&NodeTime> {
        self.nodes.get(id.0)
    }
}

/// How many processes shared the work of each node: below a Gather, as often as its child was executed for each time that the Gather was.
/// The number of workers that were launched is only that of the last time, and the leader does not always take part.
fn processes(plan: &Plan) -> Vec<f64> {
    let mut processes: Vec<f64> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let parent = node.parent.and_then(|id| plan.node(id).zip(processes.get(id.0).copied()));
        let is_input = node.relationship.as_ref().is_none_or(crate::model::Relationship::is_input);
        processes.push(match parent {
            Some((gather, above)) if is_gather(&gather.kind) && is_input && node.loops() > 0 && gather.loops() > 0 => {
                above * (node.loops() as f64 / gather.loops() as f64).max(1.0)
            }
            Some((_, above)) => above,
            None => 1.0,
        });
    }
    processes
}

fn is_gather(kind: &NodeType) -> bool {
    matches!(kind, NodeType::Gather | NodeType::GatherMerge)
}

/// The rounding error of a node and of its children together.
fn rounding(plan: &Plan, processes: &[f64]) -> Vec<f64> {
    let of = |(node, processes): (&crate::model::Node, &f64)| ROUNDING * node.loops() as f64 / processes;
    let single: Vec<f64> = plan.nodes.iter().zip(processes).map(of).collect();
    let mut all = single.clone();
    for (node, error) in plan.nodes.iter().zip(&single) {
        if let Some(parent) = node.parent.and_then(|parent| all.get_mut(parent.0)) {
            *parent += error;
        }
    }
    all
}
