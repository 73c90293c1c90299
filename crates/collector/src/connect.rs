//! Making the session, and saying why there is none.

use std::error::Error as _;
use std::fmt;
use std::io;

use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::dsn::ConnectOptions;
use crate::error::Os;
use crate::fault;

/// Why no session came about.
#[derive(Debug)]
pub struct ConnectFault {
    /// The kind of failure, for programs and for the hint.
    pub kind: ConnectFaultKind,
    /// What the server or the operating system said.
    pub message: String,
}

impl fmt::Display for ConnectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Declares the kinds of failure: each with the word for programs and the next step.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $code:literal $hint:literal;)+) => {
        /// What kind of failure it was.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ConnectFaultKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ConnectFaultKind {
            /// A word for programs; it does not change from version to version.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)+ }
            }

            /// The next step.
            #[must_use]
            pub fn hint(self) -> Option<&'static str> {
                match self { $(Self::$kind => Some($hint).filter(|hint: &&str| !hint.is_empty()),)+ }
            }
        }
    };
}

kinds! {
    /// Nothing listens there.
    Refused "connection_refused" "check host and port, and that the server is running and listens there (listen_addresses)";
    /// There is no such socket, or it may not be opened.
    NoSocket "no_socket" "the server puts its socket into the folder that its unix_socket_directories names; give it as host=/FOLDER";
    /// The name leads to no address.
    HostUnknown "host_unknown" "check the host's name, or give its address in hostaddr";
    /// The network does not lead there.
    Unreachable "host_unreachable" "check the address and the way to it: routes, firewalls, tunnels";
    /// Nobody answered in time.
    Timeout "timeout" "a firewall may be dropping the packets; connect_timeout sets how long to wait";
    /// A wrong or missing password, or another proof that failed.
    Authentication "authentication_failed" "give the password in PGPASSWORD, or connect as the operating system's user that peer authentication asks for";
    /// The server's rules keep this connection out.
    NoPgHbaEntry "no_pg_hba_entry" "add a line to pg_hba.conf for this host, user and database (this build connects without TLS), or use the Unix socket";
    /// There is no such role, or it may not log in.
    UnknownRole "unknown_role" "name the role with user=; it needs the LOGIN attribute";
    /// There is no such database.
    UnknownDatabase "unknown_database" "name the database with dbname=; \"postgres\" exists nearly everywhere";
    /// The role may not connect to this database.
    PermissionDenied "permission_denied" "grant CONNECT on the database to the role, or connect to another database";
    /// All slots are taken.
    TooManyConnections "too_many_connections" "wait for a free slot, or connect as a role that may use the reserved ones";
    /// The server is starting, stopping or recovering.
    StartingUp "starting_up" "the server does not take connections now; try again in a moment";
    /// Something else answers there.
    Protocol "protocol_error" "check that the port is PostgreSQL's";
    /// Any other reason the server gave.
    Other "connection_failed" "";
}

/// A session: the client's handle, and the task that moves its bytes.
pub(crate) type Connected = (Client, JoinHandle<Result<(), Error>>);

/// Connects without encryption. The caller bounds the time: the server cannot.
pub(crate) async fn connect(options: &ConnectOptions) -> Result<Connected, ConnectFault> {
    match config(options).connect(NoTls).await {
        Ok((client, connection)) => Ok((client, tokio::spawn(connection))),
        Err(error) => Err(explain(&error, options.target.is_socket())),
    }
}

fn config(options: &ConnectOptions) -> Config {
    let target = &options.target;
    let mut config = Config::new();
    config.ssl_mode(SslMode::Disable).port(target.port).user(&target.user).dbname(&target.dbname);
    config.application_name(&options.application_name);
    match options.hostaddr {
        Some(address) => config.hostaddr(address),
        None => config.host(&target.host),
    };
    if let Some(password) = &options.password {
        config.password(password.reveal());
    }
    config
}

fn explain(error: &Error, socket: bool) -> ConnectFault {
    if let Some(db) = error.as_db_error() {
        return ConnectFault { kind: kind_of(db.code(), db.routine()), message: fault::server_text(db) };
    }
    if let Some(os) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        let kind = kind_of_io(os, socket);
        let message =
            Os(os).to_string().replace("failed to lookup address information", "could not look up its address");
        return ConnectFault { kind, message };
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    // The client's library has no name for this case; it is its own constant text, not the server's.
    if cause == "password missing" {
        let message = "the server asks for a password, and none was given".to_owned();
        return ConnectFault { kind: ConnectFaultKind::Authentication, message };
    }
    let message = if error.is_closed() {
        "the server closed the connection before the session began".to_owned()
    } else if cause.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {cause}")
    };
    ConnectFault { kind: ConnectFaultKind::Protocol, message }
}

/// By SQLSTATE, since messages are translated; where one state has several meanings, by the name of the function
/// in the server that raised it, which is not.
fn kind_of(state: &SqlState, routine: Option<&str>) -> ConnectFaultKind {
    match (state.code(), routine) {
        ("28P01", _) | ("28000", Some("auth_failed")) => ConnectFaultKind::Authentication,
        ("28000", Some("InitializeSessionUserId" | "InitializeSessionUserIdStandalone")) => {
            ConnectFaultKind::UnknownRole
        }
        ("28000", _) => ConnectFaultKind::NoPgHbaEntry,
        ("3D000", _) => ConnectFaultKind::UnknownDatabase,
        ("42501", _) => ConnectFaultKind::PermissionDenied,
        ("53300", _) => ConnectFaultKind::TooManyConnections,
        ("57P03", _) => ConnectFaultKind::StartingUp,
        ("08P01", _) => ConnectFaultKind::Protocol,
        _ => ConnectFaultKind::Other,
    }
}

fn kind_of_io(error: &io::Error, socket: bool) -> ConnectFaultKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied if socket => ConnectFaultKind::NoSocket,
        io::ErrorKind::ConnectionRefused => ConnectFaultKind::Refused,
        io::ErrorKind::TimedOut => ConnectFaultKind::Timeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => ConnectFaultKind::Unreachable,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ConnectFaultKind::Protocol
        }
        // Looking a name up has no kind of its own; the text is the standard library's constant.
        _ if error.to_string().starts_with("failed to lookup address") => ConnectFaultKind::HostUnknown,
        _ => ConnectFaultKind::Other,
    }
}

/// Whether the server ended the session with this error.
pub(crate) fn ends_session(error: &DbError) -> bool {
    use tokio_postgres::error::Severity;
    matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_state_and_not_by_text() {
        for (state, routine, code) in [
            ("28P01", "auth_failed", "authentication_failed"),
            ("28000", "auth_failed", "authentication_failed"),
            ("28000", "ClientAuthentication", "no_pg_hba_entry"),
            ("28000", "InitializeSessionUserId", "unknown_role"),
            ("3D000", "InitPostgres", "unknown_database"),
            ("53300", "InitProcess", "too_many_connections"),
            ("57P03", "ProcessStartupPacket", "starting_up"),
            ("42501", "CheckMyDatabase", "permission_denied"),
            ("XX000", "whatever", "connection_failed"),
        ] {
            assert_eq!(kind_of(&SqlState::from_code(state), Some(routine)).code(), code, "{state} {routine}");
        }
    }

    #[test]
    fn a_missing_socket_is_no_missing_file() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(kind_of_io(&missing, true).code(), "no_socket");
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(kind_of_io(&refused, false).code(), "connection_refused");
    }
}
