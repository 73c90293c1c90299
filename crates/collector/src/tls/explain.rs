//! What went wrong with TLS, in words.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::names::NameMismatch;
use crate::connect_fault::{ConnectFault, ConnectFaultKind as Kind};
use crate::wording::Os;

/// Why a handshake failed.
pub(super) fn explain_handshake(error: &io::Error, has_certificate: bool) -> ConnectFault {
    if let Some(fault) = explain_broken(error, has_certificate) {
        return fault;
    }
    let message = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection during the TLS handshake".to_owned(),
        _ => format!("the TLS handshake failed: {}", Os(error)),
    };
    ConnectFault::new(Kind::TlsFailed, message)
}

/// What TLS itself says of a broken connection; none where the reason is another one. Under TLS 1.3 a server looks at
/// the client's certificate only after the handshake.
pub fn explain_broken(error: &io::Error, has_certificate: bool) -> Option<ConnectFault> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::InvalidCertificate(reason) => certificate(reason),
        Error::AlertReceived(alert) => received(*alert, has_certificate),
        Error::PeerIncompatible(reason) => {
            let message = format!("server and client do not have a TLS version or cipher in common ({reason:?})");
            ConnectFault::new(Kind::TlsFailed, message)
        }
        Error::InvalidMessage(_) => ConnectFault::new(Kind::Protocol, "the peer does not support TLS"),
        error => ConnectFault::new(Kind::TlsFailed, format!("the TLS handshake failed: {error}")),
    })
}

fn certificate(reason: &CertificateError) -> ConnectFault {
    let (kind, message) = match reason {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            (Kind::UnknownCa, "the server's certificate is not signed by a trusted authority".to_owned())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (Kind::CertificateExpired, "the server's certificate, or that of its authority, has expired".to_owned())
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (Kind::CertificateExpired, "the server's certificate is not valid yet".to_owned())
        }
        CertificateError::Revoked => (Kind::CertificateRevoked, "the server's certificate was revoked".to_owned()),
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => {
            (Kind::CertificateRevoked, "the revocation lists do not cover the server's certificate".to_owned())
        }
        CertificateError::Other(other) if other.0.is::<NameMismatch>() => (Kind::WrongHostName, other.0.to_string()),
        CertificateError::Other(other) => {
            (Kind::CertificateInvalid, format!("the server's certificate could not be verified: {}", other.0))
        }
        reason => (Kind::CertificateInvalid, format!("the server's certificate could not be verified: {reason}")),
    };
    ConnectFault::new(kind, message)
}

/// What the server said before it broke off.
fn received(alert: AlertDescription, has_certificate: bool) -> ConnectFault {
    use AlertDescription as Alert;
    let about_certificates = matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::DecryptError
            | Alert::AccessDenied
    );
    match alert {
        Alert::CertificateRequired => {
            ConnectFault::new(Kind::ClientCertificateRequired, "the server requires a client certificate")
        }
        _ if about_certificates && has_certificate => {
            let message = format!("the server rejected the client certificate ({alert:?})");
            ConnectFault::new(Kind::ClientCertificateRejected, message)
        }
        Alert::ProtocolVersion | Alert::HandshakeFailure => {
            let message =
                format!("the server does not support any of the offered TLS versions and ciphers ({alert:?})");
            ConnectFault::new(Kind::TlsFailed, message)
        }
        alert => ConnectFault::new(Kind::TlsFailed, format!("the server aborted the TLS handshake ({alert:?})")),
    }
}
