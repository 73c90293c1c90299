//! The DiagSnapshot: one JSON document that holds what a server said about itself.
//!
//! A section is one folder under [`sections`]: the struct of its rows beside the SQL of each server version.
//! [`read()`] takes a document apart leniently, [`write::SnapshotWriter`] streams one out. Pure: the only "world"
//! here is the byte slice or the writer that the caller hands in.

pub mod cell;
mod counter;
mod declare;
pub mod document;
mod encoding;
pub mod guards;
pub mod identity;
mod json_error;
pub mod permission;
pub mod prerequisites;
pub mod psql;
pub mod read;
mod read_error;
pub mod redact;
mod row;
mod rows;
pub mod schema;
pub mod section;
mod section_texts;
pub mod sections;
pub mod since;
mod spec;
mod stream;
mod summary;
pub mod wire;
pub mod write;

pub use document::{DiagSnapshot, FORMAT, FORMAT_VERSION, Gap, Prereq, Producer, Sampling};
pub use identity::{Fingerprint, Identity, Tier};
pub use read::{BASELINE_FORMAT, bare, read, read_bytes, unpacked};
pub use read_error::ReadError;
pub use section::{Availability, Row, Section, SectionSpec};
pub use summary::SectionSummary;
