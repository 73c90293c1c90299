//! EXPLAIN output of PostgreSQL as a typed tree, and the own time of each of its nodes.
//!
//! Pure: no input, no output, no clock. [`read()`] finds the plans in a text as people paste it, in JSON or text form; both forms of
//! one execution give the same [`Plan`], up to what the text form does not print ([`Plan::in_text_form`]). [`Times::of`] computes own
//! times, [`Blocks::of`] own blocks.

mod assemble;
mod doc;
mod error;
mod find;
mod frame;
mod json;
pub mod limits;
mod model;
mod own;
mod text;
mod text_form;

pub use self::error::{OtherFormat, ReadError};
pub use self::model::*;
pub use self::own::{Blocks, NodeTime, Times};

/// Reads every plan in a text, in their order.
///
/// # Errors
/// There is no plan in it, it is in a format that is not read, or it exceeds one of the [`limits`].
pub fn read(text: &str) -> Result<Vec<Plan>, ReadError> {
    find::plans(text)
}
