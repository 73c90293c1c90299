//! A network that can be cut: it stands between the collector and the server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use xtask::servers::Server;

const WHOLE: u8 = 0;
const SILENT: u8 = 1;
const BROKEN: u8 = 2;

pub(super) struct Proxy {
    port: u16,
    state: Arc<AtomicU8>,
}

impl Proxy {
    pub(super) fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(WHOLE));
        let (other, target) = (Arc::clone(&state), server.port());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { return };
                let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
                for (from, to) in [(client, server), (ends.1, ends.0)] {
                    let state = Arc::clone(&other);
                    thread::spawn(move || forward(from, to, &state));
                }
            }
        });
        Self { port, state }
    }

    pub(super) fn dsn(&self) -> String {
        format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port)
    }

    /// From now on nothing gets through, and nobody is told.
    pub(super) fn fall_silent(&self) {
        self.state.store(SILENT, Ordering::SeqCst);
    }

    /// From now on whatever comes through ends its connection, on both sides.
    pub(super) fn break_on_next(&self) {
        self.state.store(BROKEN, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        match state.load(Ordering::SeqCst) {
            WHOLE if to.write_all(&bytes[..count]).is_ok() => {}
            SILENT => {}
            _ => break,
        }
    }
    for end in [from, to] {
        end.shutdown(Shutdown::Both).ok();
    }
}
