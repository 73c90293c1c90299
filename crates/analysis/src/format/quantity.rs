//! A figure with its unit.

use jiff::Timestamp;
use pgdba_pg::{Bytes, Millis, Ratio, display};
use schemars::JsonSchema;
use serde::Serialize;

use super::spark::{self, plain_number};

/// A figure with its unit. In JSON: `{"unit":"bytes","value":8192}`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Quantity {
    /// A count.
    Count(i64),
    /// A size in bytes.
    Bytes(i64),
    /// A size in bytes as of the last VACUUM or ANALYZE, not measured.
    EstimatedBytes(i64),
    /// A duration in milliseconds.
    Millis(f64),
    /// A share between 0 and 1.
    Ratio(f64),
    /// A number without unit, such as a factor.
    Number(f64),
    /// How many times a second.
    PerSecond(f64),
    /// A moment, RFC 3339 in UTC.
    Time(#[schemars(with = "String")] Timestamp),
    /// Text or a name.
    Text(String),
    /// Numbers at equal distances in time, the oldest first.
    Series(Vec<f64>),
    /// Not measured.
    Unknown,
}

impl Quantity {
    /// The figure, as displayed.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Count(number) => display::count(*number),
            Self::Bytes(size) => display::bytes(Bytes(*size)),
            Self::EstimatedBytes(size) => format!("≈ {}", display::bytes(Bytes(*size))),
            Self::Millis(time) => display::duration(Millis(*time)),
            Self::Ratio(ratio) => display::percent(Ratio(*ratio)),
            Self::Number(number) => plain_number(*number),
            Self::PerSecond(rate) => format!("{}/s", plain_number(*rate)),
            Self::Time(time) => time_of_day(*time),
            Self::Text(text) => text.clone(),
            Self::Series(numbers) => spark::line(numbers),
            Self::Unknown => "–".to_owned(),
        }
    }

    /// The exact figure, where [`Self::display`] rounds.
    #[must_use]
    pub fn exact(&self) -> Option<String> {
        match self {
            Self::Bytes(size) => Some(format!("{size} bytes")),
            Self::EstimatedBytes(size) => Some(format!("{size} bytes, as of the last VACUUM or ANALYZE")),
            Self::Millis(time) => Some(format!("{time} ms")),
            Self::Ratio(number) | Self::Number(number) | Self::PerSecond(number) => Some(number.to_string()),
            Self::Time(time) => Some(time.to_string()),
            Self::Series(numbers) => Some(spark::words(numbers)),
            Self::Count(_) | Self::Text(_) | Self::Unknown => None,
        }
    }

    /// The sum of two figures of one unit, none if they cannot be added up.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => Some(Self::Count(a.saturating_add(*b))),
            (Self::Bytes(a), Self::Bytes(b)) => Some(Self::Bytes(a.saturating_add(*b))),
            (Self::EstimatedBytes(a), Self::Bytes(b) | Self::EstimatedBytes(b))
            | (Self::Bytes(a), Self::EstimatedBytes(b)) => Some(Self::EstimatedBytes(a.saturating_add(*b))),
            (Self::Millis(a), Self::Millis(b)) => Some(Self::Millis(a + b)),
            (Self::Ratio(a), Self::Ratio(b)) => Some(Self::Ratio(a + b)),
            (Self::Number(a), Self::Number(b)) => Some(Self::Number(a + b)),
            (Self::PerSecond(a), Self::PerSecond(b)) => Some(Self::PerSecond(a + b)),
            _ => None,
        }
    }

    /// A figure of the same unit with another size, for the ticks of an axis; words have none.
    #[must_use]
    pub fn with_size(&self, size: f64) -> Self {
        match self {
            Self::Count(_) => Self::Count(size as i64),
            Self::Bytes(_) | Self::EstimatedBytes(_) => Self::Bytes(size as i64),
            Self::Millis(_) => Self::Millis(size),
            Self::Ratio(_) => Self::Ratio(size),
            Self::Number(_) => Self::Number(size),
            Self::PerSecond(_) => Self::PerSecond(size),
            Self::Time(_) | Self::Text(_) | Self::Series(_) | Self::Unknown => Self::Unknown,
        }
    }

    /// What a line of bars shows, in words, for readers who cannot see it; none of other figures.
    #[must_use]
    pub fn series_words(&self) -> Option<String> {
        self.exact().filter(|_| matches!(self, Self::Series(_)))
    }

    /// Whether its column is aligned to the right; unknown values do not count.
    #[must_use]
    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Time(_) | Self::Series(_) | Self::Unknown)
    }

    /// A number to sort by, `None` for words.
    #[must_use]
    pub fn sort_key(&self) -> Option<f64> {
        match self {
            Self::Count(number) | Self::Bytes(number) | Self::EstimatedBytes(number) => Some(*number as f64),
            Self::Millis(number) | Self::Ratio(number) | Self::Number(number) | Self::PerSecond(number) => {
                Some(*number)
            }
            Self::Time(time) => Some(time.as_millisecond() as f64),
            Self::Text(_) | Self::Series(_) | Self::Unknown => None,
        }
    }

    /// The figure as a length in a chart; zero where it is not known.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.sort_key().filter(|size| size.is_finite()).unwrap_or(0.0)
    }
}

/// `24 Nov 2026 02:00 UTC`.
#[must_use]
pub fn time_of_day(time: Timestamp) -> String {
    time.strftime("%-d %b %Y %H:%M UTC").to_string()
}

impl From<&str> for Quantity {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Quantity {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Quantity {
    fn from(size: Bytes) -> Self {
        Self::Bytes(size.0)
    }
}

impl From<Millis> for Quantity {
    fn from(time: Millis) -> Self {
        Self::Millis(time.0)
    }
}

impl From<Ratio> for Quantity {
    fn from(ratio: Ratio) -> Self {
        Self::Ratio(ratio.0)
    }
}

impl From<i64> for Quantity {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl<T: Into<Quantity>> From<Option<T>> for Quantity {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Into::into)
    }
}

impl From<Timestamp> for Quantity {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_carries_its_unit_into_json() {
        assert_eq!(serde_json::to_string(&Quantity::Bytes(8192)).unwrap(), r#"{"unit":"bytes","value":8192}"#);
        assert_eq!(serde_json::to_string(&Quantity::Unknown).unwrap(), r#"{"unit":"unknown"}"#);
    }

    #[test]
    fn large_numbers_are_grouped_as_counts_are() {
        let cases = [(0.5, "0.5"), (999.94, "999.9"), (1000.4, "1000"), (100_000.0, "100\u{202f}000")];
        for (number, shown) in cases {
            assert_eq!(Quantity::Number(number).display(), shown);
        }
        assert_eq!(Quantity::Number(100_000.0).display(), Quantity::Count(100_000).display());
    }

    #[test]
    fn times_are_shown_in_utc() {
        let time: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        assert_eq!(Quantity::Time(time).display(), "24 Nov 2026 02:00 UTC");
    }
}
