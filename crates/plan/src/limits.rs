//! How much is read of a text. Memory grows in proportion to these: a text of [`MAX_BYTES`] takes less than 1 GB.

/// The largest text, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The most lines of a text.
pub const MAX_LINES: usize = 4_000_000;

/// The most nodes of all plans in a text. Their depth is not limited: no part of this crate calls itself for a child.
pub const MAX_NODES: usize = 100_000;

/// The most values of the JSON documents and properties in a text.
pub const MAX_VALUES: usize = 4_000_000;
