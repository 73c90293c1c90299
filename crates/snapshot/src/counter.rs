//! What a column is declared as: its type in a row, and what becomes of it between two samples of the same row.

use std::marker::PhantomData;

use jiff::Timestamp;
use pgdba_pg::Lsn;

use crate::cell::ColumnValue;
use crate::spec::ColumnRole;

/// What a column of a section can be declared as: a type of its values, or such a type with a role.
pub trait Column {
    /// The type of the field in the row.
    type Value: ColumnValue + Clone;

    /// What its values do between two samples.
    const ROLE: ColumnRole;

    /// How many rows the server had, if that is what the column says.
    fn total(_: &Self::Value) -> Option<u64> {
        None
    }

    /// What stands in the row of the growth between two samples; what the column says against it goes into `growth`.
    fn growth(now: &Self::Value, earlier: &Self::Value, name: &'static str, growth: &mut Growth) -> Self::Value;
}

/// A number that only grows until it is reset. The field is `Option<T>`.
pub struct Counter<T = i64>(PhantomData<T>);

/// The time since which the counters of the row count. The field is `Option<Timestamp>`.
pub struct CountedSince;

/// The largest value since a reset. The field is `Option<f64>`.
pub struct Maximum;

/// The smallest value since a reset. The field is `Option<f64>`.
pub struct Minimum;

/// How many rows the server had, the same in each row of a section that may hold only part of them. The field is
/// `Option<i64>`.
pub struct Total;

/// Why the growth of a row between two samples is unknown, as far as the row itself can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmatched {
    /// The time since which its counters count is another.
    Reset,
    /// The counter of this name is lower than before.
    Fell(&'static str),
}

/// What the columns of a row say against a growth, gathered column by column.
#[derive(Debug, Default)]
pub struct Growth {
    is_same_count: bool,
    is_reset: bool,
    fell: Option<&'static str>,
    turned: Option<&'static str>,
}

impl Growth {
    /// `row`, unless its counters were reset.
    ///
    /// # Errors
    /// How the reset shows.
    pub fn of<R>(self, row: R) -> Result<R, Unmatched> {
        // Where the row says since when it counts, a maximum that fell was reset alone.
        let turned = self.turned.filter(|_| !self.is_same_count);
        match self.fell.or(turned) {
            _ if self.is_reset => Err(Unmatched::Reset),
            Some(column) => Err(Unmatched::Fell(column)),
            None => Ok(row),
        }
    }
}

/// A value type on its own is a gauge: the growth shows it as it is now.
macro_rules! gauges {
    ($($ty:ty),+ $(,)?) => {$(
        impl Column for $ty {
            type Value = Self;
            const ROLE: ColumnRole = ColumnRole::Gauge;

            fn growth(now: &Self, _: &Self, _: &'static str, _: &mut Growth) -> Self {
                now.clone()
            }
        }
    )+};
}

gauges! {
    String,
    i64,
    Option<String>,
    Option<char>,
    Option<i64>,
    Option<f64>,
    Option<bool>,
    Option<Timestamp>,
    Option<Vec<i64>>,
    Option<Vec<f64>>,
    Option<Vec<String>>,
}

/// A number that a counter can have.
pub trait Amount: Copy + PartialOrd {
    /// `self - earlier`, none where the type cannot hold it.
    fn minus(self, earlier: Self) -> Option<Self>;

    /// The nearest floating-point number, for rates.
    fn to_f64(self) -> f64;
}

impl Amount for i64 {
    fn minus(self, earlier: Self) -> Option<Self> {
        self.checked_sub(earlier)
    }

    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Amount for f64 {
    fn minus(self, earlier: Self) -> Option<Self> {
        Some(self - earlier).filter(|difference| difference.is_finite())
    }

    fn to_f64(self) -> f64 {
        self
    }
}

impl Amount for Lsn {
    fn minus(self, earlier: Self) -> Option<Self> {
        self.since(earlier).map(Self)
    }

    fn to_f64(self) -> f64 {
        self.0 as f64
    }
}

macro_rules! counters {
    ($($ty:ty),+) => {$(
        impl Column for Counter<$ty> {
            type Value = Option<$ty>;
            const ROLE: ColumnRole = ColumnRole::Counter;

            fn growth(now: &Self::Value, earlier: &Self::Value, name: &'static str, growth: &mut Growth) -> Self::Value {
                let (now, earlier) = now.zip(*earlier)?;
                if now < earlier {
                    growth.fell.get_or_insert(name);
                }
                now.minus(earlier)
            }
        }
    )+};
}

counters!(i64, f64, Lsn);

impl Column for CountedSince {
    type Value = Option<Timestamp>;
    const ROLE: ColumnRole = ColumnRole::CountedSince;

    fn growth(now: &Self::Value, earlier: &Self::Value, _: &'static str, growth: &mut Growth) -> Self::Value {
        growth.is_reset |= now != earlier;
        growth.is_same_count |= now.is_some() && now == earlier;
        *now
    }
}

impl Column for Maximum {
    type Value = Option<f64>;
    const ROLE: ColumnRole = ColumnRole::Maximum;

    fn growth(now: &Self::Value, earlier: &Self::Value, name: &'static str, growth: &mut Growth) -> Self::Value {
        if now.zip(*earlier).is_some_and(|(now, earlier)| now < earlier) {
            growth.turned.get_or_insert(name);
        }
        *now
    }
}

impl Column for Minimum {
    type Value = Option<f64>;
    const ROLE: ColumnRole = ColumnRole::Minimum;

    fn growth(now: &Self::Value, earlier: &Self::Value, name: &'static str, growth: &mut Growth) -> Self::Value {
        if now.zip(*earlier).is_some_and(|(now, earlier)| now > earlier) {
            growth.turned.get_or_insert(name);
        }
        *now
    }
}

impl Column for Total {
    type Value = Option<i64>;
    const ROLE: ColumnRole = ColumnRole::Gauge;

    fn total(value: &Self::Value) -> Option<u64> {
        value.and_then(|total| u64::try_from(total).ok())
    }

    fn growth(now: &Self::Value, _: &Self::Value, _: &'static str, _: &mut Growth) -> Self::Value {
        *now
    }
}

/// One value of a row's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPart<'a> {
    /// Null: the identifier is hidden from the role that collected, or unknown.
    Unknown,
    /// A boolean; none where this version does not have the column.
    Boolean(Option<bool>),
    /// A number, mostly an oid.
    Integer(i64),
    /// A name, or an identifier beyond 2^53.
    Text(&'a str),
}

/// A field that can be in a key.
pub trait KeyColumn {
    /// Its value.
    fn key_part(&self) -> KeyPart<'_>;
}

impl KeyColumn for String {
    fn key_part(&self) -> KeyPart<'_> {
        KeyPart::Text(self)
    }
}

impl KeyColumn for i64 {
    fn key_part(&self) -> KeyPart<'_> {
        KeyPart::Integer(*self)
    }
}

impl KeyColumn for Option<bool> {
    fn key_part(&self) -> KeyPart<'_> {
        KeyPart::Boolean(*self)
    }
}

impl KeyColumn for Option<String> {
    fn key_part(&self) -> KeyPart<'_> {
        self.as_ref().map_or(KeyPart::Unknown, String::key_part)
    }
}

impl KeyColumn for Option<i64> {
    fn key_part(&self) -> KeyPart<'_> {
        self.as_ref().map_or(KeyPart::Unknown, i64::key_part)
    }
}
