//! The one session of a collection: each statement in a transaction of its own, bounded in time from this side too.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::time::timeout;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Row, SimpleColumn, SimpleQueryMessage, SimpleQueryRow};

use crate::connect::{ConnectFault, ConnectFaultKind, Connected, Driver, Route, connect};
use crate::dsn::{ConnectOptions, Place, Target};
use crate::error::CollectError;
use crate::fault::{Fault, server_text};
use crate::guard::{Guard, STATEMENT_LIMIT};
use crate::stop::Stop;
use crate::wording::Limit;

/// How long taking leave may last: a cancel request, the end of the connection.
const FAREWELL: Duration = Duration::from_secs(1);

/// What takes the rows of a statement as they come.
pub(crate) trait Rows {
    /// The names of the columns, once, before the first row.
    fn columns(&mut self, columns: &[SimpleColumn]) -> Result<(), Fault>;
    /// One row.
    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault>;
}

/// A session on a server.
pub struct Session {
    client: Client,
    /// The task that moves the bytes, until its end was seen.
    connection: Option<Driver>,
    /// The host that answered, out of those that were named, and the address it had.
    pub target: Target,
    /// What to say of it where only the list of hosts is known; nothing where there is only one.
    place: String,
    route: Route,
    /// What the user should know of how the session came about, one sentence each.
    pub(crate) notes: Vec<String>,
    /// When to stop.
    pub(crate) stop: Stop,
    /// What every transaction is wrapped in.
    pub(crate) guard: Guard,
    /// The time without a statement after which the server ends the session (`idle_session_timeout`). It is not set to zero:
    /// a SET would outlive our transaction, and in a pool the next client would have it.
    pub(crate) idle_limit: Option<Duration>,
}

impl Session {
    /// Connects, within the time that the whole may take.
    ///
    /// # Errors
    /// [`CollectError::Connect`], [`CollectError::Interrupted`], [`CollectError::Runtime`].
    pub async fn open(options: &ConnectOptions, max_time: Duration) -> Result<Self, CollectError> {
        let mut stop = Stop::after(max_time)?;
        let connected = tokio::select! {
            outcome = connect(options) => outcome?,
            fault = stop.reached() => return Err(match fault {
                Fault::Interrupted => CollectError::Interrupted,
                _ => timed_out(options, max_time),
            }),
        };
        let Connected { client, connection, target, route, notes } = connected;
        let place = if options.hosts.len() > 1 { format!(", on {}", Place(&target)) } else { String::new() };
        let guard = Guard::UNKNOWN_SERVER;
        Ok(Self { client, connection: Some(connection), target, place, route, notes, stop, guard, idle_limit: None })
    }

    /// Runs `sql` in a guarded transaction and hands its rows on as they come.
    pub(crate) async fn stream(&mut self, sql: &str, rows: &mut dyn Rows) -> Result<(), Fault> {
        let rest = self.stop.rest();
        if rest.is_zero() {
            return Err(Fault::TimeLimit);
        }
        let script = self.guard.script(sql, rest);
        let before = self.guard.answers_before();
        match until(&mut self.stop, answers(&self.client, &script, before, rows)).await {
            Err(Fault::Lost(text)) => {
                let words = self.last_words(text).await;
                Err(Fault::Lost(format!("{words}{}", self.place)))
            }
            Err(fault @ (Fault::TimeLimit | Fault::Interrupted | Fault::Output(_))) => {
                self.cancel().await;
                Err(fault)
            }
            outcome => outcome,
        }
    }

    /// Runs `sql` in a guarded transaction and gives all of its rows: for answers that are known to be short.
    ///
    /// # Errors
    /// [`Fault`]; after one of [`Fault::Server`] the session goes on.
    pub async fn query(&mut self, sql: &str) -> Result<Vec<Answer>, Fault> {
        let mut rows = Vec::new();
        self.stream(sql, &mut rows).await?;
        Ok(rows)
    }

