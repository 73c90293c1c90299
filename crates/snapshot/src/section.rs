//! Sections: their declarations, their typed rows, and how they are read from a document.

pub use crate::counter::{
    Amount, Column, CountedSince, Counter, Growth, KeyColumn, KeyPart, Maximum, Minimum, Total, Unmatched,
};
pub use crate::document::read_table;
pub use crate::row::{Cells, Row};
pub use crate::rows::{Availability, Partial, Sample, SampleHead, Section, SectionHead, UntypedSection};
pub use crate::spec::{ColumnRole, ColumnSpec, ColumnType, Mask, Privileged, Scope, SectionSpec, VersionedBy};
