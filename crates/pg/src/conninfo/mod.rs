//! Connection strings taken apart as libpq does, without being followed: what they say, not where that leads.

mod malformed;
mod pairs;
mod uri;

pub use malformed::Malformed;

/// Options whose values are secrets.
const SECRET: [&str; 5] = ["password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"];

/// The options that a connection string (URL or `key=value` pairs) sets, decoded, in its order. Keys are not checked: libpq
/// accepts those that it knows, and of several equal ones the last.
///
/// # Errors
/// libpq would report an error, or a password in a URL is not percent-encoded.
pub fn parse(conninfo: &str) -> Result<Vec<(String, String)>, Malformed> {
    uri::after_scheme(conninfo).map_or_else(|| pairs::parse(conninfo), uri::parse)
}

/// The same, more cautiously: keys are in lower case, so that no spelling of one is overlooked.
///
/// `None` also where a URL has an `@` behind its authority that could belong to a password: such an `@` must be written
/// `%40`.
#[must_use]
pub fn options(conninfo: &str) -> Option<Vec<(String, String)>> {
    let options = parse(conninfo).ok()?;
    let query = uri::after_scheme(conninfo).and_then(|rest| rest.split_once('?'));
    let is_clear = query.is_none_or(|(_, query)| !query.contains('@'));
    is_clear.then(|| options.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect())
}

/// Whether an option's value is a secret.
#[must_use]
pub fn is_secret(key: &str) -> bool {
    SECRET.contains(&key)
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
    fn libpqs_own_reading_keeps_the_case_of_keys_and_what_a_value_holds() {
        let parsed = |text: &str| {
            let options = parse(text)?;
            Ok(options.iter().map(|(key, value)| format!("{key}={value};")).collect::<String>())
        };
        for (text, expected) in [
            ("HOST = a\\ b c='d\\'e' f=", Ok("HOST=a b;c=d'e;f=;")),
            (
                "postgres://h1,h2/?ssl=true&application_name=a@b",
                Ok("host=h1,h2;port=,;sslmode=require;application_name=a@b;"),
            ),
            ("host='h", Err(Malformed::OpenQuote)),
            ("host", Err(Malformed::MissingEquals)),
            ("postgres://u:a@x@h/db", Err(Malformed::UncodedPassword)),
            ("postgres://h/db?x", Err(Malformed::OptionWithoutValue)),
            ("postgres://[::1/db", Err(Malformed::OpenBracket)),
            ("postgres://[::1]x/db", Err(Malformed::AfterBracket)),
            ("postgres://u%00@h/db", Err(Malformed::BadPercent)),
        ] {
            assert_eq!(parsed(text), expected.map(str::to_owned), "{text}");
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
