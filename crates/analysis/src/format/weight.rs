//! How much is at stake, to rank findings and subjects of one severity.

use std::cmp::Ordering;

use pgdba_pg::{Bytes, Millis, Ratio};
use schemars::JsonSchema;
use serde::Serialize;

/// How much is at stake. Within a severity the heavier comes first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Weight {
    /// The whole server, whatever its size.
    All,
    /// Space that could be freed or is read in vain, in bytes.
    Bytes(i64),
    /// Time spent, in milliseconds.
    Millis(f64),
    /// Rows concerned.
    Rows(f64),
    /// Things concerned, such as sessions or parameters.
    Count(i64),
    /// A share of a whole, between 0 and 1.
    Ratio(f64),
    /// How many times a limit is exceeded.
    Multiple(f64),
}

impl Weight {
    /// This many rows; an unknown number weighs nothing.
    #[must_use]
    pub fn rows(rows: Option<i64>) -> Self {
        Self::Rows(rows.unwrap_or(0) as f64)
    }

    /// The weight between 0 and 1, so that weights of different units can be ranked: half where something is large for a
    /// server of ordinary size.
    #[must_use]
    pub fn score(self) -> f64 {
        /// What weighs one half.
        const GIGABYTE: f64 = 1_073_741_824.0;
        const HOUR: f64 = 3_600_000.0;
        const MILLION: f64 = 1_000_000.0;
        const TEN: f64 = 10.0;
        let of = |amount: f64, half: f64| if amount > 0.0 { amount / (amount + half) } else { 0.0 };
        match self {
            Self::All => 1.0,
            Self::Bytes(size) => of(size as f64, GIGABYTE),
            Self::Millis(time) => of(time, HOUR),
            Self::Rows(rows) => of(rows, MILLION),
            Self::Count(count) => of(count as f64, TEN),
            Self::Ratio(share) => share.clamp(0.0, 1.0),
            Self::Multiple(times) => of(times - 1.0, TEN),
        }
    }

    /// The order of two weights, the lighter first.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        self.score().total_cmp(&other.score())
    }
}

impl From<Bytes> for Weight {
    fn from(size: Bytes) -> Self {
        Self::Bytes(size.0)
    }
}

impl From<Millis> for Weight {
    fn from(time: Millis) -> Self {
        Self::Millis(time.0)
    }
}

/// An unknown share weighs nothing.
impl From<Option<Ratio>> for Weight {
    fn from(share: Option<Ratio>) -> Self {
        Self::Ratio(share.map_or(0.0, |share| share.0))
    }
}

impl From<Ratio> for Weight {
    fn from(share: Ratio) -> Self {
        Self::Ratio(share.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_weighs_more_in_every_unit() {
        for (light, heavy) in [
            (Weight::Rows(25_779.0), Weight::Rows(7_700_000.0)),
            (Weight::Bytes(8192), Weight::Bytes(1 << 40)),
            (Weight::Millis(1.0), Weight::Millis(1e9)),
            (Weight::Count(1), Weight::Count(10_000)),
            (Weight::Ratio(0.1), Weight::Ratio(0.9)),
            (Weight::Multiple(2.0), Weight::Multiple(5.0)),
            (Weight::Rows(1e9), Weight::All),
        ] {
            assert_eq!(light.compare(heavy), Ordering::Less, "{light:?} {heavy:?}");
        }
        assert_eq!(Weight::Bytes(i64::MIN).score().to_bits(), 0.0_f64.to_bits());
    }
}
