//! Which certificate of a server is trusted, as libpq sees it.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::certificate::Certificate;
use super::names;

/// Checks the server's certificate as far as the mode asks for.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    /// Whom to trust; none takes every certificate.
    pub(super) trust: Option<Trust>,
    /// The host that the certificate must be for; none takes every host.
    pub(super) host: Option<String>,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

/// Why a certificate that libpq may take is not taken here.
#[derive(Debug, thiserror::Error)]
enum Unsupported {
    #[error("it is the certificate of an authority (CA:TRUE), not of a server")]
    Authority,
    #[error("it is an X.509 version 1 certificate signed by an intermediate authority")]
    OldAndIndirect,
    #[error("it is an X.509 version 1 certificate, which cannot be checked against revocation lists")]
    OldAndRevocable,
    #[error("the server's key does not match it, or is too short")]
    Key,
}

impl From<Unsupported> for Error {
    fn from(reason: Unsupported) -> Self {
        CertificateError::Other(OtherError(Arc::new(reason))).into()
    }
}

/// The certificate authorities that are trusted.
#[derive(Debug)]
pub(super) struct Trust {
    /// Checks chains of certificates of version 3, which must end at one of the roots.
    pub(super) chains: Arc<WebPkiServerVerifier>,
    /// The authorities that vouch for themselves.
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// What else stands in the file: it may be a link of a chain, but not its end.
    pub(super) links: Vec<CertificateDer<'static>>,
    /// Whether lists of revoked certificates were given.
    pub(super) has_revocations: bool,
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = Certificate::parse(end_entity).ok_or(CertificateError::BadEncoding)?;
        if let Some(trust) = &self.trust {
            trust.check(end_entity, &certificate, intermediates, server_name, now, &self.algorithms)?;
        }
        if let Some(host) = &self.host {
            names::check(&certificate, host)
                .map_err(|mismatch| CertificateError::Other(OtherError(Arc::new(mismatch))))?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Certificate::parse(cert).filter(|certificate| !certificate.is_version_3) {
            Some(old) => self.old_signature(message, &old, dss, usize::MAX),
            None => verify_tls12_signature(message, cert, dss, &self.algorithms).map_err(of_handshake),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Certificate::parse(cert).filter(|certificate| !certificate.is_version_3) {
            // TLS 1.3 binds each scheme to one algorithm, the first.
            Some(old) if is_of_tls13(dss.scheme) => self.old_signature(message, &old, dss, 1),
            _ => verify_tls13_signature(message, cert, dss, &self.algorithms).map_err(of_handshake),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// A wrong signature of the handshake says something of the server's key, and nothing of who signed its certificate.
fn of_handshake(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature) => Unsupported::Key.into(),
        error => error,
    }
}

fn is_of_tls13(scheme: SignatureScheme) -> bool {
    use SignatureScheme as S;
    !matches!(scheme, S::RSA_PKCS1_SHA1 | S::RSA_PKCS1_SHA256 | S::RSA_PKCS1_SHA384 | S::RSA_PKCS1_SHA512)
}

impl ServerVerifier {
    /// The signature of the handshake by the key of a certificate of version 1 or 2, which the library does not read.
    fn old_signature(
        &self,
        message: &[u8],
        certificate: &Certificate<'_>,
        dss: &DigitallySignedStruct,
        candidates: usize,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = self.algorithms.mapping.iter().find(|(scheme, _)| *scheme == dss.scheme);
        let candidates = known.into_iter().flat_map(|(_, algorithms)| algorithms.iter().take(candidates));
        let mut fitting =
            candidates.filter(|algorithm| algorithm.public_key_alg_id().as_ref() == certificate.key_algorithm);
        if fitting.any(|algorithm| algorithm.verify_signature(certificate.key, message, dss.signature()).is_ok()) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(Unsupported::Key.into())
    }
}

impl Trust {
    /// Whether the certificate leads to an authority that is trusted, whoever it is for.
    fn check(
        &self,
        der: &CertificateDer<'_>,
        certificate: &Certificate<'_>,
        intermediates: &[CertificateDer<'_>],
        any_name: &ServerName<'_>,
        now: UnixTime,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        // A self-signed certificate that is its own authority, such as the server.crt of a small site.
        if certificate.is_self_issued() && self.roots.iter().any(|root| root == der) {
            return in_force(certificate, now);
        }
        let intermediates: Vec<_> = intermediates.iter().chain(&self.links).cloned().collect();
        if !certificate.is_version_3 {
            let mut between = intermediates.iter().filter_map(|der| Certificate::parse(der));
            let is_indirect = between.any(|between| between.subject == certificate.issuer && !between.is_self_issued());
            return self.check_old(certificate, is_indirect, now, algorithms);
        }
        match self.chains.verify_server_cert(der, &intermediates, any_name, &[], now) {
            Ok(_) => self.check_root(certificate, &intermediates, now),
            // The library looks at the name last, so everything else was good. Names are compared by libpq's rules.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => self.check_root(certificate, &intermediates, now),
            // The library takes no authority's own certificate from a server. Where it is its own authority, the reason
            // is another one: nobody named it.
            Err(_) if certificate.is_authority() && certificate.is_self_issued() => {
                Err(CertificateError::UnknownIssuer.into())
            }
            Err(_) if certificate.is_authority() => Err(Unsupported::Authority.into()),
            Err(error) => Err(error),
        }
    }

    /// The library takes an authority whose own certificate is out of date; OpenSSL does not.
    fn check_root(
        &self,
        certificate: &Certificate<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let intermediates = intermediates.iter().filter_map(|der| Certificate::parse(der));
        let issuers: Vec<&[u8]> =
            std::iter::once(certificate.issuer).chain(intermediates.map(|between| between.issuer)).collect();
        let mut last = Ok(());
        for root in self.roots.iter().filter_map(|der| Certificate::parse(der)) {
            if issuers.contains(&root.subject) {
                last = in_force(&root, now);
                if last.is_ok() {
                    return Ok(());
                }
            }
        }
        last
    }

    /// A certificate of version 1 or 2, signed by a trusted authority itself: it has no extensions to look at.
    fn check_old(
        &self,
        certificate: &Certificate<'_>,
        is_indirect: bool,
        now: UnixTime,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        in_force(certificate, now)?;
        if self.has_revocations {
            return Err(Unsupported::OldAndRevocable.into());
        }
        let mut roots = self.roots.iter().filter_map(|der| Certificate::parse(der));
        let signs = |root: &Certificate<'_>| {
            root.subject == certificate.issuer && is_signed_by(certificate, root.key_algorithm, root.key, algorithms)
        };
        match roots.find(signs) {
            Some(root) => in_force(&root, now),
            None if is_indirect => Err(Unsupported::OldAndIndirect.into()),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

fn is_signed_by(
    certificate: &Certificate<'_>,
    key_algorithm: &[u8],
    key: &[u8],
    algorithms: &WebPkiSupportedAlgorithms,
) -> bool {
    let mut fitting = algorithms.all.iter().filter(|algorithm| {
        algorithm.signature_alg_id().as_ref() == certificate.signature_algorithm
            && algorithm.public_key_alg_id().as_ref() == key_algorithm
    });
    fitting.any(|algorithm| algorithm.verify_signature(key, certificate.signed, certificate.signature).is_ok())
}

fn in_force(certificate: &Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now > certificate.not_after.as_second() {
        return Err(CertificateError::Expired.into());
    }
    if now < certificate.not_before.as_second() {
        return Err(CertificateError::NotValidYet.into());
    }
    Ok(())
}
