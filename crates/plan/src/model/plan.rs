//! A plan: its nodes, and what EXPLAIN reports about the whole statement.

use pgdba_pg::{Bytes, Millis};

use super::figures::{Buffers, IoTimes};
use super::jit::Jit;
use super::node::{Node, NodeId};

/// The plan of one statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The nodes in the order in which EXPLAIN prints them, the root first, so that a child always follows its parent. They are
    /// a list and not nested, so that a plan of any depth can be read, copied and dropped.
    pub nodes: Vec<Node>,
    /// The statement: auto_explain only.
    pub query_text: Option<String>,
    /// Its parameters: auto_explain, from version 16 on.
    pub query_parameters: Option<String>,
    /// `queryid` of pg_stat_statements: VERBOSE with `compute_query_id`, from version 14 on.
    pub query_id: Option<i64>,
    /// What auto_explain logs as `duration`.
    pub duration: Option<Millis>,
    /// Time of planning: SUMMARY.
    pub planning_time: Option<Millis>,
    /// Time from the start of the executor to its end, with triggers and serialization, without planning, network and COMMIT.
    pub execution_time: Option<Millis>,
    /// What planning used: BUFFERS from version 13 on, MEMORY from 17 on.
    pub planning: Option<Planning>,
    /// Triggers that were called: ANALYZE.
    pub triggers: Vec<Trigger>,
    /// Just-in-time compilation, with the workers' part.
    pub jit: Option<Jit>,
    /// Planner parameters that differ from their default, with their values: SETTINGS.
    pub settings: Vec<(String, String)>,
    /// Conversion of the result for the client: SERIALIZE, from version 17 on.
    pub serialization: Option<Serialization>,
}

/// What planning used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Planning {
    /// Blocks that the planner read.
    pub buffers: Option<Buffers>,
    /// Time of reading and writing them.
    pub io: Option<IoTimes>,
    /// Memory that the planner used.
    pub memory_used: Option<Bytes>,
    /// Memory that it allocated.
    pub memory_allocated: Option<Bytes>,
}

/// A trigger that was called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trigger {
    /// Its name; the text form omits it for a constraint, unless VERBOSE.
    pub name: Option<String>,
    /// The constraint that it enforces.
    pub constraint: Option<String>,
    /// Its table; the text form omits it where the statement has one table only.
    pub relation: Option<String>,
    /// Time of all calls; absent with TIMING off.
    pub time: Option<Millis>,
    /// Number of calls.
    pub calls: u64,
}

/// Conversion of the result for the client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Serialization {
    /// Its time; absent with TIMING off.
    pub time: Option<Millis>,
    /// Size of the result.
    pub volume: Bytes,
    /// `text` or `binary`.
    pub format: String,
    /// Blocks that were read for it, such as those of TOAST tables.
    pub buffers: Option<Buffers>,
    /// Time of reading and writing them.
    pub io: Option<IoTimes>,
}

impl Plan {
    /// The root: the first node.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// The nodes with their IDs, in the order in which EXPLAIN prints them.
    pub fn ids(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index), node))
    }

    /// The children of a node, subqueries included, in the order in which EXPLAIN prints them.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let children = self.node(id).map(|node| node.children.as_slice()).unwrap_or_default();
        children.iter().filter_map(|child| Some((*child, self.node(*child)?)))
    }

    /// The parent of a node, its parent, and so on to the root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let parent = |id: &NodeId| self.node(*id).and_then(|node| node.parent);
        std::iter::successors(parent(&id), parent).filter_map(|id| Some((id, self.node(id)?)))
    }

    /// Whether it was executed: EXPLAIN ANALYZE.
    #[must_use]
    pub fn is_analyzed(&self) -> bool {
        self.nodes.iter().any(|node| node.run.actual.is_some())
    }
}
