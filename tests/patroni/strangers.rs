//! What answers at a port and is no Patroni, or nobody: faults that cannot be made with a real one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_apply::patroni::{Patroni, PatroniError, PatroniOptions};

/// A server for one connection: reads a request and sends these bytes, then closes or waits.
fn stranger(answer: Vec<u8>, stays: Duration) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        // The other side may have gone.
        let _ = stream.write_all(&answer);
        thread::sleep(stays);
    });
    url
}

fn ask(url: &str) -> PatroniError {
    let options = PatroniOptions::new(url).unwrap().with_timeout(Duration::from_millis(800));
    Patroni::new(options).unwrap().node().unwrap_err()
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.0 {status}\r\nContent-Type: application/json\r\n\r\n{body}").into_bytes()
}

#[test]
fn strangers_are_told_apart() {
    let now = Duration::ZERO;
    let large = format!("{{\"state\": \"{}\"}}", "x".repeat(5 << 20));
    for (bytes, code, words) in [
        (answer("200 OK", "<html>hello</html>"), "not_patroni", "is not from Patroni"),
        (answer("200 OK", &large), "not_patroni", "is larger than"),
        (
            answer("302 Found\r\nLocation: http://elsewhere.example/", ""),
            "patroni_redirect",
            "http://elsewhere.example/",
        ),
        (answer("503 Service Unavailable", "nobody is at home"), "patroni_refused", "503: nobody is at home"),
        (answer("401 Unauthorized", "who is it"), "patroni_unauthorized", "who is it"),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "not_patroni", "is not from Patroni"),
        (Vec::new(), "patroni_broken_off", "closed the connection"),
    ] {
        let error = ask(&stranger(bytes, now));
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn silence_has_an_end() {
    let long = Duration::from_secs(20);
    let half = b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    for bytes in [Vec::new(), half] {
        let begun = Instant::now();
        let error = ask(&stranger(bytes, long));
        assert_eq!(error.code(), "patroni_timeout", "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert!(error.hint().contains("DCS might be down") && error.to_string().contains("within 0.8 s"), "{error}");
    }
}

#[test]
fn nobody_is_said() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let error = ask(&format!("http://{free}"));
    assert_eq!(error.to_string(), format!("could not reach Patroni at http://{free}: connection refused"));
    let error = ask("http://no-such-host.invalid:8008");
    assert_eq!(error.code(), "patroni_unreachable", "{error}");
}
