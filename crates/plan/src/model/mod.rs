//! The typed tree, the same for the JSON and the text form.

mod figures;
mod jit;
mod kind;
mod node;
mod plan;

pub use figures::{
    Actual, Buffers, GroupSort, HashAggregate, HashTable, HeapBlocks, IncrementalSort, Io, IoTimes, Memoize, Run, Sort,
    Storage, Wal,
};
pub use jit::{Jit, JitOptions, JitTimes};
pub use kind::{JoinType, NodeType, Operation, PartialMode, Relationship, SetCommand, Strategy};
pub use node::{
    Condition, ConditionKind, Conflict, Estimate, Gathering, GroupingSet, Keys, Merged, Node, NodeId, Property,
    Removed, Sample, Target, TargetTable, Worker,
};
pub use plan::{Plan, Planning, Serialization, Trigger};
