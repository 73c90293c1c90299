//! Own time and own blocks: what a node took without the nodes that worked for it.
//!
//! EXPLAIN reports figures with those of the children included, and prints InitPlans and CTEs at a node that need not be the one in which
//! their time passes. Here each of them is charged to the nodes that read it.

mod attribution;
mod blocks;
mod readers;
mod times;

pub use self::blocks::Blocks;
pub use self::times::{NodeTime, Times};
