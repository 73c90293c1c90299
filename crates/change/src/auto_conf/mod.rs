//! `postgresql.auto.conf`: reading it, what `ALTER SYSTEM` makes of it, and the way back to exactly what it was.
//!
//! The server rewrites the whole file with every `ALTER SYSTEM`: two lines of header, then each entry on a line of its own. What was set
//! moves to the end, comments go, and entries that stand twice stay twice. [`AutoConf::after`] is that rule; [`steps`] finds
//! the statements that lead from one file to another.

mod alter;
mod edit;
mod file;
mod read;
mod steps;

pub use alter::{Alter, set_from_file, set_of};
pub use edit::{Edit, Edited, Target, edit, line_of, value_in};
pub use file::{AutoConf, Entry, with_only};
pub use read::{ReadError, Unreadable};
pub use steps::{Restore, steps};

#[cfg(test)]
mod tests;
