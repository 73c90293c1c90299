//! EXPLAIN of one statement on a live server, in a transaction that is always rolled back.

use std::time::{Duration, Instant};

use pgdba_pg::lexer::{Kind, is_plannable, tokens};
use tokio::time::timeout;

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

/// How long to wait for the server to cancel the statement before this program asks for it: it can be stopped itself.
const GRACE: Duration = Duration::from_secs(2);

/// How long a canceled statement may take to end.
const ROLLBACK_LIMIT: Duration = Duration::from_secs(10);

/// The first version with EXPLAIN (WAL).
const WAL_SINCE: i64 = 13;

/// The first version with EXPLAIN (GENERIC_PLAN).
const GENERIC_PLAN_SINCE: i64 = 16;

/// Whether the server refuses every write, and which process serves the session.
const SITUATION: &str =
    "select /* pgdba */ pg_catalog.pg_is_in_recovery() as is_standby, pg_catalog.pg_backend_pid() as pid";

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
    /// There is no statement.
    #[error("the statement is empty")]
    Empty,
    /// It is a utility statement, or several statements.
    #[error("only a single SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or TABLE can be analyzed")]
    NotPlannable,
    /// It tried to write in a read-only transaction.
    #[error("the statement was not executed to its end, because it writes: {0}")]
    Writes(String),
    /// It tried to write, or was to be allowed to, on a server that refuses every write.
    #[error("a statement that writes cannot be executed on a standby")]
    Standby,
    /// The time for it was over.
    #[error("the statement was canceled, because the time limit of {} was reached", Limit(*.0))]
    TimeLimit(Duration),
    /// The time for it was over, or the user asked to stop, and the server still executes it.
    #[error("the server was asked to cancel the statement, but still executes it, in the process {0}")]
    Running(String),
    /// Somebody else canceled it, or a standby that had to go on.
    #[error("the statement was canceled: {0}")]
    Canceled(String),
    /// Another session holds a lock.
    #[error("another session holds a lock that the statement needs: {0}")]
    Locked(String),
    /// The server refused it.
    #[error("the server refused the statement: {0}")]
    Refused(String),
    /// The server refused it, where only its parameters may be to blame.
    #[error("the server cannot plan the statement without the values of its parameters: {0}")]
    Parameters(String),
    /// The answer of the server is not a plan, or not a text.
    #[error("the plan cannot be read: {0}")]
    Unreadable(String),
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
            Self::Empty | Self::NotPlannable => "not_plannable",
            Self::Writes(_) => "statement_writes",
            Self::Standby => "standby",
            Self::TimeLimit(_) => "timeout",
            Self::Running(_) => "not_canceled",
            Self::Canceled(_) => "canceled",
            Self::Locked(_) => "lock_timeout",
            Self::Refused(_) | Self::Parameters(_) => "statement_refused",
            Self::Unreadable(_) => "plan_unreadable",
            Self::Lost { .. } => "connection_lost",
            Self::Session(error) => error.code(),
        }
    }

    /// The next step, where there is an obvious one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Empty => "Pass a statement with --sql or --file.",
            Self::NotPlannable => {
                "Pass one statement, without EXPLAIN; those inside a function are analyzed one by one."
            }
            Self::Writes(_) => {
                "Execute it with --allow-write, in a transaction that is rolled back; until then it holds its locks. Or plan it \
                 without executing it, with --no-analyze."
            }
            Self::Standby => "Analyze it on the primary, or plan it without executing it, with --no-analyze.",
            Self::TimeLimit(_) => "Increase --max-time, or plan the statement without executing it, with --no-analyze.",
            Self::Running(pid) => {
                return Some(format!(
                    "End the session with SELECT pg_terminate_backend({pid}); the server then rolls back."
                ));
            }
            Self::Canceled(_) => "Run the command again.",
            Self::Locked(_) => {
                "Run it again when the other session has ended; `pgdba query locks` shows who holds the lock."
            }
            Self::Refused(_) => return None,
            Self::Unreadable(_) => {
                "In a database with the encoding SQL_ASCII, run EXPLAIN with psql and pass its output with --plan."
            }
            Self::Parameters(_) => {
                "Give the type of a parameter with a cast, such as $1::integer, or write values in their place."
            }
            Self::Lost { .. } => "Find the reason in the server log, then run the command again.",
            Self::Session(error) => return error.hint().map(str::to_owned),
        };
        Some(hint.to_owned())
    }

    /// Whether the call itself was wrong, so that trying it again cannot help.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Empty | Self::NotPlannable => true,
            Self::Session(error) => error.is_usage(),
            _ => false,
        }
    }
}

