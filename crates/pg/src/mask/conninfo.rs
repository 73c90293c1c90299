//! Connection strings without their secrets.
//!
//! By allow list: what is not known to be harmless becomes `***`, and a text that cannot be taken apart becomes
//! `***` as a whole.

use super::MASK;
use crate::conninfo;

/// Options whose values say where a connection goes and how, and nothing more.
const HARMLESS: [&str; 17] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "gssencmode",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "port",
    "replication",
    "sslmode",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// `conninfo` (key=value pairs or a URI) with every value masked that is not known to be harmless.
#[must_use]
pub fn mask(conninfo: &str) -> String {
    let trimmed = conninfo.trim();
    if trimmed.is_empty() {
        return String::new();
    }
    if trimmed.contains("://") {
        return mask_uri(trimmed);
    }
    match conninfo::parse(trimmed) {
        Ok(pairs) => pairs.iter().map(|(key, value)| masked_pair(key, value)).collect::<Vec<_>>().join(" "),
        Err(_) => MASK.to_owned(),
    }
}

/// `text` with the user information of every URL in it masked, for names people put addresses into.
#[must_use]
pub fn mask_urls(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        masked.push_str(head);
        let authority = tail.split(|c: char| c.is_whitespace() || "/?#".contains(c)).next().unwrap_or_default();
        // The last `@` of the word, not of the authority: a password may hold a slash.
        let word = tail.split(char::is_whitespace).next().unwrap_or_default();
        let skipped = word.rfind('@').or_else(|| authority.rfind('@')).map_or(0, |end| end + 1);
        if skipped > 0 {
            masked.push_str(MASK);
            masked.push('@');
        }
        rest = tail.get(skipped..).unwrap_or_default();
    }
    masked.push_str(rest);
    if masked.to_lowercase().contains("password") { MASK.to_owned() } else { masked }
}

fn masked_pair(key: &str, value: &str) -> String {
    if !HARMLESS.contains(&key) {
        return format!("{}={MASK}", mask_key(key));
    }
    if value.is_empty() || value.contains([' ', '\'', '\\']) {
        return format!("{key}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
    }
    format!("{key}={value}")
}

fn mask_uri(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return MASK.to_owned() };
    if !matches!(scheme, "postgres" | "postgresql") || rest.contains(char::is_whitespace) {
        return MASK.to_owned();
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user_info, place) = match rest.rsplit_once('@') {
        Some((user_info, place)) => (Some(user_info), place),
        None => (None, rest),
    };
    let user = user_info.map(|info| info.split(':').next().unwrap_or_default());
    let options: Vec<_> = query.split('&').filter(|option| !option.is_empty()).map(masked_option).collect();
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let options = if options.is_empty() { String::new() } else { format!("?{}", options.join("&")) };
    format!("{scheme}://{user}{place}{options}")
}

fn masked_option(option: &str) -> String {
    let (key, value) = option.split_once('=').unwrap_or((option, ""));
    if HARMLESS.contains(&key) { format!("{key}={value}") } else { format!("{}={MASK}", mask_key(key)) }
}

/// A key is text too: whatever is no plain word may be a value out of place.
fn mask_key(key: &str) -> &str {
    if key.chars().all(|c| c.is_ascii_lowercase() || c == '_') { key } else { MASK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_value_pairs_keep_only_what_is_harmless() {
        assert_eq!(mask("host=a port = 5432 password='it''s'"), MASK);
        assert_eq!(mask("host=a port = 5432 password='x y' sslkey=/k"), "host=a port=5432 password=*** sslkey=***");
        assert_eq!(mask("host='a b' passfile=x"), "host='a b' passfile=***");
        assert_eq!(mask("no equals here"), MASK);
        assert_eq!(mask("host='open"), MASK);
        assert_eq!(mask(""), "");
    }

    #[test]
    fn uris_lose_their_passwords() {
        assert_eq!(
            mask("postgres://u:p@h:1,h2/db?password=x&sslmode=require"),
            "postgres://u@h:1,h2/db?password=***&sslmode=require"
        );
        assert_eq!(mask("postgresql://u:p@ss/w@h/db"), "postgresql://u@h/db");
        assert_eq!(mask("https://u:p@h/"), MASK);
    }

    #[test]
    fn urls_inside_names_lose_their_user_information() {
        assert_eq!(mask_urls("job postgres://u:p@h/db now"), "job postgres://***@h/db now");
        assert_eq!(mask_urls("amqp://u:p/w@h"), "amqp://***@h");
        assert_eq!(mask_urls("plain name"), "plain name");
        assert_eq!(mask_urls("x password=y"), MASK);
    }
}
