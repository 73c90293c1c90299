//! A node of a plan.

use pgdba_pg::quote::quote_identifier;

use super::figures::Run;
use super::kind::{JoinType, NodeType, Operation, PartialMode, Relationship, SetCommand, Strategy};

/// The place of a node in [`Plan::nodes`](super::Plan::nodes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// One node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it does.
    pub kind: NodeType,
    /// Its parent; none for the root.
    pub parent: Option<NodeId>,
    /// Its children, subqueries included, in the order in which EXPLAIN prints them.
    pub children: Vec<NodeId>,
    /// What it is to its parent; none for the root.
    pub relationship: Option<Relationship>,
    /// `CTE recent`, `InitPlan 1 (returns $0)`, `SubPlan 2`.
    pub subplan: Option<String>,
    /// How an Aggregate or a SetOp works.
    pub strategy: Option<Strategy>,
    /// Which part of an aggregation it does.
    pub partial_mode: Option<PartialMode>,
    /// What a ModifyTable or a Foreign Scan does.
    pub operation: Option<Operation>,
    /// Of a join.
    pub join_type: Option<JoinType>,
    /// Of a SetOp.
    pub command: Option<SetCommand>,
    /// The extension that a Custom Scan is of.
    pub provider: Option<String>,
    /// The processes share its work.
    pub is_parallel_aware: bool,
    /// An Append can wait for it and others at the same time.
    pub is_async: bool,
    /// The planner had no alternative to this node, which a parameter `enable_…` disables; from version 18 on.
    pub is_disabled: bool,
    /// The rows of an index are read from last to first.
    pub is_backward: bool,
    /// No inner row matches twice; known with VERBOSE, or from JSON.
    pub is_inner_unique: Option<bool>,
    /// What it reads or writes.
    pub target: Target,
    /// What the planner expected; absent with COSTS off.
    pub estimate: Option<Estimate>,
    /// What was measured.
    pub run: Run,
    /// Its columns: VERBOSE.
    pub output: Vec<String>,
    /// Its conditions and other expressions.
    pub conditions: Vec<Condition>,
    /// Rows that its conditions removed.
    pub removed: Removed,
    /// Columns and expressions by which it sorts, groups or caches.
    pub keys: Keys,
    /// Of a Gather or Gather Merge.
    pub gathering: Option<Gathering>,
    /// Batches into which the planner expected a hashed aggregation to be split; 0 is none.
    pub planned_partitions: u64,
    /// Children of an Append that were excluded when the execution began.
    pub subplans_removed: u64,
    /// Of a Sample Scan.
    pub sample: Option<Sample>,
    /// ON CONFLICT of an INSERT.
    pub conflict: Option<Conflict>,
    /// Rows of a MERGE.
    pub merged: Option<Merged>,
    /// The tables of a ModifyTable, where they are not just the one in `target`.
    pub target_tables: Vec<TargetTable>,
    /// Its parallel workers.
    pub workers: Vec<Worker>,
    /// What else EXPLAIN reports, such as the properties of extensions.
    pub other: Vec<Property>,
}

/// What a node reads or writes. Names are raw, not quoted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Schema of the relation or function: VERBOSE.
    pub schema: Option<String>,
    /// Table, view or the like.
    pub relation: Option<String>,
    /// The name by which the statement knows it.
    pub alias: Option<String>,
    /// Index.
    pub index: Option<String>,
    /// Of a CTE Scan or WorkTable Scan.
    pub cte: Option<String>,
    /// Of a Function Scan with one function.
    pub function: Option<String>,
    /// `xmltable`, `json_table`.
    pub table_function: Option<String>,
}

/// What the planner expected.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Cost until the first row, in the planner's unit.
    pub startup_cost: f64,
    /// Cost until the last row.
    pub total_cost: f64,
    /// Rows of one loop of one process.
    pub rows: f64,
    /// Average width of a row, in bytes.
    pub width: u64,
}

/// A condition or another expression of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is for.
    pub kind: ConditionKind,
    /// The expression.
    pub text: String,
}

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// `Filter`
    Filter,
    /// `Join Filter`
    JoinFilter,
    /// `Index Cond`
    IndexCond,
    /// `Recheck Cond`
    RecheckCond,
    /// `TID Cond`
    TidCond,
    /// `Hash Cond`
    HashCond,
    /// `Merge Cond`
    MergeCond,
    /// `Order By`: the distance by which an index returns rows
    OrderBy,
    /// `One-Time Filter`
    OneTimeFilter,
    /// `Conflict Filter`
    ConflictFilter,
    /// `Run Condition`
    RunCondition,
}

impl ConditionKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Filter,
        Self::JoinFilter,
        Self::IndexCond,
        Self::RecheckCond,
        Self::TidCond,
        Self::HashCond,
        Self::MergeCond,
        Self::OrderBy,
        Self::OneTimeFilter,
        Self::ConflictFilter,
        Self::RunCondition,
    ];

    /// The key in both forms.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Filter => "Filter",
            Self::JoinFilter => "Join Filter",
            Self::IndexCond => "Index Cond",
            Self::RecheckCond => "Recheck Cond",
            Self::TidCond => "TID Cond",
            Self::HashCond => "Hash Cond",
            Self::MergeCond => "Merge Cond",
            Self::OrderBy => "Order By",
            Self::OneTimeFilter => "One-Time Filter",
            Self::ConflictFilter => "Conflict Filter",
            Self::RunCondition => "Run Condition",
        }
    }
}

