//! Every face of an analysis over one closed set of blocks.
//!
//! [`Report::of`] arranges an analysis into parts; a face ([`html`], [`text`], [`markdown`]) knows the kinds of
//! [blocks](pgdba_analysis::Block) and nothing of rules. A new rule touches no face.

pub mod arrange;
mod chart;
pub mod document;
pub mod html;
pub mod markdown;
pub mod text;

pub use document::{Action, FindingItem, Item, Part, Report};
