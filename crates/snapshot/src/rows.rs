//! Reading a section from the document: typed rows, or the section as it stands.

use std::marker::PhantomData;

use jiff::Timestamp;
use pgdba_pg::display;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cell::Cell;
use crate::json_error;
use crate::row::{Cells, Mistyped, Row};
use crate::stream::stream;

/// Whether a section was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It is there.
    Available,
    /// It is in the document, but the server or the collector said why it could not be read.
    Unavailable(String),
    /// The document does not mention it.
    Absent,
}

/// A database whose part of a section is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partial {
    /// The database.
    pub datname: String,
    /// Why.
    pub error: String,
}

/// The rows of a section at another time than the last.
#[derive(Debug)]
pub struct Sample<R> {
    /// When they were read, by the collector's clock.
    pub collected_at: Option<Timestamp>,
    /// The rows.
    pub rows: Vec<R>,
}

impl<R: Row> Sample<R> {
    /// Whether it holds only part of the server's rows.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        is_cut(&self.rows)
    }
}

/// Each row says how many there were, where a section may hold only part of them.
fn is_cut<R: Row>(rows: &[R]) -> bool {
    let total = rows.first().and_then(Row::total);
    total.is_some_and(|total| u64::try_from(rows.len()).is_ok_and(|rows| rows < total))
}

/// A section of one document with its rows typed.
#[derive(Debug)]
pub struct Section<R> {
    /// Whether there is anything to look at.
    pub availability: Availability,
    /// Why rows or columns of other users are hidden, where the role may not see everything.
    pub limited: Option<String>,
    /// When the section was read, by the collector's clock.
    pub collected_at: Option<Timestamp>,
    /// How many times it was sampled, if its rows are counts over several samples.
    pub readings: Option<u64>,
    /// The rows, in the document's order; of a delta those of the last look.
    pub rows: Vec<R>,
    /// The first look of a delta.
    pub earlier: Option<Sample<R>>,
    /// The looks between the first and the last.
    pub between: Vec<Sample<R>>,
    /// The databases whose part is missing.
    pub partial: Vec<Partial>,
    /// What was passed over while reading, one sentence each.
    pub problems: Vec<String>,
}

/// The members of a section besides its rows.
#[derive(Debug, Default, Deserialize)]
pub struct SectionHead<'a> {
    /// Whether it could be read.
    #[serde(default)]
    pub available: Option<bool>,
    /// Why not.
    #[serde(default)]
    pub error: Option<String>,
    /// Why part of it is hidden.
    #[serde(default)]
    pub limited: Option<String>,
    /// When it was read.
    #[serde(default)]
    pub collected_at: Option<String>,
    /// How long the server took, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<f64>,
    /// The names of the columns.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// How many times it was read.
    #[serde(default)]
    pub readings: Option<u64>,
    /// The rows, unread.
    #[serde(borrow, default)]
    pub rows: Option<&'a RawValue>,
    /// The first look of a delta.
    #[serde(borrow, default)]
    pub earlier: Option<SampleHead<'a>>,
    /// The looks between the first and the last.
    #[serde(borrow, default)]
    pub between: Option<Vec<SampleHead<'a>>>,
    /// The databases whose part is missing.
    #[serde(default)]
    pub partial: Option<Vec<Partial>>,
}

/// A look of a delta besides the last.
#[derive(Debug, Default, Deserialize)]
pub struct SampleHead<'a> {
    /// When it was.
    #[serde(default)]
    pub collected_at: Option<String>,
    /// The rows, unread.
    #[serde(borrow, default)]
    pub rows: Option<&'a RawValue>,
}

impl<R: Row> Section<R> {
    /// A section that is not in the document.
    #[must_use]
    pub fn absent() -> Self {
        Self::without_rows(Availability::Absent)
    }

    fn without_rows(availability: Availability) -> Self {
        Self {
            availability,
            limited: None,
            collected_at: None,
            readings: None,
            rows: Vec::new(),
            earlier: None,
            between: Vec::new(),
            partial: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Reads a section from its JSON text. Nothing in it can fail the document: what cannot be read is said.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        let mut rows = Vec::new();
        let mut section = Self::visit(text, |row| rows.push(row));
        if section.is_available() {
            // A vector grows to twice its size, and the rows of a large section stay in memory as long as the analysis takes.
            rows.shrink_to_fit();
            section.rows = rows;
        }
        section
    }

    /// The same, with each row handed to `each` instead of kept. If the section turns out to be damaged, `each` has seen the
    /// rows before the damage.
    pub fn visit(text: &str, each: impl FnMut(R)) -> Self {
        let head = match read_head(text) {
            Ok(head) => head,
            Err(reason) => return Self::without_rows(Availability::Unavailable(reason)),
        };
        let columns = head.columns.unwrap_or_default();
        let mut problems = match read_rows(&columns, head.rows, each) {
            Ok(problems) => problems,
            Err(error) => return Self::without_rows(Availability::Unavailable(damaged_rows(&error))),
        };
        let mut sample = |head: SampleHead<'_>| {
            let mut rows = Vec::new();
            match read_rows(&columns, head.rows, |row| rows.push(row)) {
                Ok(_) => Some(Sample { collected_at: time(head.collected_at), rows }),
                Err(error) => {
                    let reason = json_error::plain(&error);
                    problems.push(format!("section {}: a sample is damaged: {reason}", R::SPEC.name));
                    None
                }
            }
        };
        Self {
            earlier: head.earlier.and_then(&mut sample),
            between: head.between.into_iter().flatten().filter_map(sample).collect(),
            availability: Availability::Available,
            limited: head.limited,
            collected_at: time(head.collected_at),
            readings: head.readings,
            partial: head.partial.unwrap_or_default(),
            problems,
            rows: Vec::new(),
        }
    }

