//! Clients send passwords unencrypted.

use crate::engine::prelude::*;
use crate::facts::hba::HbaLine;

rule! {
    /// ## What it sees
    ///
    /// Lines of `pg_hba.conf` with the method `password` for connections that need not be encrypted (`host`, `hostnossl`,
    /// `hostnogssenc`), from addresses other than those of the server itself.
    ///
    /// ## Why it matters
    ///
    /// The client sends the password itself. Without TLS, whoever can read the network traffic can read it.
    ///
    /// ## Threshold
    ///
    /// None: such a line is always reported; as a notice while `listen_addresses` is empty or names only loopback addresses, so that nobody
    /// can reach the port from another host.
    ///
    /// ## Remedy
    ///
    /// Replace `password` with `scram-sha-256`. Passwords that are stored as MD5 must be set again first.
    ///
    /// ## When to ignore this
    ///
    /// If the network between clients and server is encrypted by other means.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_hba_file_rules": [ { "line_number": 5, "connection_type": "host", "database": ["all"], "user_name": ["all"],
    ///                            "address": "all", "auth_method": "password" } ] }
    /// ```
    /// ```json passed
    /// { "pg_hba_file_rules": [ { "line_number": 5, "connection_type": "hostssl", "database": ["all"], "user_name": ["all"],
    ///                            "address": "all", "auth_method": "password" } ] }
    /// ```
    rule cleartext_passwords {
        code: PGD1302,
        title: "Clients send passwords in clear text",
        passed: "No client sends its password in clear text",
        worst: Warning,
        reads: [hba],
        source: "PostgreSQL manual, Client Authentication: Password Authentication",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a HbaLine>> {
    let is_in_clear = |line: &&HbaLine| line.is_remote() && line.has_method("password") && !line.requires_tls();
    Ok(view.hba()?.iter().filter(is_in_clear).collect())
}

fn subject(line: &&HbaLine) -> About {
    About::hba_line(line).severity(if line.is_reachable { Severity::Warning } else { Severity::Notice })
}

fn describe(found: &Found<&HbaLine>) -> Draft {
    Draft::new(format!("Use SCRAM in {}", HbaLine::places(found)))
        .because("The method password sends the password itself, and these lines do not require TLS.")
        .because_if(found.any(|line| !line.is_reachable), HbaLine::UNREACHABLE)
        .because_if(found.any(|line| !line.is_loadable), HbaLine::NOT_LOADABLE)
        .advise("Replace password with scram-sha-256, and reload. Set passwords that are stored as MD5 again first.")
        .query(HbaLine::QUERY)
        .effort(Effort::Reload)
        .undo_text("Restore the former line and reload.")
}
