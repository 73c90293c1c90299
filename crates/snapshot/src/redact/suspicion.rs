//! What looks like a secret, although the masks should have left none. It looks at the texts alone: what masks and redaction
//! know of columns does not help where they have failed.

use super::kind::Kind;
use super::own;
use super::texts::Place;
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
const TOKENS: [(&str, usize); 7] =
    [("AKIA", 16), ("ghp_", 30), ("glpat-", 20), ("xoxb-", 20), ("sk_live_", 16), ("eyJ", 30), ("AIza", 30)];

/// Columns that hold the value of the parameter in `name`.
const VALUES: [&str; 3] = ["boot_val", "reset_val", "setting"];

/// Columns that hold statements and expressions, in which a bare word behind `=` may be a column.
const STATEMENTS: [&str; 3] = ["indexprs", "indpred", "query"];

/// What `text` at `place` looks like.
pub(super) fn of(section: &str, place: Place<'_>, text: &str) -> Option<Suspicion> {
    let is_setting = VALUES.contains(&place.column);
    let what = if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        "a private key"
    } else if text.contains("SCRAM-SHA-256$") {
        "a SCRAM verifier"
    } else if holds_user_info(text) {
        "an address with user information"
    } else if is_setting && is_secret_parameter(place.parameter) && !text.is_empty() && text != MASK {
        "a parameter whose name suggests a secret"
    } else if holds_password(text, STATEMENTS.contains(&place.column)) {
        "a password"
    } else if text.split(char::is_whitespace).any(is_password_file_line) {
        "a line of a password file"
    } else if text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-$.+/=".contains(c))).any(is_token) {
        "a key or token of a service"
    } else if holds_email(text) {
        "an email address"
    } else {
        return None;
    };
    Some(Suspicion { section: section.to_owned(), what })
}

/// `host:port:database:user:password`, as `.pgpass` has it.
fn is_password_file_line(line: &str) -> bool {
    let fields: Vec<&str> = line.splitn(5, ':').collect();
    let [host, port, database, user, password] = fields.as_slice() else { return false };
    let is_port =
        *port == "*" || (!port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_set = [host, database, user].iter().all(|field| !field.is_empty());
    let is_name = *user == "*" || user.contains(|c: char| c.is_ascii_alphabetic());
    is_port && is_set && is_name && !password.is_empty() && *password != MASK
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
fn holds_password(text: &str, is_statement: bool) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRET_WORDS
        .iter()
        .any(|word| lower.match_indices(word).any(|(at, _)| reveals(lower.get(at + word.len()..), is_statement)))
}

/// Whether what follows the word says what it is.
fn reveals(after: Option<&str>, is_statement: bool) -> bool {
    let after = after.unwrap_or_default().trim_start_matches('"');
    let is_tight = after.starts_with('=') && !after.starts_with("= ");
    let after = after.trim_start();
    let (assigned, value) = match after.strip_prefix(['=', ':']) {
        Some(value) => (true, value.trim_start()),
        None => (false, after),
    };
    let is_masked = ["''", "'***", "'$"].iter().any(|start| value.starts_with(start));
    let is_quoted = value.starts_with('\'') && !is_masked;
    let word = value.split(|c: char| c.is_whitespace() || ",;()".contains(c)).next().unwrap_or_default();
    let is_bare = !word.is_empty() && !word.starts_with(['\'', '*', '?', '$', ':', '=']);
    // Statements compare columns with columns, but `password=word` is how connection strings are written.
    let is_value = !is_statement || is_tight && !word.contains('.');
    is_quoted || assigned && is_bare && is_value
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

    fn what(column: &str, parameter: &str, text: &str) -> Option<&'static str> {
        of("section", Place { column, parameter }, text).map(|suspicion| suspicion.what)
    }

    #[test]
    fn what_looks_like_a_secret_is_named() {
        for (text, looks_like) in [
            ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
            ("SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy", "a SCRAM verifier"),
            ("job postgres://u:p@h/db", "an address with user information"),
            ("ALTER ROLE x PASSWORD 'hunter2'", "a password"),
            ("host=a password=hunter2", "a password"),
            ("PWD: hunter2", "a password"),
            ("{\"secret\": \"x\"}", "a password"),
            ("db1:5432:shop:app:hunter2", "a line of a password file"),
            ("*:*:*:app:hunter2", "a line of a password file"),
            ("key AKIAABCDEFGHIJKLMNOP", "a key or token of a service"),
            ("md5d41d8cd98f00b204e9800998ecf8427e", "a key or token of a service"),
            ("by jane.doe@example.com.", "an email address"),
        ] {
            assert_eq!(what("application_name", "", text), Some(looks_like), "{text}");
            if text != "PWD: hunter2" && !text.starts_with('{') {
                assert_eq!(what("query", "", text), Some(looks_like), "{text}");
            }
        }
        assert_eq!(what("query", "", "select dblink(password=hunter2)"), Some("a password"));
        assert_eq!(what("setting", "acme.api_key", "x"), Some("a parameter whose name suggests a secret"));
    }

    #[test]
    fn what_is_masked_or_only_a_name_is_none() {
        for text in [
            "job postgres://***@h/db",
            "host=a password=*** sslmode=require",
            "users_password_idx",
            "no SELECT privilege on view pg_shadow",
            "2001:db8:0:1:2:3:4:5",
            "12:30:00",
            "a@b",
            "de_AT.UTF-8@euro",
        ] {
            assert_eq!(what("application_name", "", text), None, "{text}");
        }
        for text in [
            "select password, secret from t where password = $1 and secret = ?",
            "where u.password = o.password",
            "where u.password=o.password and password=$1",
            "select password '$1'",
        ] {
            assert_eq!(what("query", "", text), None, "{text}");
        }
        assert_eq!(what("setting", "password_encryption", "scram-sha-256"), None);
        assert_eq!(what("setting", "acme.secret", "***"), None);
    }
}
