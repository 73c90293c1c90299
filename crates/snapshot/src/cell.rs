//! One value of a row, and how leniently it becomes a Rust type.
//!
//! A document may come from a newer server, from the psql script (where every value is text) or from a hostile
//! hand, so a number in quotes is a number, and a value of a wrong type is a missing value with a note.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use pgdba_pg::Lsn;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::spec::ColumnType;

/// A JSON value as it stands in a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// `null`, or no value at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number within 64 bits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Cell<'a>>),
    /// An object, which no column ever is.
    Object,
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CellReader::default().deserialize(deserializer)
    }
}

/// Reads one value; the items of a list go into the given buffer.
#[derive(Debug, Default)]
pub(crate) struct CellReader<'de>(pub(crate) Vec<Cell<'de>>);

impl<'de> DeserializeSeed<'de> for CellReader<'de> {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellReader<'de> {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Integer))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Cell<'de>, A::Error> {
        while let Some(item) = seq.next_element()? {
            self.0.push(item);
        }
        Ok(Cell::List(self.0))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Object)
    }
}

/// A Rust type that a column can have.
pub trait ColumnValue: Sized {
    /// How the server's text becomes JSON, and what the schema says of the column.
    const TYPE: ColumnType;

    /// The value of `cell`, `None` where it is of another kind.
    fn from_cell(cell: &Cell<'_>) -> Option<Self>;

    /// What stands for a missing or unreadable value, `None` where the row cannot do without.
    fn missing() -> Option<Self>;
}

impl ColumnValue for String {
    const TYPE: ColumnType = ColumnType::Text;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        text(cell)
    }
    fn missing() -> Option<Self> {
        None
    }
}

impl ColumnValue for i64 {
    const TYPE: ColumnType = ColumnType::Integer;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        integer(cell)
    }
    fn missing() -> Option<Self> {
        None
    }
}

/// Optional columns: `null`, infinity and a value of another kind all become `None`, the last with a note.
macro_rules! optional_column {
    ($($ty:ty, $column:ident, $read:path;)+) => {$(
        impl ColumnValue for Option<$ty> {
            const TYPE: ColumnType = ColumnType::$column;

            fn from_cell(cell: &Cell<'_>) -> Option<Self> {
                if Self::TYPE.can_be_infinite() && cell.is_infinite() {
                    return Some(None);
                }
                $read(cell).map(Some)
            }
            fn missing() -> Option<Self> {
                Some(None)
            }
        }
    )+};
}

optional_column! {
    String, Text, text;
    char, Text, character;
    i64, Integer, integer;
    f64, Float, float;
    bool, Boolean, boolean;
    Timestamp, Timestamp, timestamp;
    Lsn, Text, lsn;
    Vec<i64>, IntegerList, integers;
    Vec<f64>, FloatList, floats;
    Vec<String>, TextList, texts;
}

fn text(cell: &Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone().into_owned()),
        // A tool between us and the server may have taken an identifier for a number.
        Cell::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A value of the type `"char"`.
fn character(cell: &Cell<'_>) -> Option<char> {
    let Cell::Text(text) = cell else { return None };
    let mut characters = text.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// Up to here a floating-point number tells whole numbers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn integer(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Float(number) if number.fract() == 0.0 && number.abs() <= EXACT => Some(*number as i64),
        Cell::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn float(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Integer(number) => Some(*number as f64),
        Cell::Float(number) => Some(*number),
        Cell::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

fn boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Bool(value) => Some(*value),
        Cell::Text(text) => match text.as_ref() {
            "t" | "true" | "on" => Some(true),
            "f" | "false" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn timestamp(cell: &Cell<'_>) -> Option<Timestamp> {
    match cell {
        Cell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn lsn(cell: &Cell<'_>) -> Option<Lsn> {
    match cell {
        Cell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn integers(cell: &Cell<'_>) -> Option<Vec<i64>> {
    match cell {
        Cell::List(items) => items.iter().map(integer).collect(),
        _ => None,
    }
}

fn floats(cell: &Cell<'_>) -> Option<Vec<f64>> {
    match cell {
        Cell::List(items) => items.iter().map(float).collect(),
        _ => None,
    }
}

fn texts(cell: &Cell<'_>) -> Option<Vec<String>> {
    match cell {
        Cell::List(items) => items.iter().map(text).collect(),
        _ => None,
    }
}

impl Cell<'_> {
    /// What this value is called in a message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Cell::Null => "null",
            Cell::Bool(_) => "a boolean",
            Cell::Integer(_) | Cell::Float(_) => "a number",
            Cell::Text(_) => "text",
            Cell::List(_) => "a list",
            Cell::Object => "an object",
        }
    }

    /// Whether it is what the server calls a number or a time that is none.
    fn is_infinite(&self) -> bool {
        let Cell::Text(text) = self else { return false };
        matches!(text.as_ref(), "NaN" | "Infinity" | "-Infinity" | "infinity" | "-infinity")
    }
}