    /// Whether it holds only part of the server's rows.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        is_cut(&self.rows)
    }

    /// Whether the section can be looked at.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.availability == Availability::Available
    }
}

/// A section as it stands in the document, without its types: for showing it, and for sections no type knows.
#[derive(Debug)]
pub struct UntypedSection {
    /// Whether there is anything to look at.
    pub availability: Availability,
    /// Why some rows or columns are hidden.
    pub limited: Option<String>,
    /// The databases whose part is missing.
    pub partial: Vec<Partial>,
    /// How long it took to collect, in milliseconds.
    pub duration_ms: Option<f64>,
    /// Looks besides the last: 0, or those of a delta.
    pub samples: u64,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<serde_json::Value>>,
}

impl UntypedSection {
    /// Reads a section from its JSON text; none where the document does not mention it.
    #[must_use]
    pub(crate) fn from_json(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::without_rows(Availability::Absent) };
        let head = match read_head(text) {
            Ok(head) => head,
            Err(reason) => return Self::without_rows(Availability::Unavailable(reason)),
        };
        match head.rows.map(|rows| serde_json::from_str(rows.get())).transpose() {
            Ok(rows) => Self {
                availability: Availability::Available,
                limited: head.limited,
                partial: head.partial.unwrap_or_default(),
                duration_ms: head.duration_ms,
                samples: samples(head.earlier.iter().len(), head.between.iter().flatten().count()),
                columns: head.columns.unwrap_or_default(),
                rows: rows.unwrap_or_default(),
            },
            Err(error) => Self::without_rows(Availability::Unavailable(damaged_rows(&error))),
        }
    }

    fn without_rows(availability: Availability) -> Self {
        Self {
            availability,
            limited: None,
            partial: Vec::new(),
            duration_ms: None,
            samples: 0,
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }
}

fn samples(earlier: usize, between: usize) -> u64 {
    u64::try_from(earlier.saturating_add(between)).unwrap_or(u64::MAX)
}

/// The members of a section that can be read, or why it cannot.
pub(crate) fn read_head(text: &str) -> Result<SectionHead<'_>, String> {
    let head: SectionHead<'_> =
        serde_json::from_str(text).map_err(|error| format!("the section is damaged: {}", json_error::plain(&error)))?;
    if head.available.unwrap_or(head.error.is_none() && head.rows.is_some()) {
        return Ok(head);
    }
    Err(head.error.unwrap_or_else(|| "no reason was recorded".to_owned()))
}

/// Hands each row to `each`, and says what was passed over.
fn read_rows<R: Row>(
    columns: &[String],
    rows: Option<&RawValue>,
    each: impl FnMut(R),
) -> Result<Vec<String>, serde_json::Error> {
    let mut reader = RowReader::<R, _>::new(columns, each);
    if let Some(rows) = rows {
        stream(rows.get(), &mut |row| reader.push(row))?;
    }
    Ok(reader.problems())
}

fn time(text: Option<String>) -> Option<Timestamp> {
    text.and_then(|text| text.parse().ok())
}

pub(crate) fn damaged_rows(error: &serde_json::Error) -> String {
    format!("the section's rows are damaged: {}", json_error::plain(error))
}

/// Makes typed rows of the values of a section.
struct RowReader<R, F> {
    positions: Vec<Option<usize>>,
    each: F,
    mistyped: Vec<Mistyped>,
    dropped: u64,
    row: PhantomData<R>,
}

impl<R: Row, F: FnMut(R)> RowReader<R, F> {
    fn new(columns: &[String], each: F) -> Self {
        let positions = R::SPEC.columns.iter().map(|spec| columns.iter().position(|name| name == spec.name)).collect();
        Self { positions, each, mistyped: Vec::new(), dropped: 0, row: PhantomData }
    }

    fn push(&mut self, cells: Option<&[Cell<'_>]>) {
        let row =
            cells.and_then(|cells| R::from_cells(&mut Cells::new(R::SPEC, cells, &self.positions, &mut self.mistyped)));
        match row {
            Some(row) => (self.each)(row),
            None => self.dropped += 1,
        }
    }

    fn problems(&self) -> Vec<String> {
        let name = R::SPEC.name;
        let mistyped = self.mistyped.iter().map(|seen| {
            let rows = rows_of(seen.rows);
            format!("section {name}: column {} has {} in {rows}; treated as unknown", seen.column, seen.kind)
        });
        let dropped = (self.dropped > 0)
            .then(|| format!("section {name}: ignored {} without key columns", rows_of(self.dropped)));
        mistyped.chain(dropped).collect()
    }
}

fn rows_of(number: u64) -> String {
    display::counted(number, "row", "rows")
}