    /// Like [`Session::query`], and not broken off when somebody asks to stop: the session goes on after it.
    ///
    /// # Errors
    /// [`Fault`], and neither [`Fault::Interrupted`] nor [`Fault::TimeLimit`].
    pub async fn steady_query(&mut self, sql: &str) -> Result<Vec<Answer>, Fault> {
        let script = self.guard.script(sql, STATEMENT_LIMIT);
        let mut rows = Vec::new();
        let before = self.guard.answers_before();
        let outcome = bounded(answers(&self.client, &script, before, &mut rows)).await;
        self.with_last_words(outcome).await.map(|()| rows)
    }

    /// Runs `sql` as it stands, without the guards: what cannot run in a transaction, or must see the session as it
    /// began. It names everything with its schema. It is not broken off when somebody asks to stop, so that its outcome
    /// is known.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::Lost`] where the server did not answer in time too: whether it was done is unknown then.
    pub async fn command(&mut self, sql: &str) -> Result<Vec<Answer>, Fault> {
        let mut rows = Vec::new();
        let outcome = bounded(unguarded(&self.client, sql, &mut rows)).await;
        self.with_last_words(outcome).await.map(|()| rows)
    }

    /// Asks for nothing, within the time that the whole may take: the server takes the session for busy, and a connection that
    /// is lost is found out.
    pub(crate) async fn ping(&mut self) -> Result<(), Fault> {
        /// Answers nothing of interest.
        const NOTHING: &str = "select /* pgdba */ 1";
        self.execute(NOTHING).await.map(drop)
    }

    /// Runs `sql` as it stands, without the guards. It is canceled when somebody asks to stop, or when the time for the whole is over.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<Vec<Answer>, Fault> {
        let mut rows = Vec::new();
        let outcome = until(&mut self.stop, unguarded(&self.client, sql, &mut rows)).await;
        self.ended(outcome).await.map(|()| rows)
    }

    /// Runs the one statement `sql` as it stands, without the guards, and gives the first value of its rows; the server refuses a text
    /// of several statements. It is canceled like [`Session::execute`].
    pub(crate) async fn execute_one(&mut self, sql: &str) -> Result<Vec<String>, Fault> {
        let outcome = until(&mut self.stop, async { Ok(self.client.query_typed(sql, &[]).await?) }).await;
        let rows = self.ended(outcome).await?;
        let text = |row: &Row| row.try_get::<_, AsText>(0).map(|text| text.0);
        let texts = rows.iter().map(text).collect::<Result<_, _>>();
        texts.map_err(|_| Fault::Encoding("the answer contains text that is not valid UTF-8".to_owned()))
    }

    /// Cancels what did not end by itself.
    async fn ended<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if matches!(outcome, Err(Fault::TimeLimit | Fault::Interrupted)) {
            self.cancel().await;
        }
        self.with_last_words(outcome).await
    }

    async fn with_last_words<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        let Err(Fault::Lost(text)) = outcome else { return outcome };
        let words = self.last_words(text).await;
        Err(Fault::Lost(format!("{words}{}", self.place)))
    }

    /// Whether the connection is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.client.is_closed()
    }

    /// Puts `newer` in this session's place. The limit of time stays, and so does a request to stop that nobody has seen yet.
    pub fn replace(&mut self, mut newer: Self) {
        std::mem::swap(&mut self.stop, &mut newer.stop);
        *self = newer;
    }

    /// Whether somebody has asked to stop since the last time this was asked.
    pub fn was_asked_to_stop(&mut self) -> bool {
        self.stop.was_heard()
    }

    /// Waits for `work`, or until somebody asks to stop: nothing then.
    pub async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            _ = self.stop.reached() => None,
        }
    }

    /// Asks the server to stop the statement that is running, over a connection of its own.
    async fn cancel(&self) {
        let token = self.client.cancel_token();
        let _ = timeout(FAREWELL, self.route.cancel(&token)).await;
    }

    /// What the server said before it ended the session while nothing was asked of it; else `fallback`.
    async fn last_words(&mut self, fallback: String) -> String {
        let Some(connection) = self.connection.take() else { return fallback };
        match timeout(FAREWELL, connection).await {
            Ok(Ok(Err(error))) => error.as_db_error().map_or(fallback, server_text),
            _ => fallback,
        }
    }

    /// Ends the session as the protocol asks for, so that the server's log has nothing to say about it.
    pub async fn close(self) {
        farewell(self.client, self.connection).await;
    }

    /// Ends the session and begins one in another database of the same server.
    ///
    /// The former one is kept where the new one does not come about: the reason is why that database cannot be read.
    pub(crate) async fn move_to(&mut self, options: &ConnectOptions, datname: &str) -> Result<(), Fault> {
        let there = options.for_database(&self.target, datname);
        let connected = tokio::select! {
            outcome = connect(&there) => outcome,
            fault = self.stop.reached() => return Err(fault),
        };
        let Connected { client, connection, target, route, .. } = match connected {
            Ok(connected) => connected,
            Err(CollectError::Connect { fault, .. }) => return Err(Fault::Answer(fault.to_string())),
            Err(error) => return Err(Fault::Answer(error.to_string())),
        };
        let former = std::mem::replace(&mut self.client, client);
        farewell(former, self.connection.replace(connection)).await;
        self.target = target;
        self.route = route;
        Ok(())
    }
}

