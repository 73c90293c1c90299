//! One address: with and without TLS in the order that the mode asks for.

use std::sync::Arc;

use tokio_postgres::config::{self, SslNegotiation};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, Config, Error, NoTls};

use super::explain::explain;
use super::route::{Negotiated, Route, negotiate};
use super::{ConnectFault, ConnectFaultKind as Kind, Driver, Place, within};
use crate::dsn::passfile::Found;
use crate::dsn::{ChannelBinding, ConnectOptions, Host, SslMode, Target};
use crate::tls::{Ready, Tls};

/// Everything that one attempt needs to know.
pub(super) struct Attempt<'a> {
    pub(super) options: &'a ConnectOptions,
    pub(super) host: &'a Host,
    pub(super) target: &'a Target,
    pub(super) place: Place,
    /// What the password file says, where no password was given.
    pub(super) found: &'a Found,
}

/// Why an attempt failed, and what may be tried after it.
pub(super) struct Failed {
    pub(super) fault: ConnectFault,
    /// Whether another address or host may do better. A server that answers and refuses is the end of it, as in libpq.
    pub(super) may_go_on: bool,
    /// Whether the other way, with or without TLS, may do better.
    may_change_way: bool,
}

impl Failed {
    pub(super) fn on_the_way(fault: ConnectFault) -> Self {
        Self { fault, may_go_on: true, may_change_way: false }
    }

    fn of_tls(fault: ConnectFault) -> Self {
        Self { fault, may_go_on: false, may_change_way: true }
    }
}

/// A session, as the library gives it.
pub(super) type Session = (Client, Driver, Route);

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    Tls,
    /// TLS, or the same connection without it where the server has none.
    TlsIfThere,
}

