//! Statements and their share of the total.

mod counted;
mod measure;
pub mod text;
mod touched;
mod tracking;
pub mod whole;

use std::collections::BTreeMap;

use pgdba_pg::{Millis, Ratio, lexer};
use pgdba_snapshot::sections::pg_roles::PgRole;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use pgdba_snapshot::sections::pg_stat_statements_info::PgStatStatementsInfo;
use pgdba_snapshot::since::Absence;

use super::Facts;
use super::growth::{Grown, Growth, Sampled};
use super::sections::Rows;
use super::time::Window;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

pub use counted::Counted;
pub use measure::Measure;
pub use touched::Touched;
pub use tracking::{Obstacle, Tracking};
pub use whole::{WholeScan, WhollyRead};

/// What pg_stat_statements shows to a role that cannot see a statement.
const HIDDEN: &str = "<insufficient privilege>";

/// The statements of a snapshot.
#[derive(Debug)]
pub struct Statements {
    /// One each, as the server ranked them.
    pub all: Vec<Statement>,
    /// Milliseconds of execution of all of them.
    pub total_exec_time: f64,
    /// The time over which they were counted.
    pub window: Window,
    /// The window of a delta, where the snapshot is one.
    pub sampled: Option<Sampled>,
    /// How often entries were evicted since the reset (PostgreSQL 14).
    pub evictions: Option<i64>,
}

/// A statement with its shares.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its counters.
    pub row: PgStatStatement,
    /// The role that runs it; none where its name is not known.
    pub role: Option<String>,
    /// Whether that role was dropped, so that nobody runs it as this role.
    pub is_role_dropped: bool,
    /// Its share of the execution time of all; none where that is not known.
    pub share: Option<Ratio>,
    /// What its counters grew by in a delta.
    pub growth: Growth<PgStatStatement>,
}

impl Statement {
    /// Whether its text is hidden from the collecting role.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.row.query.as_deref().is_none_or(|text| text == HIDDEN)
    }

    /// Whether it reads or changes rows. Utility statements such as CREATE INDEX use other parameters.
    #[must_use]
    pub fn is_query(&self) -> bool {
        lexer::PLANNABLE.contains(&self.verb().as_str())
    }

    /// Whether it only returns rows. Behind WITH there may be any statement, so that is not known to.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        ["select", "table", "values"].contains(&self.verb().as_str())
    }

    /// Whether it is an INSERT of the rows of a query, or SELECT INTO: a load of data. INSERT … VALUES stores no rows in between.
    #[must_use]
    pub fn is_load(&self) -> bool {
        let text = self.row.query.as_deref().unwrap_or_default();
        let has = |word: &str| lexer::tokens(text).any(|token| token.is_word(word));
        let inserts = has("insert") && (has("select") || has("table") || has("with"));
        self.verb() != "merge" && inserts || self.verb() == "select" && has("into")
    }

    /// The first word of its text, in lower case.
    fn verb(&self) -> String {
        let text = self.row.query.as_deref().unwrap_or_default();
        text::first_word(text)
    }

    /// The statement as the subject of a finding. The server counts it for each role, and apart where a function ran it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let name = self.row.queryid.as_deref().unwrap_or_default();
        let nested = if self.row.toplevel == Some(false) { " (nested)" } else { "" };
        let unnamed = self.row.userid.filter(|_| self.role.is_none());
        Subject::named(SubjectKind::Query, &format!("{name}{nested}"))
            .in_database(self.row.datname.as_deref())
            .of_role(self.role.as_deref())
            .of_role_with_oid(unnamed)
    }

    /// Its figures since the reset.
    #[must_use]
    pub fn counted(&self) -> Counted<'_> {
        Counted(&self.row)
    }

    /// Its figures over the window of a delta, if it ran in it; none where what its counters grew by is unknown. The first sample
    /// has all statements, so one that is not in it has counted since.
    #[must_use]
    pub fn in_window(&self) -> Option<Counted<'_>> {
        let row = match self.growth.0.as_ref()? {
            Ok(change) => &change.growth,
            Err(Absence::New) => &self.row,
            Err(_) => return None,
        };
        Some(Counted(row)).filter(|counted| counted.calls().is_some())
    }

    /// Execution time per call.
    #[must_use]
    pub fn mean_time(&self) -> Option<Millis> {
        self.counted().mean_time()
    }

    /// Whether the role `role` runs it in the database `database`, where these are given.
    #[must_use]
    pub fn is_of(&self, database: Option<&str>, role: Option<&str>) -> bool {
        let is = |wanted: Option<&str>, own: Option<&str>| wanted.is_none_or(|wanted| own == Some(wanted));
        is(database, self.row.datname.as_deref()) && is(role, self.role.as_deref())
    }
}

