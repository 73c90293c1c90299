//! What corrects the planner's estimate of a node.

use std::collections::BTreeSet;

use pgdba_plan::{ConditionKind, NodeType};

use super::condition::{Sought, sought};
use crate::facts::explained::PlanNode;

/// What can correct an estimate, the easiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cure {
    /// Statistics of columns.
    Columns,
    /// Statistics of the columns of a join.
    Join,
    /// Statistics of a column of type varchar, otherwise of an expression: the plan does not tell the type.
    Text,
    /// Statistics of an expression.
    Expressions,
    /// No statistics.
    Nothing,
}

impl Cure {
    /// How the estimate is corrected.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Columns => {
                "Run ANALYZE on the tables below these nodes, and look at the plan again. If the estimate stays wrong, raise the \
                 statistics target of the columns in the condition, or create extended statistics (CREATE STATISTICS) for columns \
                 that depend on each other."
            }
            Self::Join => {
                "Run ANALYZE on the tables below the join, and look at the plan again. If the estimate stays wrong, raise the \
                 statistics target of the columns in its condition: PostgreSQL does not use extended statistics for joins."
            }
            Self::Text => {
                "A column that is compared as text has statistics only if it is of type varchar: run ANALYZE then. Otherwise, \
                 compare it with a value of its own type, or create statistics on the expression."
            }
            Self::Expressions => {
                "Statistics of columns say nothing about expressions, such as casts and functions: compare the column itself, or \
                 create statistics on the expression (CREATE STATISTICS, from version 14 on; before, an index on it), then run \
                 ANALYZE."
            }
            Self::Nothing => {
                "There are no statistics about the rows of functions, subqueries, aggregates (HAVING), window functions, recursive \
                 queries and UNION. Store such rows in a temporary table and run ANALYZE on it if the plan suffers from the estimate."
            }
        }
    }

    /// Whether ANALYZE of the table might be enough.
    #[must_use]
    pub fn is_analyze(self) -> bool {
        matches!(self, Self::Columns | Self::Join | Self::Text)
    }
}

/// Whether it reads rows of a table.
#[must_use]
pub fn is_table_scan(node: &PlanNode<'_>) -> bool {
    matches!(
        node.node.kind,
        NodeType::SeqScan
            | NodeType::SampleScan
            | NodeType::IndexScan
            | NodeType::IndexOnlyScan
            | NodeType::BitmapHeapScan
            | NodeType::ForeignScan
    )
}

/// What the planner estimates the rows of the node from.
#[must_use]
pub fn cure(node: &PlanNode<'_>) -> Cure {
    match node.node.kind {
        NodeType::NestedLoop | NodeType::HashJoin | NodeType::MergeJoin => return Cure::Join,
        NodeType::Aggregate if node.node.condition(ConditionKind::Filter).is_some() => return Cure::Nothing,
        NodeType::Aggregate | NodeType::Group | NodeType::Unique => return Cure::Columns,
        _ if !is_table_scan(node) => return Cure::Nothing,
        _ => {}
    }
    let kinds = [ConditionKind::Filter, ConditionKind::IndexCond, ConditionKind::RecheckCond];
    let conditions = kinds.into_iter().filter_map(|kind| node.node.condition(kind));
    let cures = conditions.flat_map(sought).map(|sought| match sought {
        Sought::Expression => Cure::Expressions,
        Sought::Subquery | Sought::Nothing => Cure::Nothing,
        Sought::Text => Cure::Text,
        Sought::Column | Sought::Prefix | Sought::Contained | Sought::Element | Sought::Pattern | Sought::Other => {
            Cure::Columns
        }
    });
    cures.min().unwrap_or(Cure::Columns)
}

/// ANALYZE of each table that these nodes scan, once.
#[must_use]
pub fn analyze<'a>(nodes: impl Iterator<Item = PlanNode<'a>>) -> String {
    let statements: BTreeSet<String> =
        nodes.filter_map(|node| node.relation()).map(|relation| format!("ANALYZE {relation};")).collect();
    statements.into_iter().collect::<Vec<_>>().join("\n")
}
