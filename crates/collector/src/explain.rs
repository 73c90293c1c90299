//! EXPLAIN of one statement on a live server, in a transaction that is always rolled back.

use std::time::Duration;

use pgdba_pg::lexer::is_plannable;

use crate::dsn::ConnectOptions;
use crate::error::CollectError;
use crate::fault::{Fault, Refused};
use crate::identify::open_session;
use crate::session::Session;
use crate::target::Target;
use crate::wording::Limit;

/// How long the statement waits for a lock: what it waits for would be shown as time of its nodes.
const LOCK_LIMIT: Duration = Duration::from_secs(5);

/// How long an open transaction may be idle, which it is only if this program was stopped between two statements.
const IDLE_LIMIT: Duration = Duration::from_secs(10);

/// The first version with EXPLAIN (WAL).
const WAL_SINCE: i64 = 13;

/// The first version with EXPLAIN (GENERIC_PLAN).
const GENERIC_PLAN_SINCE: i64 = 16;

/// A statement, and what may be done to explain it.
#[derive(Debug, Clone, Copy)]
pub struct Explain<'a> {
    /// The statement.
    pub sql: &'a str,
    /// Whether it is executed; otherwise it is planned only.
    pub analyze: bool,
    /// Whether it may write. What it writes is rolled back.
    pub may_write: bool,
    /// How long all of it may take.
    pub max_time: Duration,
}

/// The plan of a statement.
#[derive(Debug)]
pub struct Explained {
    /// What EXPLAIN (FORMAT JSON) printed.
    pub plan: String,
    /// What the user should know about it, one sentence each.
    pub warnings: Vec<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It is a utility statement, or several statements.
    #[error(
        "only one statement at a time can be analyzed, and only SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or TABLE"
    )]
    NotPlannable,
    /// It tried to write in a read-only transaction.
    #[error("the statement was not executed to its end, because it writes: {0}")]
    Writes(String),
    /// The time for it was over.
    #[error("the statement was canceled, because the time limit of {} was reached", Limit(*.0))]
    TimeLimit(Duration),
    /// It waited for a lock that another session holds.
    #[error("another session holds a lock that the statement needs: {0}")]
    Locked(String),
    /// The server refused it.
    #[error("the server refused the statement: {0}")]
    Refused(String),
    /// The connection broke. The server rolls the transaction back.
    #[error("the connection to {target} was lost while the statement was analyzed: {reason}")]
    Lost {
        /// Which server.
        target: Box<Target>,
        /// The server's last words, or what the operating system said.
        reason: String,
    },
    /// There is no session, or the user asked the program to stop.
    #[error(transparent)]
    Session(#[from] CollectError),
}

impl ExplainError {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPlannable => "not_plannable",
            Self::Writes(_) => "statement_writes",
            Self::TimeLimit(_) => "timeout",
            Self::Locked(_) => "lock_timeout",
            Self::Refused(_) => "statement_refused",
            Self::Lost { .. } => "connection_lost",
            Self::Session(error) => error.code(),
        }
    }

    /// The next step, where there is an obvious one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotPlannable => {
                Some("Pass one statement. The queries inside a function or a procedure are analyzed one by one.")
            }
            Self::Writes(_) => Some(
                "Execute it with --allow-write, in a transaction that is rolled back; until then it holds its locks. Or plan it \
                 only, with --no-analyze.",
            ),
            Self::TimeLimit(_) => Some("Increase --max-time, or plan the statement only, with --no-analyze."),
            Self::Locked(_) => {
                Some("Run it again when the other session has ended; `pgdba query locks` shows who holds the lock.")
            }
            Self::Refused(_) => None,
            Self::Lost { .. } => Some("Find the reason in the server log, then run the command again."),
            Self::Session(error) => error.hint(),
        }
    }

    /// Whether the call itself was wrong, so that trying it again cannot help.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NotPlannable => true,
            Self::Session(error) => error.is_usage(),
            _ => false,
        }
    }
}

