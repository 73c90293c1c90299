//! What a section is: its declaration, its typed rows, and how they are read from the document.

use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cell::{Cell, ColumnValue};

/// Whose data a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// The same from every database.
    Cluster,
    /// One database's own; its rows name the database where several are collected.
    Database,
}

/// What chooses the SQL of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionedBy {
    /// The server's major version.
    Server,
    /// The installed version of this extension, `1.10` counted as 110.
    Extension(&'static str),
}

/// How a column's text becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ColumnType {
    /// A string; also identifiers beyond 2^53.
    Text,
    /// A number without fraction.
    Integer,
    /// A number; `NaN` and `Infinity` become strings.
    Float,
    /// `true` or `false`.
    Boolean,
    /// RFC 3339 in UTC.
    Timestamp,
    /// An array of numbers, from `int2vector`, `oidvector` or an array.
    IntegerList,
    /// An array of numbers, from an array of floating-point numbers.
    FloatList,
    /// An array of strings, from `text[]`.
    TextList,
}

/// What is done to a column's text before it enters the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Query text: comments removed, literals replaced, utility statements cut to their first words.
    Sql,
    /// The value of the parameter that the row's `name` column names.
    Setting,
    /// A free text in which people put addresses: user information of URLs is replaced.
    Urls,
    /// A connection string: every value that is not known to be harmless is replaced.
    Conninfo,
    /// An expression: literals replaced by `?` and a hash under a key that nobody keeps, so that equal ones stay equal.
    Expression,
}

/// One column of a section.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSpec {
    /// The column's name, as the server names it.
    pub name: &'static str,
    /// How its text becomes JSON.
    pub ty: ColumnType,
    /// What it means, and in which unit.
    pub doc: &'static str,
    /// What is removed from it at the source.
    pub mask: Option<Mask>,
}

/// A statement that reads more, for the roles that may run it.
#[derive(Debug)]
pub struct Privileged {
    /// A boolean expression that asks the server whether the role may run it.
    pub when: &'static str,
    /// "From this version on" and the statement, in ascending order.
    pub sql: &'static [(i64, &'static str)],
    /// What every other role does not see, where that is worth saying.
    pub otherwise: Option<&'static str>,
}

/// The declaration of a section: everything about it that is data.
#[derive(Debug)]
pub struct SectionSpec {
    /// The section's name in the document, mostly that of the view it reads.
    pub name: &'static str,
    /// What the section holds, for the docs and the report.
    pub doc: &'static str,
    /// Whose data it holds.
    pub scope: Scope,
    /// First major server version that has it.
    pub since: i64,
    /// What chooses between the entries of `sql`.
    pub versioned_by: VersionedBy,
    /// "From this version on" and the statement, in ascending order.
    pub sql: &'static [(i64, &'static str)],
    /// The statement for roles that may see more; it has the same columns.
    pub privileged: Option<Privileged>,
    /// A query of one value that says why the section cannot be read, or NULL. Asking first keeps the server's log clean.
    pub guard: Option<&'static str>,
    /// The predefined role without which rows or columns stay hidden.
    pub complete_with: Option<&'static str>,
    /// Whether its numbers only grow until they are reset, so that two samples give rates.
    pub cumulative: bool,
    /// The columns of its rows.
    pub columns: &'static [ColumnSpec],
}

impl SectionSpec {
    /// The statement for `version` (of the server or of the extension, as [`Self::versioned_by`] says), and for a role
    /// that may run the privileged one or not.
    ///
    /// A version newer than any known gets the newest statement.
    #[must_use]
    pub fn sql_for(&self, version: i64, privileged: bool) -> Option<&'static str> {
        let more = self.privileged.as_ref().filter(|_| privileged);
        let sql = more.map_or(self.sql, |more| more.sql);
        sql.iter().rev().find(|(from, _)| *from <= version).map(|(_, sql)| *sql)
    }

    /// The declaration of the column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A typed row of a section. Implemented by the `section!` macro only.
pub trait Row: Sized {
    /// The section the row belongs to.
    const SPEC: &'static SectionSpec;

    /// Builds the row from the values of its declared columns, in their order; `None` where a required one is missing.
    fn from_cells(cells: &mut Cells<'_, '_>) -> Option<Self>;
}

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

/// A section of one document with its rows typed.
#[derive(Debug)]
pub struct Section<R> {
    /// Whether there is anything to look at.
    pub availability: Availability,
    /// Why rows or columns of other users are hidden, where the role may not see everything.
    pub limited: Option<String>,
    /// When the section was read, by the collector's clock.
    pub collected_at: Option<Timestamp>,
    /// The rows, in the document's order.
    pub rows: Vec<R>,
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
        Self { availability, limited: None, collected_at: None, rows: Vec::new(), problems: Vec::new() }
    }

    /// Reads a section from its JSON text. Nothing in it can fail the document: what cannot be read is said.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        let head = match read_head(text) {
            Ok(head) => head,
            Err(reason) => return Self::without_rows(Availability::Unavailable(reason)),
        };
        let columns = head.columns.unwrap_or_default();
        let mut reader = RowReader::<R>::new(&columns);
        if let Some(rows) = head.rows
            && let Err(error) = (&mut reader).deserialize(&mut serde_json::Deserializer::from_str(rows.get()))
        {
            return Self::without_rows(Availability::Unavailable(damaged_rows(&error)));
        }
        Self {
            availability: Availability::Available,
            limited: head.limited,
            collected_at: head.collected_at.and_then(|text| text.parse().ok()),
            problems: reader.problems(),
            rows: reader.rows,
        }
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
    /// Why rows or columns of other users are hidden.
    pub limited: Option<String>,
    /// How long it took to collect, in milliseconds.
    pub duration_ms: Option<f64>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// The section `name` of `snapshot` without its types.
