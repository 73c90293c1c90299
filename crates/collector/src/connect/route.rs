//! The way to one server: where it is, and whether TLS is spoken on the way. A cancel request takes it again.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::{CancelToken, NoTls};

use super::explain::explain_io;
use super::{ConnectFault, ConnectFaultKind as Kind, Place, Stream};
use crate::dsn::Keepalive;
use crate::tls::{Encrypted, Ready, Tls};

/// What asks a server whether it speaks TLS: a length of eight bytes, and the number that stands for the question.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A way that led to a session.
#[derive(Clone)]
pub(crate) struct Route {
    pub(super) place: Place,
    pub(super) keepalive: Keepalive,
    /// None: without TLS.
    pub(super) tls: Option<Arc<Tls>>,
}

/// What came of asking for TLS.
pub(super) enum Negotiated {
    Tls(Box<Encrypted>),
    /// The server does not have it; the connection can be used as it is.
    Refused(Stream),
}

impl Route {
    pub(super) async fn open(&self) -> Result<Stream, ConnectFault> {
        let is_socket = matches!(self.place, Place::Unix(_));
        self.place.open(&self.keepalive).await.map_err(|error| explain_io(&error, is_socket))
    }

    /// Asks the server to stop what it does in the session that `token` stands for.
    pub(crate) async fn cancel(&self, token: &CancelToken) {
        // Nothing depends on it: the server's own time limits end the statement too, only later.
        let Ok(stream) = self.open().await else { return };
        match &self.tls {
            None => drop(token.cancel_query_raw(stream, NoTls).await),
            Some(tls) => {
                if let Ok(Negotiated::Tls(encrypted)) = negotiate(stream, tls).await {
                    drop(token.cancel_query_raw(tokio::io::empty(), Ready(*encrypted)).await);
                }
            }
        }
    }
}

/// Asks for TLS, unless it begins at once, and begins it.
pub(super) async fn negotiate(mut stream: Stream, tls: &Tls) -> Result<Negotiated, ConnectFault> {
    if !tls.is_direct() {
        stream.write_all(&SSL_REQUEST).await.map_err(|error| explain_io(&error, false))?;
        let mut answer = [0];
        // One byte and no more: what somebody slipped in behind it must not pass for a part of the session.
        stream.read_exact(&mut answer).await.map_err(|error| explain_io(&error, false))?;
        match answer {
            [b'S'] => {}
            [b'N'] => return Ok(Negotiated::Refused(stream)),
            // A server that is out of memory or processes says so in clear text, which nobody vouches for.
            [b'E'] => {
                return Err(ConnectFault::new(Kind::Protocol, "the server answered the TLS request with an error"));
            }
            _ => return Err(ConnectFault::new(Kind::Protocol, "the peer is not a PostgreSQL server")),
        }
    }
    Ok(Negotiated::Tls(Box::new(tls.handshake(stream).await?)))
}
