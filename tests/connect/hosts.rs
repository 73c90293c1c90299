//! Several hosts, one of them a standby; and what answers but is no server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use xtask::servers::{Server, ServerOptions, client_tools};

use super::{both, connect, wait_for};

const MAJOR: u32 = 16;

#[test]
fn the_host_that_answers_is_the_one_that_libpq_takes() {
    client_tools::install_client_tools().unwrap();
    let primary = Server::start(MAJOR, &ServerOptions::fast()).unwrap();
    primary.execute("postgres", "create role locked login password 'x'").unwrap();
    primary.reload_hba("host all locked all scram-sha-256").unwrap();
    let standby = primary.standby(&ServerOptions::fast()).unwrap();
    let home = tempfile::tempdir().unwrap();
    kinds(&primary, &standby, home.path());
    lists(&primary, &standby, home.path());
    chance(&primary, &standby, home.path());
    strangers(&primary, home.path());
    not_now(&primary, &standby, home.path());
}

/// A connection string for several ports of this machine.
fn on(ports: &[u16], more: &str) -> String {
    let hosts = vec!["127.0.0.1"; ports.len()].join(",");
    let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
    format!("host={hosts} port={ports} user=postgres dbname=postgres {more}")
}

fn kinds(primary: &Server, standby: &Server, home: &Path) {
    let (p, s) = (primary.port(), standby.port());
    for (attributes, order, port) in [
        ("any", [s, p], Some(s)),
        ("read-write", [s, p], Some(p)),
        ("read-only", [p, s], Some(s)),
        ("primary", [s, p], Some(p)),
        ("standby", [p, s], Some(s)),
        ("prefer-standby", [p, s], Some(s)),
        ("prefer-standby", [p, p], Some(p)),
        ("standby", [p, p], None),
        ("read-write", [s, s], None),
    ] {
        let outcome = both(home, &[], &on(&order, &format!("target_session_attrs={attributes}")));
        let found = outcome.identity["config_port"].as_u64();
        assert_eq!(found, port.map(u64::from), "{attributes} {order:?}: {}", outcome.text);
        assert!(port.is_some() || outcome.code() == "all_hosts_failed", "{}", outcome.text);
    }
    let alone = both(home, &[("PGTARGETSESSIONATTRS", "primary")], &on(&[s], ""));
    assert_eq!(alone.code(), "wrong_kind_of_server");
}

fn lists(primary: &Server, standby: &Server, home: &Path) {
    let (p, s) = (primary.port(), standby.port());
    assert!(both(home, &[], &on(&[1, p], "")).is_ok());
    assert!(both(home, &[], &format!("postgres://postgres@host.invalid:{p},localhost:{s}/postgres")).is_ok());
    assert!(both(home, &[], &format!("hostaddr=127.0.0.1 port={p} user=postgres")).is_ok());
    assert!(both(home, &[("PGHOST", "a,b"), ("PGPORT", "1,2")], "user=u").code() == "all_hosts_failed");
    assert!(both(home, &[], &on(&[p, s], "port=1,2,3")).code() == "bad_dsn");
    let none = both(home, &[], &format!("host=127.0.0.1,host.invalid,/nowhere port=1,{p},2 user=postgres"));
    assert_eq!(none.code(), "all_hosts_failed");
    for part in [
        "host \\\"127.0.0.1\\\", port 1: connection refused",
        "host.invalid",
        "socket directory \\\"/nowhere\\\", port 2",
    ] {
        assert!(none.text.contains(part), "{part}: {}", none.text);
    }
    // A server that answers and refuses is the end of it: the next one is not asked.
    let refused = both(home, &[], &on(&[1, p, s], "user=locked password=wrong"));
    assert_eq!(refused.code(), "authentication_failed");
    assert!(
        refused.text.contains("previous attempts: host \\\"127.0.0.1\\\", port 1: connection refused"),
        "{}",
        refused.text
    );
    // Each host has its own line in the password file.
    let file = home.join(".pgpass");
    std::fs::write(&file, format!("127.0.0.1:1:*:locked:wrong\n127.0.0.1:{p}:*:locked:x\n")).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(both(home, &[], &on(&[1, p], "user=locked")).is_ok());
    std::fs::remove_file(file).unwrap();
    // The address that a name led to stands beside it.
    let named = connect(home, &[], &format!("host=localhost port={p} user=locked password=wrong"));
    assert!(named.text.contains("host \\\"localhost\\\" (127.0.0.1)"), "{}", named.text);
}

/// Without an oracle: psql here is of version 15.
fn chance(primary: &Server, standby: &Server, home: &Path) {
    let dsn = on(&[primary.port(), standby.port()], "load_balance_hosts=random");
    let mut seen = [primary.port(), standby.port()].map(|port| (u64::from(port), false));
    for _ in 0..40 {
        let port = connect(home, &[], &dsn).identity["config_port"].as_u64();
        seen.iter_mut().for_each(|(known, is_seen)| *is_seen |= Some(*known) == port);
    }
    assert!(seen.iter().all(|(_, is_seen)| *is_seen), "{seen:?}");
}

/// What listens and is no server of PostgreSQL's.
fn strangers(primary: &Server, home: &Path) {
    let web = listen(|bytes| bytes.map(|_| b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice()));
    let shut = listen(|_| None);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().map(|address| (silent, address.port())).unwrap();
    for mode in ["disable", "prefer", "require"] {
        for port in [web, shut] {
            let outcome = both(home, &[], &on(&[port], &format!("sslmode={mode}")));
            assert_eq!(outcome.code(), "protocol_error", "{mode}: {}", outcome.text);
        }
    }
    let late = connect(home, &[], &on(&[silent.1], "connect_timeout=1"));
    assert_eq!(late.code(), "timeout", "{}", late.text);
    let next = connect(home, &[], &on(&[silent.1, primary.port()], "connect_timeout=1"));
    assert!(next.is_ok(), "{}", next.text);
}

/// A port whose listener reads what comes, gives an answer and closes.
fn listen(answer: fn(Option<usize>) -> Option<&'static [u8]>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let bytes = stream.read(&mut [0; 1024]).ok();
            let _ = stream.write_all(answer(bytes).unwrap_or_default());
        }
    });
    port
}

/// A standby that takes no sessions says so, and then the next host is asked.
fn not_now(primary: &Server, standby: &Server, home: &Path) {
    standby.execute("postgres", "checkpoint").unwrap();
    standby.stop_fast().unwrap();
    let file = standby.data_dir().join("postgresql.conf");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nhot_standby = off\n")).unwrap();
    // It never says that it is ready, so nobody waits for that.
    standby.start_without_waiting().unwrap();
    let alone = on(&[standby.port()], "");
    wait_for("the standby to listen", || connect(home, &[], &alone).code() != "connection_refused");
    assert_eq!(both(home, &[], &alone).code(), "starting_up");
    assert!(both(home, &[], &on(&[standby.port(), primary.port()], "")).is_ok());
}