#[must_use]
pub fn read_table(snapshot: &crate::DiagSnapshot, name: &str) -> UntypedSection {
    let unreadable = |availability| UntypedSection {
        availability,
        limited: None,
        duration_ms: None,
        columns: Vec::new(),
        rows: Vec::new(),
    };
    let Some(raw) = snapshot.sections.get(name) else { return unreadable(Availability::Absent) };
    let head = match read_head(raw.get()) {
        Ok(head) => head,
        Err(reason) => return unreadable(Availability::Unavailable(reason)),
    };
    match head.rows.map(|rows| serde_json::from_str(rows.get())).transpose() {
        Ok(rows) => UntypedSection {
            availability: Availability::Available,
            limited: head.limited,
            duration_ms: head.duration_ms,
            columns: head.columns.unwrap_or_default(),
            rows: rows.unwrap_or_default(),
        },
        Err(error) => unreadable(Availability::Unavailable(damaged_rows(&error))),
    }
}

/// The members of a section that can be read, or why it cannot.
fn read_head(text: &str) -> Result<SectionHead<'_>, String> {
    let head: SectionHead<'_> =
        serde_json::from_str(text).map_err(|error| format!("the section is damaged: {error}"))?;
    if head.available.unwrap_or(head.error.is_none() && head.rows.is_some()) {
        return Ok(head);
    }
    Err(head.error.unwrap_or_else(|| "no reason was recorded".to_owned()))
}

fn damaged_rows(error: &serde_json::Error) -> String {
    format!("the section's rows are damaged: {error}")
}

/// Hands a row's values to [`Row::from_cells`] in the order of the declared columns.
pub struct Cells<'r, 'de> {
    cells: &'r [Cell<'de>],
    positions: std::slice::Iter<'r, Option<usize>>,
    columns: std::slice::Iter<'static, ColumnSpec>,
    mistyped: &'r mut Vec<Mistyped>,
}

/// A column in which values were of another type than declared.
struct Mistyped {
    column: &'static str,
    kind: &'static str,
    rows: u64,
}

impl Cells<'_, '_> {
    /// The next declared column's value.
    pub fn value<T: ColumnValue>(&mut self) -> Option<T> {
        let position = self.positions.next().copied().flatten();
        let column = self.columns.next()?;
        let cell = position.and_then(|position| self.cells.get(position)).unwrap_or(&Cell::Null);
        if cell.is_missing() {
            return T::missing();
        }
        T::from_cell(cell).or_else(|| {
            self.note(column.name, cell.kind());
            T::missing()
        })
    }

    fn note(&mut self, column: &'static str, kind: &'static str) {
        match self.mistyped.iter_mut().find(|seen| seen.column == column && seen.kind == kind) {
            Some(seen) => seen.rows += 1,
            None => self.mistyped.push(Mistyped { column, kind, rows: 1 }),
        }
    }
}

/// Streams the rows of a section into typed rows, so that no second copy of the document is held.
struct RowReader<R> {
    positions: Vec<Option<usize>>,
    rows: Vec<R>,
    mistyped: Vec<Mistyped>,
    dropped: u64,
}

impl<R: Row> RowReader<R> {
    fn new(columns: &[String]) -> Self {
        let positions = R::SPEC.columns.iter().map(|spec| columns.iter().position(|name| name == spec.name)).collect();
        Self { positions, rows: Vec::new(), mistyped: Vec::new(), dropped: 0 }
    }

    fn push(&mut self, cells: &[Cell<'_>]) {
        let mut cells = Cells {
            cells,
            positions: self.positions.iter(),
            columns: R::SPEC.columns.iter(),
            mistyped: &mut self.mistyped,
        };
        match R::from_cells(&mut cells) {
            Some(row) => self.rows.push(row),
            None => self.dropped += 1,
        }
    }

    fn problems(&self) -> Vec<String> {
        let name = R::SPEC.name;
        let mistyped = self.mistyped.iter().map(|seen| {
            format!(
                "section {name}: column {} holds {} in {} row(s); taken as unknown",
                seen.column, seen.kind, seen.rows
            )
        });
        let dropped = (self.dropped > 0)
            .then(|| format!("section {name}: {} row(s) without their key columns were passed over", self.dropped));
        mistyped.chain(dropped).collect()
    }
}

impl<'de, R: Row> DeserializeSeed<'de> for &mut RowReader<R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, R: Row> Visitor<'de> for &mut RowReader<R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element::<Cell<'de>>()? {
            match row {
                Cell::List(cells) => self.push(&cells),
                _ => self.dropped += 1,
            }
        }
        Ok(())
    }
}
