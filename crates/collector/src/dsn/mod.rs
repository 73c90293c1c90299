//! Where to connect and as whom: URL, `key=value` pairs, libpq's variables, libpq's defaults.
//!
//! No text of a connection string is repeated in an error unless it is a known keyword: a slip of the pen may have
//! put the password anywhere.

mod defaults;
mod hosts;
mod keywords;
mod options;
mod pairs;
pub(crate) mod passfile;
mod service;
mod tls;
mod uri;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::CollectError;
pub(crate) use crate::target::Place;
pub use crate::target::Target;
use defaults::Home;
use options::Options;
pub use tls::{ChannelBinding, Roots, SslMode, TlsOptions, TlsVersion};

/// How long connecting may take where nothing else is said.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server sees as the client's name where nothing else is said.
pub const APPLICATION_NAME: &str = "pgdba-collect";

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Which server, as whom. Where several hosts are named, its host and port are the whole lists of them.
    pub target: Target,
    /// The hosts to ask, in this order; at least one.
    pub hosts: Vec<Host>,
    /// Whether the order of the hosts, and of the addresses of each, is left to chance.
    pub load_balance: bool,
    /// Which kind of server will do.
    pub session_attrs: SessionAttrs,
    /// Longest time that one address may take to give a session; none means as long as the whole collection may take.
    pub connect_timeout: Option<Duration>,
    /// What the server sees as the client's name.
    pub application_name: String,
    /// The password. Its type cannot print.
    pub password: Option<Password>,
    /// Where to look for a password if none was given.
    pub passfile: Option<PathBuf>,
    /// What is said about TLS.
    pub tls: TlsOptions,
    /// How the operating system finds out that the other side is gone.
    pub keepalive: Keepalive,
    /// Settings of the session from its first moment, as `-c name=value`; none where the server's own are to apply. Connection
    /// poolers refuse such settings.
    pub startup_settings: Option<String>,
    /// What the user should know about the options, one sentence each.
    pub notes: Vec<String>,
}

impl ConnectOptions {
    /// The same server, at the place that answered, but another database.
    #[must_use]
    pub fn for_database(&self, answered: &Target, datname: &str) -> Self {
        let mut options = self.clone();
        options.hosts.retain(|host| host.host == answered.host && host.port == answered.port);
        options.hosts.truncate(1);
        for host in &mut options.hosts {
            host.hostaddr = answered.address.or(host.hostaddr);
        }
        options.target = Target { dbname: datname.to_owned(), ..answered.clone() };
        options.session_attrs = SessionAttrs::Any;
        options
    }
}

/// One host of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// A name, an address, or the folder of a Unix socket (it begins with a slash).
    pub host: String,
    /// The address to use instead of looking the host up.
    pub hostaddr: Option<IpAddr>,
    /// TCP port, or the number in the socket's name.
    pub port: u16,
    /// Whether the host was named, not only its address, so that a certificate can be compared with it.
    pub is_named: bool,
}

/// Which kind of server will do (`target_session_attrs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAttrs {
    /// Any.
    Any,
    /// One whose sessions can write.
    ReadWrite,
    /// One whose sessions cannot write.
    ReadOnly,
    /// One that is no standby.
    Primary,
    /// A standby.
    Standby,
    /// A standby if there is one, else any.
    PreferStandby,
}

/// Settings of a TCP connection; what is none is left to the operating system.
#[derive(Debug, Clone)]
pub struct Keepalive {
    /// Whether a silent connection is tested at all.
    pub on: bool,
    /// Silence before the first test.
    pub idle: Option<Duration>,
    /// Time between tests.
    pub interval: Option<Duration>,
    /// Tests that may go unanswered.
    pub count: Option<u32>,
    /// Longest time that sent data may stay unacknowledged.
    pub user_timeout: Option<Duration>,
}

/// A password, which can be used but not shown.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes a password in.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

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
/// string and the service that it names are silent.
///
/// # Errors
/// [`CollectError::BadDsn`] where it cannot be taken apart, [`CollectError::BadService`] where the service cannot be
/// found, [`CollectError::BadOption`] where something asks for what is not there.
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
    options.fill_from(env)?;
    options.check()?;
    build(&options, env)
}

fn build(options: &Options, env: &dyn Fn(&str) -> Option<String>) -> Result<ConnectOptions, CollectError> {
    let home = Home::of(env);
    let hosts = hosts::read(options)?;
    let user = options.get("user").map(str::to_owned).or_else(|| defaults::user(env));
    let user = user.ok_or_else(|| bad("no user was specified, and the operating system user does not have a name"))?;
    let dbname = options.get("dbname").unwrap_or(&user).to_owned();
    let connect_timeout = match options.number("connect_timeout", i64::from(i32::MIN)..=i64::from(i32::MAX))? {
        None => Some(CONNECT_TIMEOUT),
        Some(seconds) => u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs),
    };
    let application_name = options.get("application_name").or(options.get("fallback_application_name"));
    let tls = tls::read(options, &home)?;
    Ok(ConnectOptions {
        startup_settings: None,
        target: target(&hosts, user, dbname),
        hosts,
        load_balance: options.choice("load_balance_hosts", &["disable", "random"])? == Some("random"),
        session_attrs: session_attrs(options)?,
        connect_timeout,
        application_name: application_name.unwrap_or(APPLICATION_NAME).to_owned(),
        password: options.get("password").map(|text| Password(text.to_owned())),
        passfile: options.get("passfile").map(PathBuf::from).or_else(|| home.file(".pgpass")),
        notes: tls::missing(options, &tls),
        tls,
        keepalive: keepalive(options)?,
    })
}

fn target(hosts: &[Host], user: String, dbname: String) -> Target {
    let port = hosts.first().map_or(0, |host| host.port);
    let host = match hosts {
        [Host { host, .. }] => host.clone(),
        several => several.iter().map(|host| format!("\"{}\"", host.host)).collect::<Vec<_>>().join(", "),
    };
    Target { host, address: None, port, user, dbname }
}

fn session_attrs(options: &Options) -> Result<SessionAttrs, CollectError> {
    let words = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
    Ok(match options.choice("target_session_attrs", &words)? {
        Some("read-write") => SessionAttrs::ReadWrite,
        Some("read-only") => SessionAttrs::ReadOnly,
        Some("primary") => SessionAttrs::Primary,
        Some("standby") => SessionAttrs::Standby,
        Some("prefer-standby") => SessionAttrs::PreferStandby,
        _ => SessionAttrs::Any,
    })
}

fn keepalive(options: &Options) -> Result<Keepalive, CollectError> {
    let count = options.number("keepalives_count", 0..=i64::from(i32::MAX))?.filter(|count| *count > 0);
    let milliseconds = options.number("tcp_user_timeout", 0..=i64::from(i32::MAX))?.filter(|time| *time > 0);
    Ok(Keepalive {
        on: options.number("keepalives", i64::from(i32::MIN)..=i64::from(i32::MAX))? != Some(0),
        idle: options.seconds("keepalives_idle")?,
        interval: options.seconds("keepalives_interval")?,
        count: count.and_then(|count| u32::try_from(count).ok()),
        user_timeout: milliseconds.map(|time| Duration::from_millis(time.unsigned_abs())),
    })
}

fn bad(reason: &str) -> CollectError {
    CollectError::BadOption(reason.to_owned())
}

#[cfg(test)]
mod tests;
