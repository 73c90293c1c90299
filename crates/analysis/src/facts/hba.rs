//! The lines of `pg_hba.conf`.

use std::net::IpAddr;

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_hba_file_rules::PgHbaFileRule;

use crate::format::{Figure, Subject, SubjectKind};

/// A line of `pg_hba.conf`, as it is on disk.
#[derive(Debug)]
pub struct HbaLine {
    /// Its row.
    pub row: PgHbaFileRule,
    /// Whether other hosts can reach an address on which the server listens, as far as is known.
    pub is_reachable: bool,
    /// Whether the server loads the file: with an invalid line it keeps the lines of the last valid version.
    pub is_loadable: bool,
}

/// The lines of a server that listens on these addresses.
pub(super) fn lines(rows: Vec<PgHbaFileRule>, listen_addresses: Option<&str>) -> Vec<HbaLine> {
    let is_reachable = is_reachable(listen_addresses);
    let mut lines: Vec<_> = rows.into_iter().map(|row| HbaLine { row, is_reachable, is_loadable: true }).collect();
    if lines.iter().any(HbaLine::is_invalid) {
        lines.iter_mut().for_each(|line| line.is_loadable = false);
    }
    lines
}

/// Whether other hosts can reach an address of `listen_addresses`; an unknown list is believed to have one.
#[must_use]
pub fn is_reachable(listen_addresses: Option<&str>) -> bool {
    listen_addresses.is_none_or(|list| {
        let addresses = list.split(',').map(|address| address.trim().trim_matches('"'));
        addresses.filter(|address| !address.is_empty()).any(|address| !is_own_host(address))
    })
}

impl HbaLine {
    /// Shows all lines.
    pub const QUERY: &str =
        "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules;";

    /// What is said of lines for other hosts of a server that these cannot reach.
    pub const UNREACHABLE: &str = "At present the server listens on no address that other hosts can reach; it would apply as \
                                   soon as listen_addresses names one.";

    /// What is said of lines in a file with an invalid line.
    pub const NOT_LOADABLE: &str = "The file has an invalid line (PGD1303), so the server keeps the lines of its last valid version: \
                                    these might not be in force yet.";

