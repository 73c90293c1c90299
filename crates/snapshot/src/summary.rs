//! What a section holds, without building its rows: for sections that nobody reads.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::DiagSnapshot;
use crate::rows::{Availability, Partial, damaged_rows, read_head};

/// A section without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSummary {
    /// Whether it was read.
    pub availability: Availability,
    /// Why some rows or columns are hidden.
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
        match serde_json::from_str::<Head>(raw.get()) {
            Ok(head) => head.summary().unwrap_or_else(|reason| without_rows(Availability::Unavailable(reason))),
            // Rarely: a second reading tells which part is damaged.
            Err(error) => {
                let reason = read_head(raw.get()).map_or_else(|reason| reason, |_| damaged_rows(&error));
                without_rows(Availability::Unavailable(reason))
            }
        }
    }
}

/// The members of a section, its rows counted while they are passed: a large section is gone through once.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    available: Option<bool>,
    error: Option<String>,
    limited: Option<String>,
    partial: Option<Vec<Partial>>,
    rows: Option<Count>,
}

impl Head {
    fn summary(self) -> Result<SectionSummary, String> {
        if !self.available.unwrap_or(self.error.is_none() && self.rows.is_some()) {
            return Err(self.error.unwrap_or_else(|| "no reason was recorded".to_owned()));
        }
        Ok(SectionSummary {
            availability: Availability::Available,
            limited: self.limited,
            partial: self.partial.unwrap_or_default(),
            rows: self.rows.map_or(0, |rows| rows.0),
        })
    }
}

/// The number of elements of a JSON array.
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CountVisitor).map(Self)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
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

#[cfg(test)]
mod tests {
    use crate::sections::pg_settings::PgSetting;

    #[test]
    fn a_summary_says_of_a_section_what_reading_it_says() {
        let cases = [
            (r#"{"columns":["name"],"rows":[["a"],["b"]],"available":true}"#, 2),
            (r#"{"columns":["name"],"rows":[["a"],["b"]]}"#, 2),
            (r#"{"rows":[],"columns":["name"],"available":true,"limited":"only own rows"}"#, 0),
            (r#"{"rows":[["a"]],"columns":["name"],"partial":[{"datname":"d","error":"gone"}]}"#, 1),
            (r#"{"available":false,"error":"permission denied"}"#, 0),
            (r#"{"available":false,"error":"permission denied","rows":7}"#, 0),
            (r#"{"available":false}"#, 0),
            (r#"{"error":"no such view"}"#, 0),
            (r"{}", 0),
            (r"7", 0),
            (r#"{"available":1}"#, 0),
            (r#"{"available":true,"rows":null}"#, 0),
        ];
        for (section, rows) in cases {
            let text = format!(r#"{{"format":"pgdba.diag_snapshot","sections":{{"pg_settings":{section}}}}}"#);
            let snapshot = crate::read(text.as_bytes()).unwrap();
            let (summary, read) = (snapshot.summary("pg_settings"), snapshot.section::<PgSetting>());
            assert_eq!(summary.availability, read.availability, "{section}");
            assert_eq!((&summary.limited, &summary.partial), (&read.limited, &read.partial), "{section}");
            assert_eq!((summary.rows, read.rows.len() as u64), (rows, rows), "{section}");
        }
    }

    #[test]
    fn rows_that_are_no_list_are_damaged() {
        let text = r#"{"format":"pgdba.diag_snapshot","sections":{"pg_settings":{"available":true,"rows":7}}}"#;
        let summary = crate::read(text.as_bytes()).unwrap().summary("pg_settings");
        let crate::Availability::Unavailable(reason) = summary.availability else { panic!("{summary:?}") };
        assert!(reason.starts_with("the section's rows are damaged"), "{reason}");
    }
}
