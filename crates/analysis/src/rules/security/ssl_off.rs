//! Remote clients are connected to a server without TLS.

use crate::engine::prelude::*;
use crate::facts::sessions::is_remote;

rule! {
    /// ## What it sees
    ///
    /// `ssl` is off, and clients are connected from other hosts.
    ///
    /// ## Why it matters
    ///
    /// Passwords (unless SCRAM is used), statements and their results cross the network unencrypted, and clients cannot check that
    /// they are connected to the right server.
    ///
    /// ## Threshold
    ///
    /// At least one client session from an address that is not the server's own loopback address.
    ///
    /// ## Remedy
    ///
    /// Create a certificate, set `ssl_cert_file` and `ssl_key_file`, set `ssl = on` and reload. To enforce it, use `hostssl` in
    /// `pg_hba.conf`.
    ///
    /// ## When to ignore this
    ///
    /// If a pooler on the same host, a tunnel or a private network encrypts the connections.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "ssl", "setting": "off" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "client_addr": "10.0.0.7", "usename": "app" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "ssl", "setting": "off" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "client_addr": "127.0.0.1", "usename": "app" },
    ///                         { "pid": 2, "backend_type": "client backend", "usename": "app" } ] }
    /// ```
    rule ssl_off {
        code: PGD1309,
        title: "Remote clients connect to a server without TLS",
        passed: "Remote clients can use TLS",
        worst: Warning,
        reads: [settings, sessions],
        source: "PostgreSQL manual, Secure TCP/IP Connections with SSL",
    }
}

struct Open {
    remote: i64,
    from: Vec<String>,
}

/// Addresses that the text names.
const NAMED: usize = 5;

fn check(view: &View<'_>) -> Checked<Option<Open>> {
    if view.settings()?.is_on("ssl") != Some(false) {
        return Ok(None);
    }
    let addresses = view.sessions()?.clients().filter_map(|client| client.client_addr.clone());
    let mut from: Vec<String> = addresses.filter(|address| is_remote(address)).collect();
    let remote = i64::try_from(from.len()).unwrap_or(i64::MAX);
    from.sort();
    from.dedup();
    Ok((remote > 0).then_some(Open { remote, from }))
}

fn subject(open: &Open) -> About {
    About::parameter("ssl", Weight::Count(open.remote))
        .figures([Figure::parameter("ssl", "off").against("on"), Figure::new("remote_sessions", open.remote)])
}

fn describe(open: &Open) -> Draft {
    let named: Vec<&str> = open.from.iter().take(NAMED).map(String::as_str).collect();
    let sessions = display::counted(open.remote, "session", "sessions");
    Draft::new(format!("Enable TLS: {sessions} from other hosts are not encrypted"))
        .because(format!("ssl is off. Clients are connected from {}.", named.join(", ")))
        .advise("Create a certificate and set ssl_cert_file and ssl_key_file, then set ssl to on and reload.")
        .advise("Use hostssl in pg_hba.conf to require TLS, and sslmode=verify-full in the clients.")
        .effort(Effort::Project)
}
