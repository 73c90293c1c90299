//! Remote clients are let in without a password.

use crate::engine::prelude::*;
use crate::facts::hba::HbaLine;

rule! {
    /// ## What it sees
    ///
    /// Lines of `pg_hba.conf` with the method `trust` for connections over TCP from addresses other than those of the server itself.
    ///
    /// ## Why it matters
    ///
    /// Whoever can reach the port from such an address can log in as any role that the line names, also as a superuser, who can read
    /// and write files and run programs on the host.
    ///
    /// ## Threshold
    ///
    /// None: such a line is always reported. Lines for Unix-domain sockets, for loopback addresses and for `samehost` are not. While
    /// `listen_addresses` is empty or names only loopback addresses, nobody can reach the port from another host: it is a notice then.
    ///
    /// ## Remedy
    ///
    /// Replace `trust` with `scram-sha-256`, set passwords for the roles, and reload.
    ///
    /// ## When to ignore this
    ///
    /// If the address is that of a private network between containers of one host, and nothing else can reach it.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_hba_file_rules": [ { "line_number": 5, "connection_type": "host", "database": ["all"], "user_name": ["all"],
    ///                            "address": "10.0.0.0", "netmask": "255.0.0.0", "auth_method": "trust" } ] }
    /// ```
    /// ```json passed
    /// { "pg_hba_file_rules": [ { "line_number": 1, "connection_type": "local", "database": ["all"], "user_name": ["all"],
    ///                            "auth_method": "trust" },
    ///                          { "line_number": 2, "connection_type": "host", "database": ["all"], "user_name": ["all"],
    ///                            "address": "127.0.0.1", "netmask": "255.255.255.255", "auth_method": "trust" },
    ///                          { "line_number": 3, "connection_type": "host", "database": ["all"], "user_name": ["all"],
    ///                            "address": "all", "auth_method": "scram-sha-256" } ] }
    /// ```
    rule trust_authentication {
        code: PGD1301,
        title: "Remote clients can log in without a password",
        passed: "No remote client can log in without a password",
        worst: Critical,
        reads: [hba],
        source: "PostgreSQL manual, Client Authentication: Trust Authentication",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a HbaLine>> {
    Ok(view.hba()?.iter().filter(|line| line.is_remote() && line.has_method("trust")).collect())
}

fn subject(line: &&HbaLine) -> About {
    About::hba_line(line).severity(if line.is_reachable { Severity::Critical } else { Severity::Notice })
}

fn describe(found: &Found<&HbaLine>) -> Draft {
    Draft::new(format!("Require passwords in {}", HbaLine::places(found)))
        .because(format!(
            "Whoever reaches the port from these addresses {} as any of these roles without a password.",
            if found.any(|line| !line.is_loadable) { "would be able to log in" } else { "can log in" }
        ))
        .because_if(found.any(|line| !line.is_reachable), HbaLine::UNREACHABLE)
        .because_if(found.any(|line| !line.is_loadable), HbaLine::NOT_LOADABLE)
        .advise("Set a password for each role that needs one, replace trust with scram-sha-256, and reload.")
        .query(HbaLine::QUERY)
        .effort(Effort::Reload)
        .undo_text("Restore the former line and reload.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Finding, Severity};
    use crate::{Options, analyze, example};

    /// What is found of lines for all hosts of a server that listens there.
    fn found(listen_addresses: &str) -> Vec<Finding> {
        found_with(listen_addresses, None)
    }

    /// The same, beside another line.
    fn found_with(listen_addresses: &str, other: Option<Value>) -> Vec<Finding> {
        let line = |method: &str| {
            json!({ "line_number": 2, "connection_type": "host", "address": "0.0.0.0", "netmask": "0.0.0.0",
                    "auth_method": method, "has_error": false })
        };
        let lines: Vec<Value> = [line("trust"), line("password")].into_iter().chain(other).collect();
        let document = json!({
            "pg_settings": [{ "name": "listen_addresses", "setting": listen_addresses }],
            "pg_hba_file_rules": lines,
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().filter(|finding| ["PGD1301", "PGD1302"].contains(&finding.code.as_str())).collect()
    }

    #[test]
    fn lines_beside_an_invalid_one_might_not_be_in_force() {
        let invalid = json!({ "line_number": 1, "has_error": true });
        let findings = found_with("*", Some(invalid));
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(|finding| finding.rationale.ends_with("these might not be in force yet.")));
        assert!(!found("*").iter().any(|finding| finding.rationale.contains("in force")));
    }

    #[test]
    fn nobody_reaches_a_server_that_listens_on_its_own_host_only() {
        let severities = |findings: &[Finding]| findings.iter().map(|finding| finding.severity).collect::<Vec<_>>();
        assert_eq!(severities(&found("localhost,10.0.0.5")), [Severity::Critical, Severity::Warning]);
        let local = found("127.0.0.1, ::1");
        assert_eq!(severities(&local), [Severity::Notice, Severity::Notice]);
        assert!(local.iter().all(|finding| finding.rationale.ends_with("as soon as listen_addresses names one.")));
        assert!(!found("*").iter().any(|finding| finding.rationale.contains("listen_addresses")));
    }
}
