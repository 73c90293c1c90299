//! Statements and their share of the whole.

use pgdba_pg::Ratio;
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;

/// What pg_stat_statements shows to a role that may not see a statement.
const HIDDEN: &str = "<insufficient privilege>";

/// The statements of a snapshot.
#[derive(Debug)]
pub struct Statements {
    /// One each, as the server ranked them.
    pub all: Vec<Statement>,
    /// Milliseconds of execution of all of them.
    pub total_exec_time: f64,
}

/// A statement with its shares.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its counters.
    pub row: PgStatStatement,
    /// Its share of the execution time of all.
    pub share: Ratio,
}

impl Statement {
    /// Whether its text is hidden from the role that collected.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.row.query.as_deref().is_none_or(|text| text == HIDDEN)
    }

    /// Whether it reads or changes rows. Utility statements such as CREATE INDEX obey other parameters.
    #[must_use]
    pub fn is_query(&self) -> bool {
        const VERBS: [&str; 8] = ["select", "insert", "update", "delete", "merge", "with", "values", "table"];
        let text = self.row.query.as_deref().unwrap_or_default().trim_start_matches(['(', ' ']);
        let verb = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        VERBS.contains(&verb.to_ascii_lowercase().as_str())
    }

    /// Pages of temporary files written per call.
    #[must_use]
    pub fn temp_blks_written_per_call(&self) -> Option<f64> {
        let calls = self.row.calls.filter(|calls| *calls > 0)?;
        Some(self.row.temp_blks_written? as f64 / calls as f64)
    }
}

impl Statements {
    pub(super) fn from_rows(rows: Vec<PgStatStatement>) -> Self {
        let total_exec_time: f64 = rows.iter().filter_map(|row| row.total_exec_time).sum();
        let share = |row: &PgStatStatement| {
            let time = row.total_exec_time.unwrap_or(0.0);
            Ratio(if total_exec_time > 0.0 { time / total_exec_time } else { 0.0 })
        };
        let all = rows.into_iter().map(|row| Statement { share: share(&row), row }).collect();
        Self { all, total_exec_time }
    }

    /// Whether any statement's text is hidden.
    #[must_use]
    pub fn any_hidden(&self) -> bool {
        self.all.iter().any(Statement::is_hidden)
    }
}
