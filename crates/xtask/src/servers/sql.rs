//! Statements for test servers, sent as the superuser over the simple protocol.

use std::future::Future;

use anyhow::{Context, Result};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Rows as the server prints them; `None` is NULL.
pub(super) type Rows = Vec<Vec<Option<String>>>;

/// Runs one or more statements.
pub(super) fn execute(dsn: &str, sql: &str) -> Result<()> {
    connected(dsn, async |client| client.batch_execute(sql).await)
}

/// Runs one or more statements and returns the rows of all of them.
pub(super) fn query(dsn: &str, sql: &str) -> Result<Rows> {
    let messages = connected(dsn, async |client| client.simple_query(sql).await)?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect::<Vec<_>>())
        }
        _ => None,
    });
    Ok(rows.collect())
}

/// Connects, lets `work` use the connection and closes it.
fn connected<T: Send>(
    dsn: &str,
    work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error> + Send,
) -> Result<T> {
    blocking(async move || {
        let (client, connection) = tokio_postgres::connect(dsn, NoTls).await.context("could not connect")?;
        let driver = tokio::spawn(connection);
        let result = work(&client).await.map_err(explained);
        drop(client);
        driver.await.ok();
        result
    })
}

/// Runs a future to its end on a thread of its own, so that a caller who is inside a runtime can use this too.
pub(crate) fn blocking<T: Send, F: Future<Output = Result<T>>>(work: impl FnOnce() -> F + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(work())
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// tokio-postgres prints "db error" and keeps the server's words in the source.
fn explained(error: tokio_postgres::Error) -> anyhow::Error {
    match error.as_db_error() {
        Some(server) => {
            anyhow::anyhow!("{}: {} (SQLSTATE {})", server.severity(), server.message(), server.code().code())
        }
        None => error.into(),
    }
}
