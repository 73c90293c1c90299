//! Whether a certificate is for the host that was asked for, by libpq's rules.

use std::net::IpAddr;

use super::certificate::{AlternativeName, Certificate};

/// Why a certificate is not for a host.
#[derive(Debug, thiserror::Error)]
#[error("server certificate for {names} does not match host name \"{host}\"")]
pub(super) struct NameMismatch {
    /// The first name in the certificate, and how many more there are.
    names: String,
    host: String,
}

/// Compares the names in the certificate with `host`.
///
/// The common name counts only where no alternative name is of the kind that `host` is (a name or an address).
pub(super) fn check(certificate: &Certificate<'_>, host: &str) -> Result<(), NameMismatch> {
    let address: Option<IpAddr> = host.parse().ok();
    let alternatives = certificate.alternative_names();
    let mut names = Vec::new();
    let mut common_name_counts = true;
    for name in &alternatives {
        let (is_of_its_kind, matches) = match name {
            AlternativeName::Dns(name) => (address.is_none(), name_matches(name, host)),
            AlternativeName::Ip(ip) => (address.is_some(), ip.is_some() && *ip == address),
        };
        if matches {
            return Ok(());
        }
        common_name_counts &= !is_of_its_kind;
        names.push(match name {
            AlternativeName::Dns(name) => String::from_utf8_lossy(name).into_owned(),
            AlternativeName::Ip(ip) => ip.map_or_else(|| "an invalid address".to_owned(), |ip| ip.to_string()),
        });
    }
    if let Some(name) = certificate.common_name().filter(|_| common_name_counts) {
        if name_matches(name, host) {
            return Ok(());
        }
        names.push(String::from_utf8_lossy(name).into_owned());
    }
    Err(NameMismatch { names: listed(&names), host: host.to_owned() })
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "no name".to_owned(),
        [name] => format!("\"{name}\""),
        [name, others @ ..] => format!("\"{name}\" (and {} more)", others.len()),
    }
}

/// A star stands for the first label of a name and for nothing else.
fn name_matches(name: &[u8], host: &str) -> bool {
    let host = host.as_bytes();
    // A NUL would cut the name short for whoever reads it as text of C.
    if name.contains(&0) || host.is_empty() {
        return false;
    }
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(rest), Some(dot)) = (name.strip_prefix(b"*"), host.iter().position(|byte| *byte == b'.')) else {
        return false;
    };
    rest.len() > 1 && dot > 0 && host.get(dot..).is_some_and(|tail| tail.eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_label() {
        assert!(name_matches(b"DB1.example.com", "db1.EXAMPLE.com"));
        assert!(name_matches(b"*.example.com", "db1.example.com"));
        for (name, host) in [
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com", "example.com"),
            ("d*.example.com", "db1.example.com"),
            ("*", "db1"),
            ("*.", "db1."),
            ("db1\0.evil", "db1"),
            ("", ""),
        ] {
            assert!(!name_matches(name.as_bytes(), host), "{name} {host}");
        }
    }
}
