//! Every face of an analysis over one closed set of blocks.
//!
//! [`Report::of`] arranges an analysis into parts of [`Block`]s; a face ([`html`], [`text`], [`markdown`]) knows the
//! kinds of blocks and nothing of rules. A new rule touches no face.

pub mod arrange;
pub mod block;
mod chart;
pub mod html;
pub mod markdown;
pub mod text;

pub use block::{Action, Block, Cell, ChartBlock, Figure, FindingBlock, Part, Report, Table};
