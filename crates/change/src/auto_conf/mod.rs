//! `postgresql.auto.conf`: reading it, what `ALTER SYSTEM` makes of it, and the statement that writes a line again.
//!
//! The server rewrites the whole file with every `ALTER SYSTEM`: two lines of header, then each entry on a line of its own. What was set
//! moves to the end, comments go, and entries that occur twice stay twice. [`AutoConf::after`] is that rule.

mod alter;
mod edit;
mod entry;
mod file;
mod line;
mod read;

pub use alter::{Alter, set_from_file, set_of};
pub use edit::{Edit, Edited, Target, edit, value_in};
pub use entry::{Comment, Entry};
pub use file::AutoConf;
pub use line::line_of;
pub use read::{ReadError, Unreadable};

#[cfg(test)]
mod tests;
