//! Quantities with their unit in the type, and the units of `pg_settings`.

use serde::{Deserialize, Serialize};

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub i64);

/// A duration in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub f64);

/// A share of a whole, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(pub f64);

impl Bytes {
    /// One megabyte as PostgreSQL counts it: 1024 × 1024 bytes.
    pub const MB: Self = Self(1024 * 1024);

    /// `count` megabytes.
    #[must_use]
    pub const fn megabytes(count: i64) -> Self {
        Self(Self::MB.0 * count)
    }

    /// The size as a parameter is set to it: in the largest unit in which it is whole, `4GB`, `96MB`, `12kB`.
    #[must_use]
    pub fn to_parameter(self) -> String {
        let units = [("TB", 40), ("GB", 30), ("MB", 20), ("kB", 10)];
        let unit = units.into_iter().find(|(_, shift)| self.0 != 0 && self.0 % (1_i64 << shift) == 0);
        unit.map_or_else(|| format!("{}B", self.0), |(name, shift)| format!("{}{name}", self.0 >> shift))
    }

    /// `pages` blocks of `block_size` bytes; saturates instead of overflowing on hostile input.
    #[must_use]
    pub const fn from_pages(pages: i64, block_size: i64) -> Self {
        Self(pages.saturating_mul(block_size))
    }
}

impl Ratio {
    /// `part` of `whole`; none of an empty whole.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        (whole > 0).then(|| Self(part as f64 / whole as f64))
    }
}

impl Millis {
    /// `seconds` as milliseconds.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        Self(seconds * 1000.0)
    }

    /// The duration in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 / 1000.0
    }
}

/// Bytes in one step of a `pg_settings.unit`, `None` where the unit is no size.
///
/// The server writes `B`, `kB`, `MB`, `GB`, `TB` and multiples such as `8kB` or `16MB`.
#[must_use]
pub fn bytes_per_unit(unit: &str) -> Option<i64> {
    let digits = unit.len() - unit.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, name) = unit.split_at(digits);
    let count = if count.is_empty() { 1 } else { count.parse().ok()? };
    let size: i64 = match name {
        "B" => 1,
        "kB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        "TB" => 1 << 40,
        _ => return None,
    };
    size.checked_mul(count)
}

/// Milliseconds in one step of a `pg_settings.unit`, `None` where the unit is no time.
#[must_use]
pub fn millis_per_unit(unit: &str) -> Option<f64> {
    match unit {
        "us" => Some(0.001),
        "ms" => Some(1.0),
        "s" => Some(1000.0),
        "min" => Some(60_000.0),
        "h" => Some(3_600_000.0),
        "d" => Some(86_400_000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_pg_settings_are_understood() {
        assert_eq!(bytes_per_unit("8kB"), Some(8192));
        assert_eq!(bytes_per_unit("MB"), Some(1 << 20));
        assert_eq!(bytes_per_unit("16MB"), Some(16 << 20));
        assert_eq!(bytes_per_unit("ms"), None);
        assert_eq!(bytes_per_unit("99999999999999TB"), None);
        assert_eq!(bytes_per_unit(""), None);
        assert_eq!(millis_per_unit("min"), Some(60_000.0));
        assert_eq!(millis_per_unit("8kB"), None);
    }

    #[test]
    fn a_size_is_set_in_the_largest_whole_unit() {
        let sizes = [4 << 30, 96 << 20, 12 << 10, 7].map(|size| Bytes(size).to_parameter());
        assert_eq!(sizes, ["4GB", "96MB", "12kB", "7B"]);
    }

    #[test]
    fn hostile_page_counts_saturate() {
        assert_eq!(Bytes::from_pages(i64::MAX, 8192), Bytes(i64::MAX));
    }
}
