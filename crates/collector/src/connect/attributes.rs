//! Whether the server is of the kind that `target_session_attrs` asks for.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{ConnectFault, ConnectFaultKind};
use crate::dsn::SessionAttrs;

/// Asks the server what it is, if that matters.
pub(super) async fn check(client: &Client, wanted: SessionAttrs) -> Result<(), ConnectFault> {
    let (question, yes, otherwise) = match wanted {
        SessionAttrs::Any | SessionAttrs::PreferStandby => return Ok(()),
        SessionAttrs::ReadWrite => (READ_ONLY, "off", "session is read-only"),
        SessionAttrs::ReadOnly => (READ_ONLY, "on", "session is not read-only"),
        SessionAttrs::Primary => (STANDBY, "f", "server is in hot standby mode"),
        SessionAttrs::Standby => (STANDBY, "t", "server is not in hot standby mode"),
    };
    let fault = |message: &str| ConnectFault::new(ConnectFaultKind::SessionAttrs, message);
    let messages = client.simple_query(question).await;
    let messages = messages.map_err(|_| fault("the server did not report whether it is read-only or a standby"))?;
    let answer = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten(),
        _ => None,
    });
    if answer == Some(yes) { Ok(()) } else { Err(fault(otherwise)) }
}

const READ_ONLY: &str = "show transaction_read_only";
const STANDBY: &str = "select pg_catalog.pg_is_in_recovery()";
