//! Statements and their share of the total.

use std::collections::BTreeMap;

use pgdba_pg::{Bytes, Millis, Ratio};
use pgdba_snapshot::sections::pg_roles::PgRole;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;

use super::growth::{Grown, Growth, Sampled};
use super::sections::Rows;
use super::time::Window;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

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
        const VERBS: [&str; 8] = ["select", "insert", "update", "delete", "merge", "with", "values", "table"];
        let text = self.row.query.as_deref().unwrap_or_default().trim_start_matches(['(', ' ']);
        let verb = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        VERBS.contains(&verb.to_ascii_lowercase().as_str())
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

    /// Temporary files written per call.
    #[must_use]
    pub fn temporary_files_per_call(&self, block_size: i64) -> Option<Bytes> {
        let blocks = self.row.temp_blks_written? as f64 / self.calls()?;
        Some(Bytes((blocks * block_size as f64) as i64))
    }

    /// Execution time per call.
    #[must_use]
    pub fn mean_time(&self) -> Option<Millis> {
        Some(Millis(self.row.total_exec_time? / self.calls()?))
    }

    /// The number of calls, if there were any.
    fn calls(&self) -> Option<f64> {
        self.row.calls.filter(|calls| *calls > 0).map(|calls| calls as f64)
    }
}

impl Statements {
    pub(super) fn new(read: Rows<PgStatStatement>, roles: Vec<PgRole>, window: Window) -> Self {
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
        Self { all, total_exec_time, window, sampled }
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
