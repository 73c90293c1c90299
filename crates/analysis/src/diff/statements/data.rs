//! The comparison of statements as a public format.

use pgdba_pg::Millis;
use pgdba_pg::display;
use schemars::JsonSchema;
use serde::Serialize;

use super::counts::Counts;
use super::matching::MatchedBy;
use super::significance::Test;
use crate::format::Confidence;

/// From what statements are compared.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// Both snapshots are deltas: their windows are compared.
    Windows {
        /// The length of the first window in seconds.
        before_seconds: f64,
        /// The length of the second window in seconds.
        after_seconds: f64,
    },
    /// There is one window, from the first snapshot to the second: statements are ranked, but there is nothing to compare them with.
    Growth {
        /// Its length in seconds.
        seconds: f64,
        /// Why nothing is compared.
        reason: String,
    },
    /// Statements cannot be compared.
    Nothing {
        /// Why not.
        reason: String,
    },
}

/// How times per call are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeMethod {
    /// Several windows on each side: the averages of their means.
    SeveralWindows,
    /// One window on each side: the deviation from the other statements, scaled by how much those deviate.
    OneWindow,
    /// Not tested.
    NotTested,
}

/// The test of times per call, and what it says of the server as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TimeTest {
    /// How they are tested.
    pub method: TimeMethod,
    /// Why they are not, or what makes the result uncertain.
    pub reason: Option<String>,
    /// The number of statements tested.
    pub tested: u64,
    /// By what multiple the time per call of all statements changed: the median. None with too few statements.
    pub host_ratio: Option<f64>,
    /// Whether several windows confirm that the server as a whole became slower or faster.
    pub is_host_confirmed: bool,
    /// How many times as much the statements deviate from each other as their own noise explains; at least 1.
    pub unsteadiness: Option<f64>,
    /// The smallest multiple of the time per call that could have been found for half of the statements.
    pub smallest_seen: Option<f64>,
}

impl TimeTest {
    /// No test.
    pub(super) fn none(reason: impl Into<String>) -> Self {
        Self {
            method: TimeMethod::NotTested,
            reason: Some(reason.into()),
            tested: 0,
            host_ratio: None,
            is_host_confirmed: false,
            unsteadiness: None,
            smallest_seen: None,
        }
    }

    /// Whether statements' own times are less certain, because the server as a whole changed or was unsteady.
    #[must_use]
    pub fn is_host_unsteady(&self) -> bool {
        let is_different = self.host_ratio.is_some_and(|ratio| !(1.0 / HOST..=HOST).contains(&ratio));
        is_different || self.unsteadiness.is_some_and(|unsteadiness| unsteadiness >= UNSTEADY)
    }

    /// Whether the server as a whole became slower.
    #[must_use]
    pub fn is_host_slower(&self) -> bool {
        self.host_ratio.is_some_and(|ratio| ratio >= HOST)
    }
}

/// A change of the median time per call that is that of the server.
pub(super) const HOST: f64 = 1.1;

/// Deviations this many times as large as the statements' own noise.
pub(super) const UNSTEADY: f64 = 2.0;

/// A change of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementChange {
    /// More pages or rows per call.
    MoreWork,
    /// More time per call.
    Slower,
    /// Fewer pages or rows per call.
    LessWork,
    /// Less time per call.
    Faster,
    /// More pages per call are not in shared buffers: the content of the cache changed.
    MoreReads,
}

/// What a statement counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct StatementFigures {
    /// Calls.
    pub calls: f64,
    /// Calls per second.
    pub calls_per_second: Option<f64>,
    /// Milliseconds of execution in all.
    pub total_ms: f64,
    /// Milliseconds per call.
    pub mean_ms: f64,
    /// Rows per call.
    pub rows_per_call: f64,
    /// Pages used per call, in shared buffers or not.
    pub pages_per_call: f64,
    /// Pages per call that were not in shared buffers.
    pub reads_per_call: f64,
    /// Milliseconds of planning per call; none if planning is not measured.
    pub plan_ms_per_call: Option<f64>,
    /// Milliseconds of JIT compilation per call; none before PostgreSQL 15.
    pub jit_ms_per_call: Option<f64>,
}

impl StatementFigures {
    pub(super) fn of(counts: &Counts, seconds: f64) -> Self {
        let per_call = |amount: f64| amount / counts.calls;
        Self {
            calls: counts.calls,
            calls_per_second: (seconds > 0.0).then(|| counts.calls / seconds),
            total_ms: counts.time,
            mean_ms: counts.mean(),
            rows_per_call: per_call(counts.rows),
            pages_per_call: per_call(counts.pages),
            reads_per_call: per_call(counts.reads),
            plan_ms_per_call: counts.plan_time.filter(|time| *time > 0.0).map(per_call),
            jit_ms_per_call: counts.jit_time.map(per_call),
        }
    }

    /// Its time per call, as displayed.
    #[must_use]
    pub fn mean_words(&self) -> String {
        display::duration(Millis(self.mean_ms))
    }
}

