//! Connection strings taken apart without being followed: what they say, not where that leads.

use crate::mask::conninfo::pairs;

/// Options whose values are secrets.
const SECRET: [&str; 5] = ["password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"];

/// The options that a connection string (URL or `key=value` pairs) sets, decoded, keys in lower case, in its order.
///
/// `None` where libpq would report an error, and where a URL has an `@` that could belong to a password: such an `@`
/// must be written `%40`.
#[must_use]
pub fn options(conninfo: &str) -> Option<Vec<(String, String)>> {
    let uri = conninfo.strip_prefix("postgresql://").or_else(|| conninfo.strip_prefix("postgres://"));
    match uri {
        Some(rest) => uri_options(rest),
        None => pairs(conninfo),
    }
}

/// Whether an option's value is a secret.
#[must_use]
pub fn is_secret(key: &str) -> bool {
    SECRET.contains(&key)
}

fn uri_options(rest: &str) -> Option<Vec<(String, String)>> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user_info, place) = authority.split_once('@').unwrap_or(("", authority));
    if [place, path, query].iter().any(|part| part.contains('@')) {
        return None;
    }
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let (hosts, ports) = places(place)?;
    let mut options = Vec::new();
    for (key, coded) in [("user", user), ("password", password), ("host", &hosts), ("port", &ports), ("dbname", path)] {
        if !coded.is_empty() {
            options.push((key.to_owned(), decode(coded)?));
        }
    }
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=')?;
        options.push((decode(key)?.to_lowercase(), decode(value)?));
    }
    Some(options)
}

/// `h1:1,h2` as the lists `h1,h2` and `1,`; the second is empty where no port is named.
fn places(place: &str) -> Option<(String, String)> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for one in place.split(',') {
        let (host, port) = match one.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']')?;
                (host, if after.is_empty() { "" } else { after.strip_prefix(':')? })
            }
            None => one.split_once(':').unwrap_or((one, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) { String::new() } else { ports.join(",") };
    Some((hosts.join(","), ports))
}

/// `%41` as `A`.
fn decode(coded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok().filter(|byte| *byte != 0)?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(conninfo: &str) -> String {
        let options = options(conninfo).map(|options| options.iter().map(|(k, v)| format!("{k}={v};")).collect());
        options.unwrap_or_else(|| "none".to_owned())
    }

    #[test]
    fn both_forms_say_the_same() {
        assert_eq!(
            said("postgres://ann:p%40ss@db1:5433/shop?sslmode=require"),
            "user=ann;password=p@ss;host=db1;port=5433;dbname=shop;sslmode=require;"
        );
        assert_eq!(said("host = db1 port=5433 user='an n'"), "host=db1;port=5433;user=an n;");
        assert_eq!(said("postgresql://[::1]:1,h2/"), "host=::1,h2;port=1,;");
        assert_eq!(said("postgresql:///db?host=%2Ftmp"), "dbname=db;host=/tmp;");
        assert_eq!(said(""), "");
    }

    #[test]
    fn no_spelling_of_a_secret_is_overlooked() {
        for secret in [
            "postgres://u:x@h/db",
            "postgres://u@h/db?password=x",
            "postgres://u@h/db?pass%77ord=x",
            "postgres://u@h/db?PASSWORD=x",
            "postgres://u@h/db?sslmode=require&sslpassword=x",
            "host=h password = x",
            "host=h PassWord='x y'",
            "host=h password=\n x",
        ] {
            let options = options(secret).unwrap();
            assert!(options.iter().any(|(key, value)| is_secret(key) && !value.is_empty()), "{secret}");
        }
        for harmless in ["postgres://u@h/db", "host=h passfile=/p service=s user=password dbname='password=x'"] {
            assert!(options(harmless).unwrap().iter().all(|(key, _)| !is_secret(key)), "{harmless}");
        }
    }

    #[test]
    fn what_cannot_be_taken_apart_is_none() {
        for broken in [
            "postgres://u:a@x@h/db",
            "postgres://u:12/x@h/db",
            "postgres://u:x?dbname=y@h/db",
            "postgres://u@h/db?x",
            "postgres://u%zz@h/db",
            "postgres://[::1/db",
            "host='h",
            "x",
            "host=h x",
        ] {
            assert_eq!(said(broken), "none", "{broken}");
        }
    }
}
