//! The lines of `pg_hba.conf`.

use std::net::IpAddr;

use pgdba_snapshot::sections::pg_hba_file_rules::PgHbaFileRule;

use crate::format::{Figure, Subject, SubjectKind};

/// A line of `pg_hba.conf`, as it is on disk.
#[derive(Debug)]
pub struct HbaLine {
    /// Its row.
    pub row: PgHbaFileRule,
}

impl HbaLine {
    /// Shows all lines.
    pub const QUERY: &str =
        "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules;";

    /// Whether it has this authentication method.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.row.auth_method.as_deref() == Some(method)
    }

    /// Whether clients on other hosts can match it.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        let is_tcp = self.row.connection_type.as_deref().is_some_and(|kind| kind.starts_with("host"));
        is_tcp && self.row.address.as_deref().is_some_and(|address| !is_own_host(address))
    }

    /// Whether only encrypted connections match it.
    #[must_use]
    pub fn requires_tls(&self) -> bool {
        matches!(self.row.connection_type.as_deref(), Some("hostssl" | "hostgssenc"))
    }

    /// The line as a subject, by its number; with its file where the server tells it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let number = self.row.line_number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
        let name = match self.row.file_name.as_deref().filter(|file| !file.ends_with("/pg_hba.conf")) {
            Some(file) => format!("{number} of {file}"),
            None => number,
        };
        Subject::named(SubjectKind::HbaLine, &name)
    }

    /// What it says.
    #[must_use]
    pub fn figures(&self) -> [Figure; 5] {
        let list = |names: &Option<Vec<String>>| names.as_ref().map(|names| names.join(", "));
        let address = match (&self.row.address, &self.row.netmask) {
            (Some(address), Some(netmask)) => Some(format!("{address} {netmask}")),
            (address, _) => address.clone(),
        };
        [
            Figure::new("type", self.row.connection_type.clone()),
            Figure::new("databases", list(&self.row.database)),
            Figure::new("roles", list(&self.row.user_name)),
            Figure::new("address", address),
            Figure::new("method", self.row.auth_method.clone()),
        ]
    }
}

/// Whether only the server's own host has such an address.
fn is_own_host(address: &str) -> bool {
    let ip = address.parse::<IpAddr>();
    matches!(address, "samehost" | "localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_not_remote() {
        for (kind, address, is_remote) in [
            ("host", Some("127.0.0.1"), false),
            ("host", Some("::1"), false),
            ("hostssl", Some("samehost"), false),
            ("host", Some("all"), true),
            ("host", Some("0.0.0.0"), true),
            ("host", Some("samenet"), true),
            ("hostnossl", Some(".example.com"), true),
            ("local", None, false),
        ] {
            let row = PgHbaFileRule {
                rule_number: None,
                file_name: None,
                line_number: Some(1),
                connection_type: Some(kind.to_owned()),
                database: None,
                user_name: None,
                address: address.map(str::to_owned),
                netmask: None,
                auth_method: None,
                option_names: None,
                has_error: None,
            };
            assert_eq!(HbaLine { row }.is_remote(), is_remote, "{kind} {address:?}");
        }
    }
}
