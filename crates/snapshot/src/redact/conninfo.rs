//! Connection strings, as the masks leave them.

use pgdba_pg::mask::MASK;

use super::key::Key;
use super::kind::Kind;
use super::name::name_of;
use super::text::is_harmless_value;

/// Options of a connection string that name something, and what.
const NAMES: [(&str, Kind); 5] = [
    ("application_name", Kind::Application),
    ("dbname", Kind::Database),
    ("host", Kind::Host),
    ("hostaddr", Kind::Host),
    ("user", Kind::Role),
];

/// Options of a connection string that name nothing.
const OPTIONS: [&str; 12] = [
    "channel_binding",
    "connect_timeout",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "port",
    "replication",
    "sslmode",
    "target_session_attrs",
    "tcp_user_timeout",
];

/// Values of those, besides the words that parameters have.
const WORDS: [&str; 12] = [
    "allow",
    "any",
    "database",
    "primary",
    "prefer",
    "prefer-standby",
    "read-only",
    "read-write",
    "require",
    "standby",
    "verify-ca",
    "verify-full",
];

/// `key=value …` as the masks leave a connection string; anything else becomes one token.
pub(super) fn redact(key: &mut Key, text: &str) -> String {
    if text == MASK {
        return text.to_owned();
    }
    let mut pairs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let pair = rest.split_once('=').and_then(|(option, after)| {
            let end = if after.starts_with('\'') { quoted_end(after)? } else { after.find(' ').unwrap_or(after.len()) };
            let (value, left) = after.split_at_checked(end)?;
            let left = if left.is_empty() { left } else { left.strip_prefix(' ').filter(|left| !left.is_empty())? };
            Some((option, value, left))
        });
        let Some((option, value, left)) = pair else { return key.token(Kind::Text, text) };
        pairs.push((option, value));
        rest = left;
    }
    let redacted: Vec<String> = pairs.into_iter().map(|(option, value)| option_of(key, option, value)).collect();
    redacted.join(" ")
}

/// After the closing quote.
fn quoted_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()?),
            '\'' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn option_of(key: &mut Key, option: &str, value: &str) -> String {
    if let Some((_, kind)) = NAMES.iter().find(|(name, _)| *name == option) {
        return format!("{option}={}", if value == MASK { value.to_owned() } else { name_of(key, *kind, value) });
    }
    let is_plain = WORDS.contains(&value) || is_harmless_value(value);
    if OPTIONS.contains(&option) && is_plain {
        return format!("{option}={value}");
    }
    // A masked option's name is a word of libpq: `password=***`.
    if value == MASK && option.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return format!("{option}={value}");
    }
    key.token(Kind::Text, &format!("{option}={value}"))
}