impl Statements {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let info: Option<PgStatStatementsInfo> = facts.row();
        let roles = facts.rows().unwrap_or_default();
        let statements = facts.reader().rows()?;
        let since = info.as_ref().and_then(|info| info.stats_reset);
        let window = Window::until(statements.read_at, since);
        Ok(Self::new(statements, roles, window, info.and_then(|info| info.dealloc)))
    }

    fn new(read: Rows<PgStatStatement>, roles: Vec<PgRole>, window: Window, evictions: Option<i64>) -> Self {
        let Grown { rows, sampled } = read.grown();
        let total_exec_time: f64 = rows.iter().filter_map(|(row, _)| row.total_exec_time).sum();
        let share = |row: &PgStatStatement| {
            let share = row.total_exec_time? / total_exec_time;
            share.is_finite().then_some(Ratio(share))
        };
        let names: BTreeMap<i64, String> = roles.into_iter().map(|role| (role.oid, role.rolname)).collect();
        let role = |row: &PgStatStatement| names.get(&row.userid?).cloned();
        let all = rows
            .into_iter()
            .map(|(row, growth)| {
                let role = role(&row);
                // Every role sees all of pg_roles; without rows it could not be read.
                let is_role_dropped = role.is_none() && !names.is_empty();
                Statement { share: share(&row), role, is_role_dropped, row, growth }
            })
            .collect();
        // What a new statement counted is known: all of it.
        let sampled = sampled.map(|sampled| sampled.without(Absence::New));
        Self { all, total_exec_time, window, sampled, evictions }
    }

    /// The statements that ran, with their figures: over the window of a delta, otherwise since the reset.
    pub fn latest(&self) -> impl Iterator<Item = (&Statement, Counted<'_>)> {
        let is_delta = self.sampled.is_some();
        self.all.iter().filter_map(move |statement| {
            let counted = if is_delta { statement.in_window() } else { Some(statement.counted()) };
            counted.map(|counted| (statement, counted))
        })
    }

    /// The queries that take at least this share of the execution time, without those whose text is hidden.
    pub fn queries(&self, share: Ratio) -> impl Iterator<Item = &Statement> {
        self.all
            .iter()
            .filter(move |statement| statement.share >= Some(share) && statement.is_query() && !statement.is_hidden())
    }

    /// The number of statements that the server records, of which the snapshot may contain only part.
    #[must_use]
    pub fn entries(&self) -> Option<i64> {
        self.all.first()?.row.entries
    }

    /// Whether the server counts what is measured.
    ///
    /// # Errors
    /// It does not, and why.
    pub fn require(&self, measure: Measure, tracking: &Tracking) -> Checked<()> {
        let is_counted = self.all.is_empty() || self.all.iter().any(|statement| measure.of(&statement.row).is_some());
        if !is_counted {
            return Err(measure.missing());
        }
        let is_zero = || self.all.iter().all(|statement| measure.of(&statement.row).unwrap_or(0.0) <= 0.0);
        if measure == Measure::PlanTime && is_zero() {
            match tracking.has_planning {
                Some(true) => {}
                Some(false) => {
                    return Err(NotAssessed::expected(
                        "pg_stat_statements.track_planning is off, so planning time is not measured",
                    ));
                }
                // A collection through psql hides the values of extensions' parameters.
                None => {
                    return Err(NotAssessed::expected(
                        "no planning time was measured, and the value of pg_stat_statements.track_planning is unknown",
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a rule found among the statements that are not hidden.
    ///
    /// # Errors
    /// That is nothing, and some are hidden: the rule has not passed.
    pub fn conclude<T>(&self, found: Vec<T>) -> Checked<Vec<T>> {
        if found.is_empty() && self.all.iter().any(Statement::is_hidden) {
            return Err(NotAssessed::because("the role cannot see other roles' statements in pg_stat_statements"));
        }
        Ok(found)
    }
}