impl Explain<'_> {
    /// Explains the statement, and leaves nothing of it behind.
    ///
    /// # Errors
    /// [`ExplainError`]. The transaction is rolled back then too.
    pub async fn run(&self, connect: &ConnectOptions) -> Result<Explained, ExplainError> {
        if !is_plannable(self.sql) {
            return Err(ExplainError::NotPlannable);
        }
        let (mut session, opening) = open_session(connect, self.max_time).await?;
        let outcome = self.in_transaction(&mut session, opening.version.major()).await;
        let target = session.target.clone();
        // Where this fails the session is over, and the server rolls back by itself.
        let _ = session.command("rollback /* pgdba */").await;
        session.close().await;
        outcome.map_err(|fault| self.error(fault, target))
    }

    async fn in_transaction(&self, session: &mut Session, major: i64) -> Result<Explained, Fault> {
        session.execute(&self.beginning()).await?;
        // The server refuses a text of several statements here.
        let parameters = session.parameters(self.sql).await?;
        let explain = self.explain(major, parameters);
        let rows = session.execute(&explain).await?;
        let plan = rows.iter().find_map(|row| row.text("QUERY PLAN"));
        let plan = plan.ok_or_else(|| Fault::Answer("EXPLAIN did not return a plan".to_owned()))?;
        Ok(Explained { plan, warnings: self.warning(parameters).into_iter().collect() })
    }

    fn beginning(&self) -> String {
        let mode = if self.may_write { "write" } else { "only" };
        let limits = [
            ("statement_timeout", self.max_time),
            ("lock_timeout", LOCK_LIMIT),
            ("idle_in_transaction_session_timeout", IDLE_LIMIT),
        ];
        let limits = limits
            .map(|(name, limit)| format!("; set local {name} = {}", limit.as_millis().clamp(1, i32::MAX as u128)));
        format!("begin transaction read {mode} /* pgdba */{}", limits.concat())
    }

    /// The statements that explain; only the last one has rows. The values of parameters are unknown, so a statement that has some is
    /// planned for any of them.
    fn explain(&self, major: i64, parameters: usize) -> String {
        let sql = self.sql;
        match parameters {
            0 if self.analyze => {
                let wal = if major >= WAL_SINCE { "wal, " } else { "" };
                format!("explain (analyze, buffers, settings, {wal}format json) {sql}")
            }
            0 => format!("explain (settings, format json) {sql}"),
            _ if major >= GENERIC_PLAN_SINCE => format!("explain (generic_plan, settings, format json) {sql}"),
            count => format!(
                "prepare pgdba_statement as {sql}\n;set local plan_cache_mode = force_generic_plan\
                 ;explain (settings, format json) execute pgdba_statement({})",
                vec!["null"; count].join(", "),
            ),
        }
    }

    fn warning(&self, parameters: usize) -> Option<String> {
        let text = "the statement has parameters, so it was planned for any values and not executed";
        (self.analyze && parameters > 0).then(|| text.to_owned())
    }

    fn error(&self, fault: Fault, target: Target) -> ExplainError {
        match fault {
            Fault::Server(Refused { text, state }) => match state.as_str() {
                "25006" => ExplainError::Writes(text),
                "55P03" => ExplainError::Locked(text),
                _ => ExplainError::Refused(text),
            },
            Fault::Answer(text) | Fault::Encoding(text) => ExplainError::Refused(text),
            Fault::Lost(reason) => ExplainError::Lost { target: Box::new(target), reason },
            Fault::TimeLimit => ExplainError::TimeLimit(self.max_time),
            Fault::Interrupted => CollectError::Interrupted.into(),
            Fault::Output(source) => CollectError::document(source).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT: Explain<'_> =
        Explain { sql: "select 1 -- one", analyze: true, may_write: false, max_time: Duration::from_secs(60) };

    #[test]
    fn options_are_those_of_the_version() {
        let analyzed = |major| SELECT.explain(major, 0);
        assert_eq!(analyzed(12), "explain (analyze, buffers, settings, format json) select 1 -- one");
        assert_eq!(analyzed(13), "explain (analyze, buffers, settings, wal, format json) select 1 -- one");
        let planned = Explain { analyze: false, ..SELECT }.explain(18, 0);
        assert_eq!(planned, "explain (settings, format json) select 1 -- one");
        assert_eq!(SELECT.explain(16, 2), "explain (generic_plan, settings, format json) select 1 -- one");
        assert!(SELECT.explain(15, 2).ends_with("execute pgdba_statement(null, null)"));
    }

    #[test]
    fn the_transaction_is_read_only_unless_writing_is_allowed() {
        let limits = "; set local statement_timeout = 60000; set local lock_timeout = 5000; \
                      set local idle_in_transaction_session_timeout = 10000";
        assert_eq!(SELECT.beginning(), format!("begin transaction read only /* pgdba */{limits}"));
        let writing = Explain { may_write: true, max_time: Duration::MAX, ..SELECT }.beginning();
        assert!(
            writing.starts_with("begin transaction read write ") && writing.contains("statement_timeout = 2147483647;")
        );
    }
}
