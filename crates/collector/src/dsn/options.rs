//! The options of a connection: which there are, and which are followed.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::CollectError;

/// Options that decide where to connect and as whom.
const FOLLOWED: [&str; 10] = [
    "application_name",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "host",
    "hostaddr",
    "password",
    "port",
    "sslmode",
    "user",
];

/// Options that change nothing about what is read, or that only matter under TLS.
const PASSED_OVER: [&str; 25] = [
    "client_encoding",
    "gssdelegation",
    "gsslib",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "tcp_user_timeout",
];

/// Options that must not be passed over in silence: the session would be another one, or a less safe one, than was
/// asked for. Each with what is said.
const REFUSED: [(&str, &str); 6] = [
    ("options", "options is not passed on: connection poolers refuse it; leave it out"),
    ("passfile", "passfile is not supported by this build yet; give the password in PGPASSWORD"),
    ("service", "a service file is not supported by this build yet; name host, port, user and dbname"),
    ("replication", "replication connections cannot run queries; leave replication out"),
    ("require_auth", "require_auth is not supported by this build; leave it out"),
    ("requirepeer", "requirepeer is not supported by this build; leave it out"),
];

/// Options of which one value asks for what is not there.
const REFUSED_VALUES: [(&str, &[&str]); 3] = [
    ("channel_binding", &["disable", "prefer"]),
    ("gssencmode", &["disable", "prefer"]),
    ("target_session_attrs", &["any"]),
];

const SSL_MODES: [&str; 6] = ["allow", "disable", "prefer", "require", "verify-ca", "verify-full"];

/// Environment variables and the options they stand for. `PGOPTIONS` is not among them: it is not passed on.
const VARIABLES: [(&str, &str); 14] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGDATABASE", "dbname"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGSSLMODE", "sslmode"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGSERVICE", "service"),
];

/// Options by name; an empty value counts as not given, as in libpq.
#[derive(Default)]
pub(super) struct Options(BTreeMap<&'static str, String>);

impl Options {
    /// Sets an option; the last one wins, as in libpq.
    pub(super) fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        self.0.insert(keyword(key).ok_or_else(unknown_option)?, value);
        Ok(())
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Takes from the environment what was not said.
    pub(super) fn fill_from(&mut self, env: &dyn Fn(&str) -> Option<String>) {
        let named = self.get("host").is_some() || self.get("hostaddr").is_some();
        for (variable, key) in VARIABLES {
            // An address from the environment belongs to the host from the environment, not to one that was named.
            let belongs_to_another_host = named && matches!(key, "host" | "hostaddr");
            if self.get(key).is_none() && !belongs_to_another_host {
                self.0.extend(env(variable).map(|value| (key, value)));
            }
        }
    }

    /// Whether everything that was asked for can be done.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some((_, reason)) = REFUSED.iter().find(|(key, _)| self.get(key).is_some()) {
            return Err((*reason).to_owned());
        }
        for (key, harmless) in REFUSED_VALUES {
            if self.get(key).is_some_and(|value| !harmless.contains(&value)) {
                return Err(format!("{key} can only be {} in this build", harmless.join(" or ")));
            }
        }
        if self.get("sslmode").is_some_and(|mode| !SSL_MODES.contains(&mode)) {
            return Err(format!("sslmode must be one of {}", SSL_MODES.join(", ")));
        }
        if ["host", "hostaddr", "port"].iter().any(|key| self.get(key).is_some_and(|value| value.contains(','))) {
            return Err("several hosts are not supported by this build yet; name one".to_owned());
        }
        Ok(())
    }

    /// The whole number of an option.
    pub(super) fn number(&self, key: &str, allowed: RangeInclusive<i64>) -> Result<Option<i64>, CollectError> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| allowed.contains(number));
        let (least, most) = (allowed.start(), allowed.end());
        let wrong = || CollectError::BadOption(format!("{key} must be a whole number from {least} to {most}"));
        number.ok_or_else(wrong).map(Some)
    }
}

/// The option of this name, if there is one.
fn keyword(key: &str) -> Option<&'static str> {
    let refused = REFUSED.iter().map(|(key, _)| key);
    let by_value = REFUSED_VALUES.iter().map(|(key, _)| key);
    FOLLOWED.iter().chain(&PASSED_OVER).chain(refused).chain(by_value).copied().find(|known| *known == key)
}

fn unknown_option() -> String {
    "it holds an option that PostgreSQL does not know; it is not repeated here, since it may be part of a password"
        .to_owned()
}