/// Rows that conditions removed, in an average loop and rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Removed {
    /// By the filter.
    pub filter: Option<f64>,
    /// By the join filter.
    pub join_filter: Option<f64>,
    /// By checking the condition of an index again.
    pub index_recheck: Option<f64>,
    /// By the condition of ON CONFLICT DO UPDATE.
    pub conflict_filter: Option<f64>,
}

/// By what a node sorts, groups or caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// `Sort Key`
    pub sort: Vec<String>,
    /// `Presorted Key`: the first ones of the sort keys, by which the rows are sorted already
    pub presorted: Vec<String>,
    /// `Group Key`
    pub group: Vec<String>,
    /// `Grouping Sets`
    pub sets: Vec<GroupingSet>,
    /// `Cache Key`
    pub cache: Option<String>,
    /// `Cache Mode`: `logical` or `binary`
    pub cache_mode: Option<String>,
}

/// Grouping sets that are computed in one pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupingSet {
    /// By what the rows are sorted for it.
    pub sort: Vec<String>,
    /// The sets that are computed from sorted rows.
    pub group: Vec<Vec<String>>,
    /// The sets that are hashed.
    pub hash: Vec<Vec<String>>,
}

/// Of a Gather or Gather Merge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gathering {
    /// Workers that the planner wanted.
    pub planned: u64,
    /// Workers that were started, the last time that the node was executed.
    pub launched: Option<u64>,
    /// One worker executes it all.
    pub is_single_copy: bool,
}

/// Of a Sample Scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// `bernoulli`, `system` or that of an extension.
    pub method: String,
    /// Its arguments.
    pub parameters: Vec<String>,
    /// `REPEATABLE`
    pub seed: Option<String>,
}

/// ON CONFLICT of an INSERT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conflict {
    /// `NOTHING` or `UPDATE`.
    pub resolution: String,
    /// The unique indexes that detect a conflict.
    pub arbiters: Vec<String>,
    /// Rows that were inserted.
    pub inserted: Option<u64>,
    /// Rows that were not.
    pub conflicting: Option<u64>,
}

/// Rows of a MERGE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Inserted.
    pub inserted: u64,
    /// Updated.
    pub updated: u64,
    /// Deleted.
    pub deleted: u64,
    /// Left as they were.
    pub skipped: u64,
}

/// A table that a ModifyTable changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetTable {
    /// The table.
    pub target: Target,
    /// What its foreign data wrapper reports.
    pub other: Vec<Property>,
}

/// The part of a parallel worker in a node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Worker {
    /// Its number.
    pub number: u64,
    /// What was measured; time and blocks with VERBOSE only.
    pub run: Run,
}

/// A property without a field of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its key.
    pub key: String,
    /// Its value; the items of a list are separated by commas.
    pub value: String,
}

impl Node {
    /// A node of this type that has nothing else.
    #[must_use]
    pub fn new(kind: NodeType) -> Self {
        Self {
            kind,
            parent: None,
            children: Vec::new(),
            relationship: None,
            subplan: None,
            strategy: None,
            partial_mode: None,
            operation: None,
            join_type: None,
            command: None,
            provider: None,
            is_parallel_aware: false,
            is_async: false,
            is_disabled: false,
            is_backward: false,
            is_inner_unique: None,
            target: Target::default(),
            estimate: None,
            run: Run::default(),
            output: Vec::new(),
            conditions: Vec::new(),
            removed: Removed::default(),
            keys: Keys::default(),
            gathering: None,
            planned_partitions: 0,
            subplans_removed: 0,
            sample: None,
            conflict: None,
            merged: None,
            target_tables: Vec::new(),
            workers: Vec::new(),
            other: Vec::new(),
        }
    }

    /// How often it was executed by all processes together; 0 where it never was or where that is not known.
    #[must_use]
    pub fn loops(&self) -> u64 {
        self.run.actual.map_or(0, |actual| actual.loops)
    }

    /// Whether it is known that it was not executed at all.
    #[must_use]
    pub fn is_never_executed(&self) -> bool {
        self.run.actual.is_some_and(|actual| actual.loops == 0)
    }

    /// A condition of it.
    #[must_use]
    pub fn condition(&self, kind: ConditionKind) -> Option<&str> {
        self.conditions.iter().find(|condition| condition.kind == kind).map(|condition| condition.text.as_str())
    }

    /// Every expression that EXPLAIN prints for it.
    pub fn expressions(&self) -> impl Iterator<Item = &str> {
        let keys = [&self.keys.sort, &self.keys.presorted, &self.keys.group];
        let sets = self.keys.sets.iter().flat_map(|set| set.group.iter().chain(&set.hash).flatten().chain(&set.sort));
        let lists = keys.into_iter().flatten().chain(sets).chain(&self.output);
        let others = self.other.iter().map(|property| &property.value);
        let sample = self.sample.iter().flat_map(|sample| sample.parameters.iter().chain(&sample.seed));
        let conditions = self.conditions.iter().map(|condition| &condition.text);
        lists.chain(conditions).chain(&self.keys.cache).chain(sample).chain(others).map(String::as_str)
    }
}

impl Target {
    /// The relation with its schema, quoted as SQL needs it.
    #[must_use]
    pub fn qualified_relation(&self) -> Option<String> {
        let relation = quote_identifier(self.relation.as_ref()?);
        Some(match &self.schema {
            Some(schema) => format!("{}.{relation}", quote_identifier(schema)),
            None => relation,
        })
    }
}