/// What is known of the server once there is a session.
#[derive(Debug, Default)]
struct Situation {
    major: i64,
    is_standby: bool,
    pid: String,
}

impl Explain<'_> {
    /// Explains the statement, and leaves nothing of it behind.
    ///
    /// # Errors
    /// [`ExplainError`]. The transaction is rolled back then too.
    pub async fn run(&self, connect: &ConnectOptions) -> Result<Explained, ExplainError> {
        if tokens(self.sql).all(|token| token.is_blank() || token.text == ";") {
            return Err(ExplainError::Empty);
        }
        if !is_plannable(self.sql) {
            return Err(ExplainError::NotPlannable);
        }
        let began = Instant::now();
        let (mut session, opening) = match open_session(connect, self.max_time.saturating_add(GRACE)).await {
            Err(CollectError::TimeLimit(_)) => return Err(ExplainError::TimeLimit(self.max_time)),
            opened => opened?,
        };
        let mut situation = Situation { major: opening.version.major(), ..Situation::default() };
        let outcome = self.in_transaction(&mut session, &mut situation).await;
        // Where this fails the session ends, and the server rolls back by itself.
        let rollback = timeout(ROLLBACK_LIMIT, session.command("rollback /* pgdba */")).await;
        let target = session.target.clone();
        session.close().await;
        let is_running =
            matches!(outcome, Err(Fault::TimeLimit | Fault::Interrupted)) && !matches!(rollback, Ok(Ok(_)));
        if is_running && !situation.pid.is_empty() {
            return Err(ExplainError::Running(situation.pid));
        }
        outcome.map_err(|fault| self.error(fault, target, &situation, began.elapsed()))
    }

    async fn in_transaction(&self, session: &mut Session, situation: &mut Situation) -> Result<Explained, Fault> {
        let answer = session.execute(SITUATION).await?.into_iter().next().unwrap_or_default();
        situation.is_standby = answer.is("is_standby");
        session.execute(&self.beginning(situation.is_standby)).await?;
        // Behind a pooler the process is the session's only from here on.
        let answer = session.execute(SITUATION).await?.into_iter().next().unwrap_or_default();
        situation.pid = answer.text("pid").unwrap_or_default();
        let plan = match self.parameters() {
            0 => session.execute_one(&self.explain(situation.major)).await?,
            count => self.explain_generic(session, situation.major, count).await?,
        };
        let plan = plan.into_iter().next().ok_or_else(|| Fault::Answer("EXPLAIN did not return a plan".to_owned()))?;
        Ok(Explained { plan, warnings: self.warning().into_iter().collect() })
    }

    /// The transaction is read-only unless the statement may write and is executed.
    fn beginning(&self, is_standby: bool) -> String {
        let mode = if self.may_write && self.is_executed() && !is_standby { "write" } else { "only" };
        let limits = [
            ("statement_timeout", self.max_time),
            ("lock_timeout", LOCK_LIMIT),
            ("idle_in_transaction_session_timeout", IDLE_LIMIT),
        ];
        let limits = limits.map(|(name, limit)| {
            format!("; set local {name} = {}", limit.as_millis().clamp(1, i32::MAX.unsigned_abs().into()))
        });
        format!("begin transaction read {mode} /* pgdba */{}", limits.concat())
    }

    /// The highest number of a parameter.
    fn parameters(&self) -> usize {
        let parameters = tokens(self.sql).filter(|token| token.kind == Kind::Parameter);
        parameters.filter_map(|token| token.text.get(1..)?.parse().ok()).max().unwrap_or_default()
    }

    /// The values of parameters are unknown, so a statement that has some is only planned.
    fn is_executed(&self) -> bool {
        self.analyze && self.parameters() == 0
    }

    fn explain(&self, major: i64) -> String {
        let options = match (self.analyze, major >= WAL_SINCE) {
            (true, true) => "analyze, buffers, settings, wal, format json",
            (true, false) => "analyze, buffers, settings, format json",
            (false, _) => "settings, format json",
        };
        format!("explain ({options}) {}", self.sql)
    }

    /// The plan for any values. The statement is prepared first, because only then the server refuses a text of several statements; a
    /// rollback does not remove what was prepared, and behind a pooler the session is somebody else's after it, so it is removed within
    /// the transaction.
    async fn explain_generic(
        &self,
        session: &mut Session,
        major: i64,
        parameters: usize,
    ) -> Result<Vec<String>, Fault> {
        session.execute_one(&format!("prepare pgdba_statement as {}", self.sql)).await?;
        session.execute("savepoint pgdba").await?;
        let explained = session.execute(&self.generic(major, parameters)).await;
        session.command("rollback to savepoint pgdba; deallocate pgdba_statement").await?;
        Ok(explained?.iter().filter_map(|row| row.text("QUERY PLAN")).collect())
    }

    fn generic(&self, major: i64, parameters: usize) -> String {
        if major >= GENERIC_PLAN_SINCE {
            return format!("explain (generic_plan, settings, format json) {}", self.sql);
        }
        let nulls = vec!["null"; parameters].join(", ");
        format!(
            "set local plan_cache_mode = force_generic_plan; \
             explain (settings, format json) execute pgdba_statement({nulls})"
        )
    }

    fn warning(&self) -> Option<String> {
        let text = "the statement has parameters, so it was planned for any values and not executed";
        (self.analyze && !self.is_executed()).then(|| text.to_owned())
    }

    fn error(&self, fault: Fault, target: Target, situation: &Situation, elapsed: Duration) -> ExplainError {
        match fault {
            Fault::Server(Refused { text, state }) => match state.as_str() {
                "25006" if situation.is_standby => ExplainError::Standby,
                "25006" => ExplainError::Writes(text),
                "57014" if elapsed >= self.max_time => ExplainError::TimeLimit(self.max_time),
                "57014" | "40001" => ExplainError::Canceled(text),
                "55P03" => ExplainError::Locked(text),
                // indeterminate_datatype, and a domain that does not allow null.
                "42P18" | "23502" if self.parameters() > 0 => ExplainError::Parameters(text),
                // character_not_in_repertoire: the statement is UTF-8, so it is something that the server would send.
                "22021" => ExplainError::Unreadable(text),
                _ => ExplainError::Refused(text),
            },
            Fault::Answer(text) | Fault::Encoding(text) => ExplainError::Unreadable(text),
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
        assert_eq!(SELECT.explain(12), "explain (analyze, buffers, settings, format json) select 1 -- one");
        assert_eq!(SELECT.explain(13), "explain (analyze, buffers, settings, wal, format json) select 1 -- one");
        let planned = Explain { analyze: false, ..SELECT };
        assert_eq!(planned.explain(18), "explain (settings, format json) select 1 -- one");
        assert_eq!(SELECT.generic(16, 2), "explain (generic_plan, settings, format json) select 1 -- one");
        assert!(SELECT.generic(15, 2).ends_with("execute pgdba_statement(null, null)"));
    }

    #[test]
    fn the_transaction_is_read_only_unless_a_statement_that_may_write_is_executed() {
        let limits = "; set local statement_timeout = 60000; set local lock_timeout = 5000; \
                      set local idle_in_transaction_session_timeout = 10000";
        assert_eq!(SELECT.beginning(false), format!("begin transaction read only /* pgdba */{limits}"));
        let writing = Explain { may_write: true, max_time: Duration::MAX, ..SELECT };
        assert!(writing.beginning(false).starts_with("begin transaction read write "));
        assert!(writing.beginning(false).contains("statement_timeout = 2147483647;"));
        assert!(writing.beginning(true).starts_with("begin transaction read only "));
        let parameter = Explain { sql: "update t set a = $2 where b = '$9'", ..writing };
        assert_eq!(parameter.parameters(), 2);
        assert!(parameter.beginning(false).starts_with("begin transaction read only "));
    }
}
