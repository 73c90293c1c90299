//! Figures over time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::Bytes;
use schemars::JsonSchema;
use serde::Serialize;

use super::fit::{LEAST_TIME, project};
use crate::format::{Checked, Quantity};
use crate::rates::{Rate, RateUnit};

/// The seconds of a day.
const DAY: f64 = 86_400.0;

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// A number.
    Count,
    /// Bytes per second.
    BytesPerSecond,
    /// A number per second.
    PerSecond,
}

impl Unit {
    /// A figure, as displayed.
    pub(super) fn quantity(self, value: f64) -> Quantity {
        match self {
            Self::Bytes => Quantity::from(Bytes(value as i64)),
            Self::Count => Quantity::Count(value as i64),
            Self::BytesPerSecond => RateUnit::Bytes.quantity(value),
            Self::PerSecond => RateUnit::Count.quantity(value),
        }
    }

    /// Whether it is a rate.
    pub(super) fn is_rate(self) -> bool {
        matches!(self, Self::BytesPerSecond | Self::PerSecond)
    }
}

/// A figure at one time, or why it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    /// When; of a rate the end of the time over which it was counted.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The figure.
    pub value: Option<f64>,
    /// Why it is unknown.
    pub absence: Option<String>,
}

impl Point {
    pub(super) fn of(at: Timestamp, value: Checked<f64>) -> Self {
        match value {
            Ok(value) => Self { at, value: Some(value), absence: None },
            Err(missing) => Self { at, value: None, absence: Some(missing.reason) },
        }
    }

    pub(super) fn of_rate(at: Timestamp, rate: &Rate) -> Self {
        Self { at, value: rate.per_second(), absence: rate.absence().map(str::to_owned) }
    }
}

/// When a figure reaches a limit, or why that cannot be told.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Projection {
    /// The points justify a date.
    Known {
        /// The limit.
        limit: f64,
        /// What it is, in words.
        reaches: String,
        /// When it is reached if the growth continues.
        #[schemars(with = "String")]
        at: Timestamp,
        /// The begin of the 95 % interval.
        #[schemars(with = "String")]
        earliest: Timestamp,
        /// The end of the 95 % interval.
        #[schemars(with = "String")]
        latest: Timestamp,
    },
    /// They do not.
    Unknown {
        /// The limit.
        limit: f64,
        /// What it is, in words.
        reaches: String,
        /// Why there is no date.
        absence: String,
    },
}

/// A limit that a figure can reach.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Limit {
    pub(super) value: f64,
    /// What it is, in words.
    pub(super) words: String,
}

/// A figure over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Series {
    /// The stable word for it, such as `database_bytes`.
    pub key: &'static str,
    /// What it is, in words.
    pub label: &'static str,
    /// The database, table, sequence or file system that it is of; none if it is of the server.
    pub of: Option<String>,
    /// The unit of the points.
    pub unit: Unit,
    /// The points, the oldest first: one for each snapshot, of a rate one for each but the first.
    pub points: Vec<Point>,
    /// How much it grew per day, from the first known point to the last; none of a rate, and if they are less than an hour apart.
    pub per_day: Option<f64>,
    /// When it reaches its limit; none if it has none.
    pub projection: Option<Projection>,
}

impl Series {
    pub(super) fn new(key: &'static str, label: &'static str, unit: Unit, points: Vec<Point>) -> Self {
        let mut series = Self { key, label, of: None, unit, points, per_day: None, projection: None };
        series.per_day = series.growth().filter(|_| !unit.is_rate());
        series
    }

    /// The same, of something.
    pub(super) fn of(self, name: String) -> Self {
        Self { of: Some(name), ..self }
    }

    /// The same, with the date at which it reaches a limit.
    pub(super) fn toward(self, limit: Option<Limit>) -> Self {
        let known: Vec<(Timestamp, f64)> = self.known().collect();
        let projection = limit.map(|Limit { value: limit, words: reaches }| match project(&known, limit) {
            Ok(found) => {
                Projection::Known { limit, reaches, at: found.at, earliest: found.earliest, latest: found.latest }
            }
            Err(absence) => Projection::Unknown { limit, reaches, absence },
        });
        Self { projection, ..self }
    }

    /// The points that are known.
    pub(super) fn known(&self) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> + '_ {
        self.points.iter().filter_map(|point| Some((point.at, point.value?)))
    }

    /// How much it is more in the last known point than in the first.
    pub(super) fn rise(&self) -> Option<f64> {
        Some(self.known().next_back()?.1 - self.known().next()?.1)
    }

    fn growth(&self) -> Option<f64> {
        let (first, last) = self.known().next().zip(self.known().next_back())?;
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        (seconds >= LEAST_TIME.seconds()).then(|| (last.1 - first.1) / seconds * DAY)
    }
}

/// What a snapshot has of several things by name, or why nothing.
pub(super) type Named = Checked<BTreeMap<String, f64>>;

/// The points of each thing that a snapshot has.
pub(super) fn by_name(moments: &[(Timestamp, Named)]) -> BTreeMap<String, Vec<Point>> {
    let names = moments.iter().filter_map(|(_, named)| named.as_ref().ok()).flat_map(BTreeMap::keys);
    let mut all: BTreeMap<String, Vec<Point>> = names.map(|name| (name.clone(), Vec::new())).collect();
    for (name, points) in &mut all {
        points.extend(moments.iter().map(|(at, named)| match named {
            Ok(named) => match named.get(name) {
                Some(value) => Point { at: *at, value: Some(*value), absence: None },
                None => Point { at: *at, value: None, absence: Some("not in the snapshot".to_owned()) },
            },
            Err(missing) => Point { at: *at, value: None, absence: Some(missing.reason.clone()) },
        }));
    }
    all
}
