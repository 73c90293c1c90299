//! A rate, with the time over which it was counted, or why it is unknown.

use pgdba_pg::{Millis, display};
use schemars::JsonSchema;
use serde::Serialize;

/// Seconds from which what happened between two snapshots, or since a reset, is a rate: the collection itself is part of less.
pub(crate) const SHORTEST: f64 = 60.0;

/// Over which time a rate was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The window of the delta.
    Delta,
    /// From the first snapshot to the second.
    Between,
    /// Since the counter was reset.
    SinceReset,
}

/// A rate, or why it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Rate {
    /// It is known.
    Known {
        /// How much per second.
        per_second: f64,
        /// Over which time.
        period: Period,
        /// The length of that time in seconds.
        seconds: f64,
    },
    /// It is not known.
    Unknown {
        /// Why not.
        absence: String,
    },
}

impl Rate {
    /// For this reason, it is not known.
    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { absence: reason.into() }
    }

    /// How much per second, if it is known.
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        match self {
            Self::Known { per_second, .. } => Some(*per_second),
            Self::Unknown { .. } => None,
        }
    }

    /// Why it is not known, if so.
    #[must_use]
    pub fn absence(&self) -> Option<&str> {
        match self {
            Self::Unknown { absence } => Some(absence),
            Self::Known { .. } => None,
        }
    }

    /// Over which time and how many seconds, if it is known.
    #[must_use]
    pub fn period(&self) -> Option<(Period, f64)> {
        match self {
            Self::Known { period, seconds, .. } => Some((*period, *seconds)),
            Self::Unknown { .. } => None,
        }
    }

    /// Over which time it was counted, in words, if it is known.
    #[must_use]
    pub fn over(&self) -> Option<String> {
        let (period, seconds) = self.period()?;
        let length = display::duration(Millis::from_seconds(seconds));
        Some(match period {
            Period::Delta => format!("{length} of the delta"),
            Period::Between => format!("{length} between the snapshots"),
            Period::SinceReset => format!("{length} since a reset"),
        })
    }

    /// The sum of rates; unknown if one of them is, with the first reason, or if there are none.
    pub(crate) fn sum(rates: impl IntoIterator<Item = Self>) -> Self {
        let plus = |sum: Self, rate: Self| match (sum, rate) {
            (
                Self::Known { per_second, period, seconds },
                Self::Known { per_second: more, period: other, seconds: longer },
            ) => Self::Known { per_second: per_second + more, period: period.max(other), seconds: seconds.max(longer) },
            (unknown @ Self::Unknown { .. }, _) | (_, unknown) => unknown,
        };
        rates.into_iter().reduce(plus).unwrap_or_else(|| Self::unknown("not in the snapshot"))
    }
}
