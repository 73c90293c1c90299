//! Who holds or awaits locks, and how its locks are released.

use std::fmt;

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use crate::facts::time;
use crate::format::{Subject, SubjectKind};

/// A lock that a session waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    /// What is locked, in words: `relation public.orders`, `transaction 742`.
    pub object: String,
    /// The row, where the session waits for the transaction that changed it.
    pub row: Option<String>,
    /// The kind of object, as `pg_locks.locktype` names it.
    pub locktype: String,
    /// The mode that it awaits.
    pub mode: String,
    /// How long it has waited.
    pub time: Option<Millis>,
    /// Whether that is exact; else it is the age of its statement, which began before it waited.
    pub is_exact: bool,
}

impl Wait {
    /// Whether nobody waits like this on purpose: CREATE INDEX CONCURRENTLY waits for older transactions, and an application
    /// may use an advisory lock to have one of its processes wait for the end of another.
    #[must_use]
    pub fn is_unwanted(&self) -> bool {
        !matches!(self.locktype.as_str(), "virtualxid" | "advisory")
    }

    /// `row (0,1) of relation public.orders, changed by transaction 742`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.row {
            Some(row) => format!("{row}, changed by {}", self.object),
            None => self.object.clone(),
        }
    }
}

/// Who holds or awaits a lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A process, by its id.
    Process(i64),
    /// A prepared transaction, by its transaction id if that is known.
    Prepared(Option<String>),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(pid) => write!(f, "pid {pid}"),
            Self::Prepared(Some(id)) => write!(f, "prepared transaction {id}"),
            Self::Prepared(None) => f.write_str("a prepared transaction"),
        }
    }
}

/// How locks are released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// By terminating the session, which runs no statement.
    Terminate,
    /// By releasing the advisory locks of a session outside a transaction, or terminating the session.
    Unlock,
    /// By canceling its statement, or terminating the session if that is not enough.
    Cancel,
    /// By terminating the session, although it runs a statement: advisory locks can outlast it and its transaction.
    Disconnect,
    /// By rolling back or committing the prepared transaction.
    CompletePrepared,
    /// By itself: autovacuum gives way to whoever waits.
    GivesWay,
    /// Only when its VACUUM against transaction ID wraparound has finished: canceled, it starts again from the beginning.
    LetFinish,
    /// By whatever the process is for: a background process must not be terminated.
    Background,
    /// Unknown, since the collecting role cannot see the session.
    Hidden,
}

impl Release {
    /// What to do, as a sentence about "it".
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Terminate => {
                "It is not running a statement: terminate the session, which rolls its transaction back."
            }
            Self::Unlock => {
                "It is idle and not in a transaction, so what it holds are session-level advisory locks: have the application \
                 release them with pg_advisory_unlock(), or terminate the session."
            }
            Self::Cancel => {
                "Cancel its statement, which normally ends its transaction too. If its locks remain, terminate the session: \
                 session-level advisory locks, and locks from before a savepoint, outlast the statement."
            }
            Self::Disconnect => {
                "It holds an advisory lock that others wait for. If that is of the session, it outlasts the statement and the \
                 transaction: have the application release it with pg_advisory_unlock(), or terminate the session."
            }
            Self::CompletePrepared => {
                "Ask the transaction manager that prepared it what was decided, then run COMMIT PREPARED or ROLLBACK PREPARED in \
                 its database; the query shows both commands."
            }
            Self::GivesWay => "Autovacuum gives way to a waiting session after deadlock_timeout: wait.",
            Self::LetFinish => {
                "Let this VACUUM finish: it prevents transaction ID wraparound and does not give way. If it is canceled, it \
                 starts again from the beginning. Cancel the statements that wait for it instead."
            }
            Self::Background => "It is a background process: do not terminate it, but find out what it is waiting for.",
            Self::Hidden => {
                "The collecting role cannot see this session: check it in pg_stat_activity with a role that is a member of \
                 pg_read_all_stats."
            }
        }
    }
}

/// A session, background process or prepared transaction that waits or blocks.
#[derive(Debug, Clone)]
pub struct Party {
    /// Who it is.
    pub holder: Holder,
    /// The process, if it is in the snapshot.
    pub process: Option<PgStatActivity>,
    /// The prepared transaction, if it is in the snapshot.
    pub prepared: Option<PgPreparedXact>,
    /// The lock that it waits for.
    pub wait: Option<Wait>,
    /// Whether it holds an advisory lock that someone waits for.
    pub holds_advisory: bool,
    /// Who holds the lock that it waits for, by number.
    pub held_by: Vec<usize>,
    /// Who is before it in the queue, by number.
    pub queued_behind: Vec<usize>,
    /// How long its transaction has been open or prepared.
    pub transaction_age: Option<Millis>,
    /// How long it has been in its state.
    pub state_age: Option<Millis>,
}

impl Party {
    /// The same, with what is how old at this moment.
    pub(super) fn aged(self, moment: Option<Timestamp>) -> Self {
        let age = |then: Option<Timestamp>| moment.zip(then).map(|(now, then)| time::since(now, then));
        let transaction = self.process.as_ref().and_then(|row| row.xact_start);
        let prepared = self.prepared.as_ref().and_then(|row| row.prepared);
        let in_state = self.process.as_ref().and_then(|row| row.state_change);
        Self { transaction_age: age(transaction.or(prepared)), state_age: age(in_state), ..self }
    }

