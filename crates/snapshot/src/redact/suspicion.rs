//! What looks like a secret, although the masks should have left none.

use super::columns::Rule;
use super::kind::Kind;
use super::own;
use pgdba_pg::mask::MASK;

/// Something that looks like a secret. It does not say what: that would make a second place of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// The section, or `head`.
    pub section: String,
    /// What it looks like.
    pub what: &'static str,
}

/// Words that a secret is called by.
const SECRET_WORDS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "api_key",
    "apikey",
    "access_key",
    "credential",
    "auth_token",
];

/// Beginnings of keys and tokens that services give out, and the least length of the rest.
const TOKENS: [(&str, usize); 8] = [
    ("AKIA", 16),
    ("ghp_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("sk_live_", 16),
    ("eyJ", 30),
    ("SCRAM-SHA-256$", 20),
    ("AIza", 30),
];

/// What `text` of a column under `rule` looks like; `parameter` is the parameter it is the value of.
pub(super) fn of(section: &str, rule: Option<Rule>, parameter: &str, text: &str) -> Option<Suspicion> {
    let is_setting = rule == Some(Rule::Setting);
    let what = if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        "a private key"
    } else if holds_user_info(text) {
        "an address with user information"
    } else if is_setting && is_secret_parameter(parameter) && !text.is_empty() && text != MASK {
        "the value of a parameter that is called a secret"
    } else if holds_password(text, rule) {
        "a password"
    } else if text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-$.+/=".contains(c))).any(is_token) {
        "a key or token of a service"
    } else if holds_email(text) {
        "an email address"
    } else {
        return None;
    };
    Some(Suspicion { section: section.to_owned(), what })
}

/// `scheme://user@host`, unless the user was masked.
fn holds_user_info(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#'\"".contains(c)).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user != MASK)
    })
}

fn is_secret_parameter(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !own::is_own(Kind::Parameter, name) && SECRET_WORDS.iter().any(|word| lower.contains(word))
}

/// `password=…`, `password: …`, `PASSWORD '…'` with something that is neither masked nor a name.
fn holds_password(text: &str, rule: Option<Rule>) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| lower.match_indices(word).any(|(at, _)| reveals(lower.get(at + word.len()..), rule)))
}

/// Whether what follows the word says what it is.
fn reveals(after: Option<&str>, rule: Option<Rule>) -> bool {
    let after = after.unwrap_or_default().trim_start_matches('"').trim_start();
    let (assigned, value) = match after.strip_prefix(['=', ':']) {
        Some(value) => (true, value.trim_start()),
        None => (false, after),
    };
    let is_quoted = value.starts_with('\'') && !value.starts_with("''") && !value.starts_with("'***");
    // Statements compare columns with columns; their literals are masked, so a bare word is a name.
    let is_bare =
        assigned && rule != Some(Rule::Sql) && value.starts_with(|c: char| !c.is_whitespace() && !"'*?$,)".contains(c));
    is_quoted || is_bare
}

fn is_token(word: &str) -> bool {
    let is_md5 =
        word.strip_prefix("md5").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_md5 || TOKENS.iter().any(|(start, rest)| word.strip_prefix(start).is_some_and(|left| left.len() >= *rest))
}

/// `name@domain.tld`
fn holds_email(text: &str) -> bool {
    let mut parts = text.split('@').peekable();
    while let Some(before) = parts.next() {
        let Some(after) = parts.peek() else { return false };
        let local = before.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(after.len());
        let domain = after.get(..end).unwrap_or_default().trim_end_matches('.');
        let has_top_level = domain.rsplit_once('.').is_some_and(|(host, top)| {
            !host.is_empty() && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        if local && has_top_level {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(rule: Option<Rule>, parameter: &str, text: &str) -> Option<&'static str> {
        of("section", rule, parameter, text).map(|suspicion| suspicion.what)
    }

    #[test]
    fn what_looks_like_a_secret_is_named() {
        for (text, looks_like) in [
            ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
            ("job postgres://u:p@h/db", "an address with user information"),
            ("ALTER ROLE x PASSWORD 'hunter2'", "a password"),
            ("host=a password=hunter2", "a password"),
            ("PWD: hunter2", "a password"),
            ("{\"secret\": \"x\"}", "a password"),
            ("key AKIAABCDEFGHIJKLMNOP", "a key or token of a service"),
            ("md5d41d8cd98f00b204e9800998ecf8427e", "a key or token of a service"),
            ("by jane.doe@example.com.", "an email address"),
        ] {
            assert_eq!(what(Some(Rule::Name(Kind::Application)), "", text), Some(looks_like), "{text}");
        }
        let setting = Some(Rule::Setting);
        assert_eq!(what(setting, "acme.api_key", "x"), Some("the value of a parameter that is called a secret"));
    }

    #[test]
    fn what_is_masked_or_only_a_name_is_none() {
        for text in [
            "job postgres://***@h/db",
            "host=a password=*** sslmode=require",
            "users_password_idx",
            "no SELECT privilege on view pg_shadow",
            "a@b",
            "de_AT.UTF-8@euro",
        ] {
            assert_eq!(what(Some(Rule::Name(Kind::Application)), "", text), None, "{text}");
        }
        for text in
            ["select password, secret from t where password = $1 and secret = ?", "where u.password = o.password"]
        {
            assert_eq!(what(Some(Rule::Sql), "", text), None, "{text}");
        }
        assert_eq!(what(Some(Rule::Setting), "password_encryption", "scram-sha-256"), None);
        assert_eq!(what(Some(Rule::Setting), "acme.secret", "***"), None);
    }
}