/// Which statement it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct StatementName {
    /// Its text, without constants; null if it is hidden from the collecting role.
    pub query: Option<String>,
    /// `pg_stat_statements.queryid`, in the second snapshot if it is there.
    pub query_id: Option<String>,
    /// Its database.
    pub database: Option<String>,
    /// The role that runs it.
    pub role: Option<String>,
    /// Whether it is a top-level statement; otherwise a function ran it.
    pub is_top_level: Option<bool>,
}

/// A statement that ran in both windows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComparedStatement {
    /// Which one.
    #[serde(flatten)]
    pub name: StatementName,
    /// By what it was recognized.
    pub matched_by: MatchedBy,
    /// In the first window.
    pub before: StatementFigures,
    /// In the second window.
    pub after: StatementFigures,
    /// Milliseconds that the calls of the second window took more than they would have at the speed of the first; below zero: less.
    pub added_ms: f64,
    /// Its share of the time of all statements in the second window, 0 to 1.
    pub share: Option<f64>,
    /// Whether its share is below 0.5 % in both windows. Its changes are listed in the data only.
    pub is_minor: bool,
    /// Its changes, the worst first.
    pub changes: Vec<StatementChange>,
    /// How certain they are; none if there are none.
    pub confidence: Option<Confidence>,
    /// The test of its time per call; none if it was not tested.
    pub time: Option<Test>,
    /// The test of the pages per call; none with too few calls.
    pub pages: Option<Test>,
    /// The test of the rows per call.
    pub rows: Option<Test>,
    /// The test of the pages per call that were not in shared buffers.
    pub reads: Option<Test>,
    /// Whether it writes, or tables that it names were written in one of the windows; none if it is unknown which tables it names.
    pub is_on_written_tables: Option<bool>,
    /// What is known of the cause.
    pub cause: Option<String>,
}

impl ComparedStatement {
    /// Whether it became worse, certainly enough to fail on.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        self.is_worse() && !self.is_minor && self.confidence >= Some(Confidence::Medium)
    }

    /// Whether it does more work or is slower.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.changes.iter().any(|change| matches!(change, StatementChange::MoreWork | StatementChange::Slower))
    }

    /// Whether it does less work or is faster, and not the opposite.
    #[must_use]
    pub fn is_better(&self) -> bool {
        let is_less = |change: &StatementChange| matches!(change, StatementChange::LessWork | StatementChange::Faster);
        self.changes.iter().any(is_less) && !self.is_worse()
    }
}

/// Why a statement is only in one of the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OneSided {
    /// The other snapshot does not contain it.
    NotRecorded,
    /// The other snapshot contains it, but it did not run in its window.
    DidNotRun,
    /// The other snapshot contains it, but what it counted in its window is unknown, as after a reset.
    Unknown,
    /// The other snapshot contains only part of the server's statements.
    NotKept,
}

/// A statement that ran in one of the windows only.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LoneStatement {
    /// Which one.
    #[serde(flatten)]
    pub name: StatementName,
    /// Why it is not in the other.
    pub reason: OneSided,
    /// What it counted.
    pub figures: StatementFigures,
}

/// A statement that ran between the snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RankedStatement {
    /// Which one.
    #[serde(flatten)]
    pub name: StatementName,
    /// Whether the first snapshot does not contain it: it is new, or was evicted before.
    pub is_new: bool,
    /// What it counted.
    pub figures: StatementFigures,
}

/// Statements that could not be compared, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Uncompared {
    /// In which snapshot: `before` or `after`.
    pub snapshot: &'static str,
    /// Why.
    pub reason: String,
    /// How many.
    pub statements: u64,
}

/// The comparison of statements.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Statements {
    /// From what they are compared.
    pub basis: Basis,
    /// How times are tested.
    pub time_test: TimeTest,
    /// Statements of both windows, those that added most time first.
    pub compared: Vec<ComparedStatement>,
    /// The statements of the one window, if there is only one, the costliest first.
    pub ranked: Vec<RankedStatement>,
    /// Statements of the second window only, the costliest first.
    pub added: Vec<LoneStatement>,
    /// Statements of the first window only, the costliest first.
    pub removed: Vec<LoneStatement>,
    /// Those that could not be compared.
    pub uncompared: Vec<Uncompared>,
    /// The share of the recorded time that statements of both windows take, 0 to 1: the smaller of both windows.
    pub covered: Option<f64>,
    /// How many entries the server evicted between the beginning of the first window and the end of the second; none if unknown
    /// (before PostgreSQL 14).
    pub evicted: Option<i64>,
}

impl Statements {
    /// Nothing to compare.
    pub(super) fn none(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            basis: Basis::Nothing { reason: reason.clone() },
            time_test: TimeTest::none(reason),
            compared: Vec::new(),
            ranked: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            uncompared: Vec::new(),
            covered: None,
            evicted: None,
        }
    }

    /// The statements that became worse or better, without minor ones: `is` chooses.
    pub fn notable(&self, is: fn(&ComparedStatement) -> bool) -> impl Iterator<Item = &ComparedStatement> {
        self.compared.iter().filter(move |statement| !statement.is_minor && is(statement))
    }
}