/// A plan: `json` is text in its binary form too.
struct AsText(String);

impl<'a> FromSql<'a> for AsText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}

async fn farewell(client: Client, connection: Option<Driver>) {
    drop(client);
    if let Some(connection) = connection {
        let _ = timeout(FAREWELL, connection).await;
    }
}

/// The time for the whole was over before there was a session.
fn timed_out(options: &ConnectOptions, limit: Duration) -> CollectError {
    let message = format!("timed out after {}", Limit(limit));
    let fault = ConnectFault::new(ConnectFaultKind::Timeout, message);
    CollectError::Connect { target: Box::new(options.target.clone()), fault }
}

/// `work`, unless there is a reason to stop before it is done.
async fn until<T>(stop: &mut Stop, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::select! {
        outcome = work => outcome,
        fault = stop.reached() => Err(fault),
    }
}

async fn answers(client: &Client, script: &str, before: usize, rows: &mut dyn Rows) -> Result<(), Fault> {
    let mut messages = pin!(client.simple_query_raw(script).await?);
    let mut answers = 0;
    while let Some(message) = messages.try_next().await? {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                answers += 1;
                if answers > before {
                    rows.columns(&columns)?;
                }
            }
            SimpleQueryMessage::Row(row) if answers > before => rows.row(&row)?,
            _ => {}
        }
    }
    Ok(())
}

/// `work` within the time that any statement may take.
async fn bounded(work: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    match timeout(STATEMENT_LIMIT, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::Lost(format!("timed out after {}", Limit(STATEMENT_LIMIT)))),
    }
}

async fn unguarded(client: &Client, sql: &str, rows: &mut dyn Rows) -> Result<(), Fault> {
    let mut messages = pin!(client.simple_query_raw(sql).await?);
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::Row(row) = message {
            rows.row(&row)?;
        }
    }
    Ok(())
}

/// The row of a short answer.
#[derive(Debug, Default)]
pub struct Answer(Vec<(String, Option<String>)>);

impl Answer {
    /// The value of the column `name`; none for NULL too.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(column, _)| column == name).and_then(|(_, value)| value.as_deref())
    }

    /// The value of the column `name`, to keep.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Whether the column `name` is true.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.get(name) == Some("t")
    }
}

impl Rows for Vec<Answer> {
    fn columns(&mut self, _: &[SimpleColumn]) -> Result<(), Fault> {
        Ok(())
    }

    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault> {
        let cells = row.columns().iter().enumerate().map(|(at, column)| {
            let value = cell(row, at)?.map(str::to_owned);
            Ok((column.name().to_owned(), value))
        });
        self.push(Answer(cells.collect::<Result<_, Fault>>()?));
        Ok(())
    }
}

/// The text of a value.
pub(crate) fn cell(row: &SimpleQueryRow, at: usize) -> Result<Option<&str>, Fault> {
    row.try_get(at).map_err(|_| {
        let name = row.columns().get(at).map_or("", SimpleColumn::name);
        Fault::Encoding(format!("column {name} contains text that is not valid UTF-8"))
    })
}
