//! `postgres://user:password@host:port/dbname?key=value`, percent-coded.

use super::Malformed;

/// What follows the scheme, if `text` is a URI of PostgreSQL.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// The options in what follows the scheme.
pub(super) fn parse(rest: &str) -> Result<Vec<(String, String)>, Malformed> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // More than one `@`, or one in the path: a password that is not coded, whose pieces must not become host or
    // database, because those are named in messages.
    if authority.matches('@').count() > 1 || path.contains('@') {
        return Err(Malformed::UncodedPassword);
    }
    let (user_info, place) = authority.split_once('@').unwrap_or(("", authority));
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let (hosts, ports) = hosts_and_ports(place)?;
    let mut options = Vec::new();
    for (key, coded) in [("user", user), ("password", password), ("host", &hosts), ("port", &ports), ("dbname", path)] {
        if !coded.is_empty() {
            options.push((key.to_owned(), decode(coded)?));
        }
    }
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=').ok_or(Malformed::OptionWithoutValue)?;
        let (key, value) = (decode(key)?, decode(value)?);
        match (key.as_str(), value.as_str()) {
            // The spelling of JDBC, which libpq takes too.
            ("ssl", "true") => options.push(("sslmode".to_owned(), "require".to_owned())),
            _ => options.push((key, value)),
        }
    }
    Ok(options)
}

/// The places as two lists; an empty port is the default one.
fn hosts_and_ports(places: &str) -> Result<(String, String), Malformed> {
    let pairs = places.split(',').map(host_and_port).collect::<Result<Vec<_>, _>>()?;
    let (hosts, ports): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    Ok((hosts.join(","), ports.join(",")))
}

fn host_and_port(place: &str) -> Result<(&str, &str), Malformed> {
    let Some(bracketed) = place.strip_prefix('[') else {
        return Ok(place.split_once(':').unwrap_or((place, "")));
    };
    let (host, after) = bracketed.split_once(']').ok_or(Malformed::OpenBracket)?;
    match after.strip_prefix(':') {
        Some(port) => Ok((host, port)),
        None if after.is_empty() => Ok((host, "")),
        None => Err(Malformed::AfterBracket),
    }
}

/// `%41` as `A`.
fn decode(coded: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16)).ok_or(Malformed::BadPercent);
        let value = digit()? * 16 + digit()?;
        // A NUL would cut the text short inside the server.
        bytes.push(u8::try_from(value).ok().filter(|byte| *byte != 0).ok_or(Malformed::BadPercent)?);
    }
    String::from_utf8(bytes).map_err(|_| Malformed::BadPercent)
}
