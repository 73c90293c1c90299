//! A connection under TLS, as tokio-postgres wants it.

use std::convert::Infallible;
use std::future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::certificate::Certificate;
use crate::socket::Stream;

/// A connection under TLS.
pub(crate) struct Encrypted(pub(super) tokio_rustls::client::TlsStream<Stream>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        let certificates = self.0.get_ref().1.peer_certificates().unwrap_or_default();
        let hash = certificates.first().and_then(|der| Certificate::parse(der)?.end_point_hash());
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Hands tokio-postgres a connection on which TLS is under way already, so that the handshake and its errors are ours.
/// The stream that it is given in exchange is an empty one.
pub(crate) struct Ready(pub(crate) Encrypted);

impl<S> TlsConnect<S> for Ready {
    type Stream = Encrypted;
    type Error = Infallible;
    type Future = future::Ready<Result<Encrypted, Infallible>>;

    fn connect(self, _: S) -> Self::Future {
        future::ready(Ok(self.0))
    }
}
