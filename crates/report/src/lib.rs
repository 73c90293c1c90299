//! Every output format of an analysis, over one closed set of blocks.
//!
//! [`Report::of`] arranges an analysis into parts; an output format ([`html`], [`text`], [`markdown`]) supports all
//! kinds of [blocks](pgdba_analysis::Block) and does not know the rules. A new rule does not change it.

pub mod arrange;
mod chart;
pub mod document;
pub mod escape;
pub mod html;
pub mod markdown;
pub mod prose;
pub mod text;

pub use document::{Action, FindingItem, Head, Item, Part, Report};
pub use text::Layout;