impl Attempt<'_> {
    /// Connects within the time that one address may take.
    pub(super) async fn run(&self) -> Result<Session, Failed> {
        let outcome = within(self.options.connect_timeout, self.by_any_way()).await;
        outcome.unwrap_or_else(|late| Err(Failed::on_the_way(late)))
    }

    async fn by_any_way(&self) -> Result<Session, Failed> {
        let (first, second) = match self.options.tls.mode {
            _ if matches!(self.place, Place::Unix(_)) => (Way::Plain, None),
            SslMode::Disable => (Way::Plain, None),
            SslMode::Allow => (Way::Plain, Some(Way::Tls)),
            SslMode::Prefer => (Way::TlsIfThere, Some(Way::Plain)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Way::Tls, None),
        };
        let failed = match self.connect(first).await {
            Ok(session) => return Ok(session),
            Err(failed) => failed,
        };
        let Some(second) = second.filter(|_| failed.may_change_way) else { return Err(failed) };
        self.connect(second).await.map_err(|other| combined(first, failed, other))
    }

    async fn connect(&self, way: Way) -> Result<Session, Failed> {
        let tls = match way {
            Way::Plain => None,
            Way::Tls | Way::TlsIfThere => Some(Arc::new(self.tls().map_err(Failed::of_tls)?)),
        };
        let mut route =
            Route { place: self.place.clone(), keepalive: self.options.keepalive.clone(), tls: tls.clone() };
        let stream = route.open().await.map_err(Failed::on_the_way)?;
        let Some(tls) = tls else { return self.plain(stream, route).await };
        match negotiate(stream, &tls).await.map_err(Failed::of_tls)? {
            Negotiated::Tls(encrypted) => {
                let mut config = self.config(config::SslMode::Require);
                config.ssl_negotiation(SslNegotiation::Direct);
                let outcome = config.connect_raw(tokio::io::empty(), Ready(*encrypted)).await;
                let (client, connection) = outcome.map_err(|error| self.failed(&error, Some(&tls)))?;
                Ok((client, tokio::spawn(connection), route))
            }
            Negotiated::Refused(stream) if way == Way::TlsIfThere => {
                route.tls = None;
                self.plain(stream, route).await.map_err(|failed| Failed { may_change_way: false, ..failed })
            }
            Negotiated::Refused(_) => {
                let message = "the server does not support TLS, but sslmode requires it";
                Err(Failed::of_tls(ConnectFault::new(Kind::TlsNotSupported, message)))
            }
        }
    }

    async fn plain(&self, stream: super::Stream, route: Route) -> Result<Session, Failed> {
        let outcome = self.config(config::SslMode::Disable).connect_raw(stream, NoTls).await;
        let (client, connection) = outcome.map_err(|error| self.failed(&error, None))?;
        Ok((client, tokio::spawn(connection), route))
    }

    fn tls(&self) -> Result<Tls, ConnectFault> {
        let Place::Tcp(address) = &self.place else {
            return Err(ConnectFault::new(Kind::TlsFailed, "TLS is not used over Unix-domain sockets"));
        };
        if !self.host.is_named && self.options.tls.mode == SslMode::VerifyFull {
            let message = "sslmode=verify-full requires host, not only hostaddr, to compare the certificate with";
            return Err(ConnectFault::new(Kind::WrongHostName, message));
        }
        Tls::new(&self.options.tls, &self.target.host, address.ip())
    }

    fn config(&self, mode: config::SslMode) -> Config {
        let mut config = Config::new();
        config.ssl_mode(mode).user(&self.target.user).dbname(&self.target.dbname);
        config.application_name(&self.options.application_name);
        config.channel_binding(match self.options.tls.channel_binding {
            ChannelBinding::Disable => config::ChannelBinding::Disable,
            ChannelBinding::Prefer => config::ChannelBinding::Prefer,
            ChannelBinding::Require => config::ChannelBinding::Require,
        });
        if let Some(settings) = &self.options.startup_settings {
            config.options(settings);
        }
        if let Some(password) = self.options.password.as_ref().or(self.found.password.as_ref()) {
            config.password(password.reveal());
        }
        config
    }

    /// What the library's error means for this attempt.
    fn failed(&self, error: &Error, tls: Option<&Tls>) -> Failed {
        let is_socket = matches!(self.place, Place::Unix(_));
        let mut fault = explain(error, is_socket, tls);
        let about_password = matches!(fault.kind, Kind::Authentication | Kind::PasswordNeeded);
        if let Some(ignored) = self.found.ignored.as_ref().filter(|_| about_password) {
            fault.message = format!("{} ({ignored})", fault.message);
        }
        let from_file = self.options.password.is_none() && self.found.password.is_some();
        if let Some(file) = self.options.passfile.as_ref().filter(|_| fault.kind == Kind::Authentication && from_file) {
            fault.message = format!("{} (the password is from \"{}\")", fault.message, file.display());
        }
        let state = error.as_db_error().map(DbError::code);
        // What was refused by a rule for one way may be allowed by a rule for the other.
        let may_change_way =
            state.is_some_and(|state| state.code().starts_with("28")) || fault.kind == Kind::NoPgHbaEntryPlain;
        Failed { fault, may_go_on: state == Some(&SqlState::CANNOT_CONNECT_NOW), may_change_way }
    }
}

/// Both ways failed. That a rule is missing for one way says least: the other way's reason is the one to mend.
fn combined(first: Way, failed: Failed, other: Failed) -> Failed {
    let is_missing_rule = matches!(other.fault.kind, Kind::NoPgHbaEntry | Kind::NoPgHbaEntryPlain);
    let both_missing = is_missing_rule && matches!(failed.fault.kind, Kind::NoPgHbaEntry | Kind::NoPgHbaEntryPlain);
    let kind = match (both_missing, is_missing_rule) {
        (true, _) => Kind::NoPgHbaEntry,
        (false, true) => failed.fault.kind,
        (false, false) => other.fault.kind,
    };
    let (under_tls, without) = if first == Way::Plain { (&other, &failed) } else { (&failed, &other) };
    let message = if under_tls.fault.message == without.fault.message {
        other.fault.message.clone()
    } else {
        format!("with TLS: {}; without TLS: {}", under_tls.fault.message, without.fault.message)
    };
    Failed { fault: ConnectFault { kind, message }, ..other }
}
