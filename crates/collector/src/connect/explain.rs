//! What the server's, the operating system's and the library's errors mean.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use super::{ConnectFault, ConnectFaultKind as Kind};
use crate::fault;
use crate::tls::{Tls, explain_broken};
use crate::wording::Os;

/// An error of the library while the session began. `tls` is there where it was under TLS.
pub(super) fn explain(error: &Error, is_socket: bool, tls: Option<&Tls>) -> ConnectFault {
    if let Some(db) = error.as_db_error() {
        let kind = match kind_of(db) {
            Kind::NoPgHbaEntry if tls.is_none() && !is_socket => Kind::NoPgHbaEntryPlain,
            kind => kind,
        };
        return ConnectFault::new(kind, fault::server_text(db));
    }
    if let Some(os) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        let of_tls = tls.and_then(|tls| explain_broken(os, tls.has_certificate));
        return of_tls.unwrap_or_else(|| explain_io(os, is_socket));
    }
    // The client's library has no names for these cases; the texts are its own constants, not the server's.
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let (kind, message) = match cause.as_str() {
        "password missing" => {
            (Kind::PasswordNeeded, "the server requires a password, but none was supplied".to_owned())
        }
        "server did not use channel binding" => {
            (Kind::ChannelBinding, "channel_binding=require, but the server did not use channel binding".to_owned())
        }
        "unsupported authentication method" | "unsupported SASL mechanism" => {
            (Kind::UnsupportedAuthentication, "the server requires an unsupported authentication method".to_owned())
        }
        _ if error.is_closed() => {
            (Kind::Protocol, "the server closed the connection before the session began".to_owned())
        }
        "" => (Kind::Protocol, error.to_string()),
        // The server does not know the password either: somebody else answers for it.
        cause if error.to_string().contains("authentication") => (Kind::Authentication, format!("{error}: {cause}")),
        cause => (Kind::Protocol, format!("{error}: {cause}")),
    };
    ConnectFault::new(kind, message)
}

/// By SQLSTATE, since messages are translated; where one state has several meanings, by the name of the function
/// in the server that raised it, which is not; where even that is the same, by the text.
fn kind_of(error: &DbError) -> Kind {
    kind_by(error.code().code(), error.routine(), error.message())
}

fn kind_by(state: &str, routine: Option<&str>, message: &str) -> Kind {
    match (state, routine) {
        ("28P01", _) | ("28000", Some("auth_failed")) => Kind::Authentication,
        ("28000", Some("InitializeSessionUserId" | "InitializeSessionUserIdStandalone")) => Kind::UnknownRole,
        ("28000", _) if message.contains("client certificate") => Kind::ClientCertificateRequired,
        ("28000", _) => Kind::NoPgHbaEntry,
        ("3D000", _) => Kind::UnknownDatabase,
        ("42501", _) => Kind::PermissionDenied,
        ("53300", _) => Kind::TooManyConnections,
        ("57P03", _) if message.contains("shutting down") => Kind::ShuttingDown,
        ("57P03", _) => Kind::StartingUp,
        ("57P01" | "57P02", _) => Kind::ShuttingDown,
        ("25P04", _) => Kind::EndedByTimeout,
        ("08P01", _) => kind_by_pooler(message),
        _ => Kind::Other,
    }
}

/// PgBouncer has one SQLSTATE for everything, and translates nothing. Version 1.18 said all of these.
fn kind_by_pooler(message: &str) -> Kind {
    let words = [
        ("unsupported startup parameter", Kind::PoolerParameter),
        ("SSL required", Kind::NoPgHbaEntryPlain),
        ("SASL authentication failed", Kind::Authentication),
        ("password authentication failed", Kind::Authentication),
        ("no such database", Kind::UnknownDatabase),
        // The server's own words, passed on.
        ("database \"", Kind::UnknownDatabase),
        ("no more connections allowed", Kind::TooManyConnections),
        ("client_login_timeout", Kind::PoolerAlone),
    ];
    words.into_iter().find(|(begin, _)| message.starts_with(begin)).map_or(Kind::Protocol, |(_, kind)| kind)
}

/// An error of the operating system while connecting.
pub(super) fn explain_io(error: &io::Error, is_socket: bool) -> ConnectFault {
    let kind = kind_of_io(error, is_socket);
    let message = match error.kind() {
        _ if kind == Kind::HostUnknown => {
            Os(error).to_string().replace("failed to lookup address information", "could not resolve the host name")
        }
        io::ErrorKind::UnexpectedEof => "the server closed the connection before the session began".to_owned(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            format!("the peer is not a PostgreSQL server: {}", Os(error))
        }
        _ => Os(error).to_string(),
    };
    ConnectFault::new(kind, message)
}

fn kind_of_io(error: &io::Error, is_socket: bool) -> Kind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied if is_socket => Kind::NoSocket,
        io::ErrorKind::ConnectionRefused => Kind::Refused,
        io::ErrorKind::TimedOut => Kind::Timeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Kind::Unreachable,
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset => Kind::Protocol,
        // Looking a name up has no kind of its own; the text is the standard library's constant.
        _ if error.to_string().starts_with("failed to lookup address") => Kind::HostUnknown,
        // Not the system's: the library could make nothing of what came.
        io::ErrorKind::Other => Kind::Protocol,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_state_and_hardly_by_text() {
        for (state, routine, message, code) in [
            ("28P01", "auth_failed", "", "authentication_failed"),
            ("28000", "auth_failed", "", "authentication_failed"),
            ("28000", "ClientAuthentication", "kein pg_hba.conf-Eintrag", "no_pg_hba_entry"),
            (
                "28000",
                "ClientAuthentication",
                "connection requires a valid client certificate",
                "client_certificate_required",
            ),
            ("28000", "InitializeSessionUserId", "", "unknown_role"),
            ("3D000", "InitPostgres", "", "unknown_database"),
            ("53300", "InitProcess", "", "too_many_connections"),
            ("57P03", "ProcessStartupPacket", "the database system is starting up", "starting_up"),
            ("57P03", "ProcessStartupPacket", "the database system is shutting down", "shutting_down"),
            ("42501", "CheckMyDatabase", "", "permission_denied"),
            ("08P01", "", "unsupported startup parameter: options", "pooler_parameter"),
            ("08P01", "", "invalid startup packet layout", "protocol_error"),
            ("08P01", "", "SSL required", "no_pg_hba_entry_without_tls"),
            ("08P01", "", "SASL authentication failed", "authentication_failed"),
            ("08P01", "", "no such database: nosuch", "unknown_database"),
            ("08P01", "", "database \"nowhere\" does not exist", "unknown_database"),
            ("08P01", "", "no more connections allowed (max_client_conn)", "too_many_connections"),
            ("08P01", "", "client_login_timeout (server down)", "pooler_without_server"),
            ("XX000", "whatever", "", "connection_failed"),
        ] {
            assert_eq!(kind_by(state, Some(routine), message).code(), code, "{state} {routine} {message}");
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
