//! The statements that take the most time.

use schemars::JsonSchema;
use serde::Serialize;

use super::section::{CountedSince, Derived, Reading};
use crate::format::Checked;
use crate::rates::SHORTEST;
use crate::topics::queries::{Figures, Period, Top, TopOptions, TopStatement, top};

/// Statements that a baseline has at most.
const LIMIT: usize = 100;

/// Statements by execution time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Queries {
    /// Over which time they were counted.
    pub period: Period,
    /// The execution time of all recorded statements in that time, in milliseconds.
    pub total_time_ms: Option<f64>,
    /// How many recorded statements ran in that time, of which these are the first.
    pub found: usize,
    /// The statements, those that took the most time first.
    pub statements: Vec<QueryFigures>,
}

/// A statement with its rates.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct QueryFigures {
    /// What it is, and its figures.
    #[serde(flatten)]
    pub statement: TopStatement,
    /// What it did per second of the period; none if the period is unknown or shorter than a minute.
    pub per_second: Option<QueryRates>,
}

/// What a statement did per second.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct QueryRates {
    /// Calls.
    pub calls: Option<f64>,
    /// Execution time, in milliseconds.
    pub time_ms: Option<f64>,
    /// Rows returned or affected.
    pub rows: Option<f64>,
    /// Bytes read from outside shared buffers.
    pub read_bytes: Option<f64>,
    /// Bytes of temporary files read and written.
    pub temporary_bytes: Option<f64>,
    /// Bytes of WAL.
    pub wal_bytes: Option<f64>,
}

/// Derives them.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<Queries>> {
    let options = TopOptions { limit: LIMIT, ..TopOptions::default() };
    let Top { period, total, found, statements, .. } = top(&reading.view, &options)?.data;
    let seconds = match period {
        Period::Delta { seconds } => Some(seconds),
        Period::SinceReset { seconds, .. } => seconds.filter(|seconds| *seconds >= SHORTEST),
    };
    let seconds = seconds.filter(|seconds| *seconds > 0.0);
    let of = |statement: TopStatement| {
        let per_second = seconds.map(|seconds| rates(&statement.figures, seconds));
        QueryFigures { statement, per_second }
    };
    let since = reading.view.statements()?.window.since;
    Ok(Derived {
        stats_reset: vec![CountedSince { view: "pg_stat_statements", of: None, since }],
        data: Queries { period, total_time_ms: total, found, statements: statements.into_iter().map(of).collect() },
    })
}

fn rates(figures: &Figures, seconds: f64) -> QueryRates {
    let count = |count: Option<i64>| count.map(|count| count as f64 / seconds);
    QueryRates {
        calls: count(figures.calls),
        time_ms: figures.total_time_ms.map(|time| time / seconds),
        rows: count(figures.rows),
        read_bytes: count(figures.read_bytes),
        temporary_bytes: count(figures.temporary_bytes),
        wal_bytes: figures.wal_bytes.map(|bytes| bytes / seconds),
    }
}
