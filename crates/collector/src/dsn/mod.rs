//! Where to connect and as whom: URL, `key=value` pairs, libpq's variables, libpq's defaults.
//!
//! No text of a connection string is repeated in an error unless it is a known keyword: a slip of the pen may have
//! put the password anywhere.

mod defaults;
mod options;
mod pairs;
mod uri;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::error::CollectError;
use options::Options;

/// How long connecting may take where nothing else is said.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server sees as the client's name where nothing else is said.
pub const APPLICATION_NAME: &str = "pgdba-collect";

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Which server, as whom.
    pub target: Target,
    /// The address to use instead of looking the host up.
    pub hostaddr: Option<IpAddr>,
    /// Longest time until the session is there; none means as long as the whole collection may take.
    pub connect_timeout: Option<Duration>,
    /// What the server sees as the client's name.
    pub application_name: String,
    /// The password. Its type cannot print.
    pub password: Option<Password>,
}

/// What names a server and a session on it, in messages and in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name, an address, or the folder of a Unix socket (it begins with a slash).
    pub host: String,
    /// TCP port, or the number in the socket's name.
    pub port: u16,
    /// The role.
    pub user: String,
    /// The database.
    pub dbname: String,
}

impl Target {
    /// Whether the host is the folder of a Unix socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_socket() { "socket folder" } else { "host" };
        let Self { host, port, user, dbname } = self;
        write!(f, "{kind} \"{host}\", port {port}, user \"{user}\", database \"{dbname}\"")
    }
}

/// A password, which can be used but not shown.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The password itself, for the one who sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Takes a connection string apart; `env` answers for libpq's environment variables, which stand in where the
/// string is silent.
///
/// # Errors
/// [`CollectError::BadDsn`] where it cannot be taken apart, [`CollectError::BadOption`] where it asks for what is not
/// there, and [`CollectError::TlsRequired`] where it asks for encryption.
pub fn parse_dsn(dsn: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<ConnectOptions, CollectError> {
    parse(dsn.unwrap_or_default(), env)
}

fn parse(dsn: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<ConnectOptions, CollectError> {
    let mut options = Options::default();
    match uri::after_scheme(dsn) {
        Some(rest) => uri::read(rest, &mut options),
        None => pairs::read(dsn, &mut options),
    }
    .map_err(CollectError::BadDsn)?;
    options.fill_from(env);
    options.check().map_err(CollectError::BadOption)?;
    build(&options, env)
}

fn build(options: &Options, env: &dyn Fn(&str) -> Option<String>) -> Result<ConnectOptions, CollectError> {
    let port = options.number("port", 1..=65535)?.unwrap_or(5432);
    let port = u16::try_from(port).unwrap_or(5432);
    let hostaddr = match options.get("hostaddr") {
        Some(text) => Some(text.parse().map_err(|_| bad("hostaddr is no IP address"))?),
        None => None,
    };
    let host = options.get("host").or(options.get("hostaddr"));
    let host = host.map_or_else(|| defaults::host(port), str::to_owned);
    let user = options.get("user").map(str::to_owned).or_else(|| defaults::user(env));
    let user = user.ok_or_else(|| bad("no user is named, and the operating system's user has no name"))?;
    let dbname = options.get("dbname").unwrap_or(&user).to_owned();
    let target = Target { host, port, user, dbname };

    // libpq does not look at sslmode for a Unix socket either.
    let mode = options.get("sslmode").unwrap_or("prefer");
    if !target.is_socket() && !matches!(mode, "disable" | "allow" | "prefer") {
        return Err(CollectError::TlsRequired(mode.to_owned()));
    }
    let connect_timeout = match options.number("connect_timeout", 0..=i64::from(i32::MAX))? {
        None => Some(CONNECT_TIMEOUT),
        Some(0) => None,
        Some(seconds) => Some(Duration::from_secs(seconds.unsigned_abs())),
    };
    let application_name = options.get("application_name").or(options.get("fallback_application_name"));
    Ok(ConnectOptions {
        target,
        hostaddr,
        connect_timeout,
        application_name: application_name.unwrap_or(APPLICATION_NAME).to_owned(),
        password: options.get("password").map(|text| Password(text.to_owned())),
    })
}

fn bad(reason: &str) -> CollectError {
    CollectError::BadOption(reason.to_owned())
}

#[cfg(test)]
mod tests;