    /// Whether it has this authentication method.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.row.auth_method.as_deref() == Some(method)
    }

    /// Whether the server cannot parse it. The server shows nothing of such a line but the error, and of some not even that.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.row.has_error.is_some() && self.row.connection_type.is_none()
    }

    /// Whether the server accepts it although no connection can match it: `hostssl` while `ssl` is off, and `hostssl` or
    /// `hostgssenc` on a server that was built without. The view shows that as an error, too, but with the line's columns.
    #[must_use]
    pub fn never_matches(&self) -> bool {
        self.row.has_error == Some(true) && !self.is_invalid()
    }

    /// Whether clients on other hosts can match it, once they reach the server.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        let is_tcp = self.row.connection_type.as_deref().is_some_and(|kind| kind.starts_with("host"));
        let is_tcp = is_tcp && !self.never_matches();
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
        let name = match self.included_from() {
            Some(file) => format!("{number} of {file}"),
            None => number,
        };
        Subject::named(SubjectKind::HbaLine, &name)
    }

    /// The only line with its file, `line 98 of pg_hba.conf`, or how many there are.
    #[must_use]
    pub fn places(lines: &[&Self]) -> String {
        let [only] = lines else {
            return format!("{} of pg_hba.conf", display::counted(lines.len(), "line", "lines"));
        };
        let place = only.subject().name;
        let file = if only.included_from().is_some() { "" } else { " of pg_hba.conf" };
        format!("line {place}{file}")
    }

    /// Its file, if it is not `pg_hba.conf` itself.
    fn included_from(&self) -> Option<&str> {
        self.row.file_name.as_deref().filter(|file| !file.ends_with("/pg_hba.conf"))
    }

    /// What it says.
    #[must_use]
    pub fn figures(&self) -> [Figure; 5] {
        let list = |names: &Option<Vec<String>>| names.as_ref().map(|names| names.join(", "));
        let address = match (&self.row.address, &self.row.netmask) {
            (Some(address), Some(netmask)) => match prefix_length(netmask) {
                Some(length) => Some(format!("{address}/{length}")),
                None => Some(format!("{address} {netmask}")),
            },
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

/// The number of leading ones of a mask; none of a text that is not such a mask.
fn prefix_length(netmask: &str) -> Option<u32> {
    let bits = match netmask.parse::<IpAddr>().ok()? {
        IpAddr::V4(mask) => u128::from(u32::from(mask)) << 96,
        IpAddr::V6(mask) => u128::from(mask),
    };
    (bits.count_ones() == bits.leading_ones()).then_some(bits.leading_ones())
}

/// Whether only the server's own host has such an address.
fn is_own_host(address: &str) -> bool {
    let ip = address.parse::<IpAddr>();
    matches!(address, "samehost" | "localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, address: Option<&str>, netmask: Option<&str>) -> HbaLine {
        let row = PgHbaFileRule {
            rule_number: None,
            file_name: None,
            line_number: Some(98),
            connection_type: Some(kind.to_owned()),
            database: None,
            user_name: None,
            address: address.map(str::to_owned),
            netmask: netmask.map(str::to_owned),
            auth_method: None,
            option_names: None,
            has_error: None,
        };
        HbaLine { row, is_reachable: true, is_loadable: true }
    }

    #[test]
    fn a_server_that_listens_on_loopback_addresses_only_cannot_be_reached() {
        for (listen_addresses, reachable) in [
            (None, true),
            (Some("*"), true),
            (Some("0.0.0.0"), true),
            (Some("::"), true),
            (Some("localhost, 10.0.0.5"), true),
            (Some("db.example.com"), true),
            (Some(""), false),
            (Some("localhost"), false),
            (Some("127.0.0.1, ::1,\"localhost\""), false),
        ] {
            assert_eq!(is_reachable(listen_addresses), reachable, "{listen_addresses:?}");
        }
    }

    #[test]
    fn a_line_with_columns_and_an_error_is_valid_and_never_matches() {
        let states = |mut line: HbaLine, has_error: Option<bool>| {
            line.row.has_error = has_error;
            (line.is_invalid(), line.never_matches(), line.is_remote())
        };
        let hostssl = || line("hostssl", Some("all"), None);
        assert_eq!(states(hostssl(), Some(true)), (false, true, false));
        assert_eq!(states(hostssl(), Some(false)), (false, false, true));
        let bare = || {
            let mut bare = hostssl();
            (bare.row.connection_type, bare.row.address) = (None, None);
            bare
        };
        assert_eq!(states(bare(), Some(true)), (true, false, false));
        assert_eq!(states(bare(), Some(false)), (true, false, false), "the server gives no reason");
    }

    #[test]
    fn a_line_is_named_with_its_file() {
        let mut one = line("host", Some("all"), None);
        assert_eq!(HbaLine::places(&[&one]), "line 98 of pg_hba.conf");
        assert_eq!(HbaLine::places(&[&one, &one]), "2 lines of pg_hba.conf");
        one.row.file_name = Some("/etc/more.conf".to_owned());
        assert_eq!(HbaLine::places(&[&one]), "line 98 of /etc/more.conf");
    }

    #[test]
    fn an_address_is_shown_with_the_length_of_its_mask() {
        for (address, netmask, shown) in [
            ("0.0.0.0", Some("0.0.0.0"), "0.0.0.0/0"),
            ("10.0.0.0", Some("255.0.0.0"), "10.0.0.0/8"),
            ("127.0.0.1", Some("255.255.255.255"), "127.0.0.1/32"),
            ("::", Some("::"), "::/0"),
            ("fe80::", Some("ffc0::"), "fe80::/10"),
            ("::1", Some("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "::1/128"),
            ("10.0.0.0", Some("255.0.255.0"), "10.0.0.0 255.0.255.0"),
            ("samenet", None, "samenet"),
        ] {
            let figures = line("host", Some(address), netmask).figures();
            let figure = figures.iter().find(|figure| figure.key == "address").unwrap();
            assert_eq!(figure.value.display(), shown);
        }
    }

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
            assert_eq!(line(kind, address, None).is_remote(), is_remote, "{kind} {address:?}");
        }
    }
}
