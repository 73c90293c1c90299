//! A connection string that may be kept: it holds no secret.

use pgdba_pg::conninfo;

use crate::failure::Failure;

const NO_PASSWORD: &str = "Leave it out, and use the password file ~/.pgpass or PGPASSWORD.";
const FORM: &str = "Write postgres://USER@HOST:PORT/DATABASE or \"host=… port=… user=… dbname=…\".";

/// A connection string without a password. No error about one repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dsn {
    text: String,
    options: Vec<(String, String)>,
}

impl Dsn {
    /// Takes `text` if it can be read and holds no secret.
    pub(crate) fn new(text: &str) -> Result<Self, Failure> {
        let unreadable = |reason: &str| Failure::usage("bad_dsn", format!("connection string: {reason}"), FORM);
        let options = conninfo::options(text).ok_or_else(|| {
            unreadable("it cannot be parsed; it is not shown here, because it may contain a password")
        })?;
        if options.is_empty() {
            return Err(unreadable("it is empty"));
        }
        if let Some(key) = options.iter().find_map(|(key, value)| secret(key, value)) {
            let message = format!("the connection string holds a secret ({key}), and the registry keeps none");
            let hint = if key == "password" { NO_PASSWORD } else { "Leave it out." };
            return Err(Failure::usage("password_in_dsn", message, hint));
        }
        if options.iter().any(|(_, value)| value.contains(char::is_control)) {
            return Err(unreadable("it contains a control character"));
        }
        let ports = options.iter().filter(|(key, _)| key == "port").flat_map(|(_, ports)| ports.split(','));
        if ports.map(str::trim).any(|port| !port.is_empty() && port.parse::<u16>().map_or(true, |port| port == 0)) {
            return Err(unreadable("a port must be an integer from 1 to 65535"));
        }
        Ok(Self { text: text.trim().to_owned(), options })
    }

    /// As it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What this option says; of several the last, as in libpq.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let said = self.options.iter().rev().find(|(known, _)| known == key);
        said.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Host, port and database, as far as it says them: the rest comes from libpq's variables when it is used.
    pub(crate) fn place(&self) -> String {
        let service = self.get("service").map(|service| format!("service={service}"));
        let otherwise = service.unwrap_or_else(|| "(libpq's variables)".to_owned());
        let hosts = self.get("host").or_else(|| self.get("hostaddr")).unwrap_or(&otherwise);
        let ports: Vec<&str> = self.get("port").map(|ports| ports.split(',').collect()).unwrap_or_default();
        let places = hosts.split(',').enumerate().map(|(index, host)| {
            // One port is the port of all hosts.
            let port = if ports.len() == 1 { ports.first() } else { ports.get(index) };
            let port = port.filter(|port| !port.is_empty()).map(|port| format!(":{port}")).unwrap_or_default();
            if host.contains(':') { format!("[{host}]{port}") } else { format!("{host}{port}") }
        });
        let database = self.get("dbname").map(|name| format!("/{name}")).unwrap_or_default();
        places.collect::<Vec<_>>().join(",") + &database
    }
}

/// What to call the secret in this option, if there is one.
fn secret<'a>(key: &'a str, value: &str) -> Option<&'a str> {
    if conninfo::is_secret(key) {
        return Some(key).filter(|_| !value.is_empty());
    }
    let is_url_with_user = value.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    is_url_with_user.then_some("user information in a URL")
}
