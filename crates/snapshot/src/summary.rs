//! What a section holds, without building its rows: for sections that nobody reads.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::DiagSnapshot;
use crate::rows::{Availability, Partial, damaged_rows, read_head};

/// A section without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSummary {
    /// Whether it was read.
    pub availability: Availability,
    /// Why rows or columns of other users are hidden.
    pub limited: Option<String>,
    /// The databases whose part is missing.
    pub partial: Vec<Partial>,
    /// How many rows it has.
    pub rows: u64,
}

impl DiagSnapshot {
    /// What the section `name` holds. Its rows are counted and not kept, so that a large section costs no memory.
    #[must_use]
    pub fn summary(&self, name: &str) -> SectionSummary {
        let without_rows = |availability| SectionSummary { availability, limited: None, partial: Vec::new(), rows: 0 };
        let Some(raw) = self.sections.get(name) else { return without_rows(Availability::Absent) };
        let head = match read_head(raw.get()) {
            Ok(head) => head,
            Err(reason) => return without_rows(Availability::Unavailable(reason)),
        };
        match head.rows.map_or(Ok(0), count) {
            Ok(rows) => SectionSummary {
                availability: Availability::Available,
                limited: head.limited,
                partial: head.partial.unwrap_or_default(),
                rows,
            },
            Err(error) => without_rows(Availability::Unavailable(damaged_rows(&error))),
        }
    }
}

/// The number of elements of a JSON array.
fn count(rows: &RawValue) -> Result<u64, serde_json::Error> {
    serde_json::Deserializer::from_str(rows.get()).deserialize_seq(Count)
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let mut rows = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            rows += 1;
        }
        Ok(rows)
    }
}
