//! A connection to a server before anything is said on it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::dsn::Keepalive;

/// Where a connection goes.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket's file.
    Unix(PathBuf),
}

impl Place {
    /// Connects.
    pub(crate) async fn open(&self, keepalive: &Keepalive) -> io::Result<Stream> {
        match self {
            Self::Unix(path) => UnixStream::connect(path).await.map(Stream::Unix),
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                apply(keepalive, &stream)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

fn apply(keepalive: &Keepalive, stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(keepalive.user_timeout)?;
    if !keepalive.on {
        return Ok(());
    }
    socket.set_keepalive(true)?;
    let mut settings = TcpKeepalive::new();
    if let Some(idle) = keepalive.idle {
        settings = settings.with_time(idle);
    }
    if let Some(interval) = keepalive.interval {
        settings = settings.with_interval(interval);
    }
    if let Some(count) = keepalive.count {
        settings = settings.with_retries(count);
    }
    socket.set_tcp_keepalive(&settings)
}

/// A connection over TCP or a Unix socket.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, into),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        };
        match outcome {
            // The server is gone, but its last words may lie here unread: why it went. Reading ends with them.
            Poll::Ready(Err(error))
                if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) =>
            {
                Poll::Ready(Ok(bytes.len()))
            }
            outcome => outcome,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn the_last_words_of_a_server_that_is_gone_are_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let words = runtime.block_on(async {
            let mut stream = Stream::Tcp(TcpStream::connect(address).await.unwrap());
            stream.write_all(b"never read").await.unwrap();
            let (mut server, _) = listener.accept().unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            server.write_all(b"last words").unwrap();
            // Closing over what was not read resets the connection.
            drop(server);
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.write_all(b"more").await.unwrap();
            }
            let mut words = [0; 10];
            stream.read_exact(&mut words).await.unwrap();
            words
        });
        assert_eq!(&words, b"last words");
    }
}