    fn text(&self, of: impl FnOnce(&PgStatActivity) -> Option<&String>) -> Option<&str> {
        self.process.as_ref().and_then(of).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Its state: `active`, `idle in transaction`; of a prepared transaction `prepared`.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match self.holder {
            Holder::Prepared(_) => Some("prepared"),
            Holder::Process(_) => self.text(|row| row.state.as_ref()),
        }
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        let of_prepared = || self.prepared.as_ref()?.owner.as_deref();
        self.text(|row| row.usename.as_ref()).or_else(of_prepared)
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        let of_prepared = || self.prepared.as_ref()?.database.as_deref();
        self.text(|row| row.datname.as_ref()).or_else(of_prepared)
    }

    /// The application name.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        self.text(|row| row.application_name.as_ref())
    }

    /// Its current or last statement.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.text(|row| row.query.as_ref())
    }

    /// The type of the process.
    #[must_use]
    pub fn backend_type(&self) -> Option<&str> {
        self.text(|row| row.backend_type.as_ref())
    }

    /// Its process id; none of a prepared transaction.
    #[must_use]
    pub fn pid(&self) -> Option<i64> {
        match self.holder {
            Holder::Process(pid) => Some(pid),
            Holder::Prepared(_) => None,
        }
    }

    /// Its transaction id; of a prepared transaction only.
    #[must_use]
    pub fn prepared_id(&self) -> Option<&str> {
        match &self.holder {
            Holder::Prepared(id) => id.as_deref(),
            Holder::Process(_) => None,
        }
    }

    /// It as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let subject = match &self.holder {
            Holder::Process(pid) => Subject::named(SubjectKind::Session, &pid.to_string()),
            Holder::Prepared(id) => {
                Subject::named(SubjectKind::PreparedTransaction, id.as_deref().unwrap_or("unknown"))
            }
        };
        subject.in_database(self.database())
    }

    /// It in a sentence: `session 4711 (idle in transaction) of role app`.
    #[must_use]
    pub fn words(&self) -> String {
        let name = match &self.holder {
            Holder::Process(pid) => format!("session {pid}"),
            prepared @ Holder::Prepared(_) => prepared.to_string(),
        };
        let state = self.state().filter(|_| self.pid().is_some()).map(|state| format!(" ({state})"));
        let role = self.role().map(|role| format!(" of role {role}"));
        format!("{name}{}{}", state.unwrap_or_default(), role.unwrap_or_default())
    }

    /// How its locks are released.
    #[must_use]
    pub fn release(&self) -> Release {
        if matches!(self.holder, Holder::Prepared(_)) {
            return Release::CompletePrepared;
        }
        match self.backend_type() {
            None => Release::Hidden,
            Some("autovacuum worker") if is_against_wraparound(self.query()) => Release::LetFinish,
            Some("autovacuum worker") => Release::GivesWay,
            Some("client backend") if self.state() == Some("idle") => Release::Unlock,
            Some("client backend") if self.state().is_some_and(|state| state.starts_with("idle")) => Release::Terminate,
            Some("client backend") if self.holds_advisory => Release::Disconnect,
            Some("client backend") => Release::Cancel,
            Some(_) => Release::Background,
        }
    }

    /// Statements that release its locks; none where it is better left alone. They do nothing if the process id belongs to
    /// another session by then.
    #[must_use]
    pub fn statements(&self) -> Option<String> {
        match self.release() {
            Release::Terminate | Release::Unlock | Release::Disconnect => self.signal("pg_terminate_backend"),
            Release::Cancel => {
                let (cancel, terminate) = (self.signal("pg_cancel_backend")?, self.signal("pg_terminate_backend")?);
                Some(format!("{cancel}\n-- only if its locks remain: {terminate}"))
            }
            Release::CompletePrepared => Some(completions(self.prepared_id()?)),
            Release::GivesWay | Release::LetFinish | Release::Background | Release::Hidden => None,
        }
    }

    fn signal(&self, function: &str) -> Option<String> {
        signal(self.process.as_ref()?, function)
    }
}

/// Whether it is the statement of an autovacuum worker that does not give way.
#[must_use]
pub fn is_against_wraparound(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.ends_with("(to prevent wraparound)"))
}

/// A statement that calls `function` for a process, unless another has its id by then.
#[must_use]
pub fn signal(process: &PgStatActivity, function: &str) -> Option<String> {
    Some(signal_started(&process.pid.to_string(), process.backend_start?, function))
}

/// The same for the process with this id that started at `start`.
#[must_use]
pub fn signal_started(pid: &str, start: Timestamp, function: &str) -> String {
    format!("SELECT {function}(pid) FROM pg_stat_activity WHERE pid = {pid} AND backend_start = '{start}';")
}

/// A query that shows a prepared transaction, whose name is not in the snapshot, with the commands that commit it and roll it back.
/// It runs neither: what was decided is not known to the server.
#[must_use]
pub fn completions(transaction: &str) -> String {
    format!(
        "SELECT gid, owner, database, prepared, format('COMMIT PREPARED %L;', gid) AS commit_command, \
         format('ROLLBACK PREPARED %L;', gid) AS rollback_command FROM pg_prepared_xacts WHERE transaction = {}; -- then run \
         one of the two commands in the transaction's database",
        quote_literal(transaction)
    )
}
