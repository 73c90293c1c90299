//! A network in front of a member's REST interface that loses the answer to a change.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub(super) struct Proxy {
    port: u16,
    loses: Arc<AtomicBool>,
}

impl Proxy {
    /// To the REST interface at this address.
    pub(super) fn to(url: &str) -> Self {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let loses = Arc::new(AtomicBool::new(false));
        let state = Arc::clone(&loses);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (target, state) = (target.clone(), Arc::clone(&state));
                // Nobody hears of an error here but the client, whose connection ends.
                thread::spawn(move || forward(client, &target, &state).ok());
            }
        });
        Self { port, loses }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The answers to changes are lost from now on, or not any more.
    pub(super) fn lose_answers(&self, loses: bool) {
        self.loses.store(loses, Ordering::SeqCst);
    }
}

/// One request and its answer; Patroni closes each connection after it.
fn forward(mut client: TcpStream, target: &str, loses: &AtomicBool) -> std::io::Result<()> {
    let mut server = TcpStream::connect(target)?;
    let request = read_request(&mut client)?;
    server.write_all(&request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if request.starts_with(b"PATCH") && loses.load(Ordering::SeqCst) {
        return Ok(());
    }
    client.write_all(&answer)
}

fn read_request(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut request, mut bytes) = (Vec::new(), [0; 4096]);
    loop {
        let count = client.read(&mut bytes)?;
        request.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return Ok(request);
        }
    }
}
