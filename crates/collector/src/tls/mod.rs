//! TLS as libpq speaks it, by rustls. What reads files and puts failures into words is also for others who speak TLS.

mod certificate;
mod der;
mod explain;
mod files;
mod names;
mod stream;
mod verify;

use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use tokio_rustls::TlsConnector;

use crate::connect_fault::{ConnectFault, ConnectFaultKind};
use crate::dsn::{Roots, SslMode, TlsOptions, TlsVersion};
use crate::socket::Stream;
use certificate::Certificate;
pub use explain::explain_broken;
pub use files::{Identity, certificates, identity, system};
pub(crate) use stream::{Encrypted, Ready};
use verify::{ServerVerifier, Trust};

/// The name by which a server that knows several protocols finds PostgreSQL's.
const ALPN: &[u8] = b"postgresql";

/// How to speak TLS with one host.
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    direct: bool,
    /// Whether a client certificate is there to be shown.
    pub(crate) has_certificate: bool,
}

impl Tls {
    /// Reads the files that the options name. `host` is the name that was asked for, `address` where it led.
    pub(crate) fn new(options: &TlsOptions, host: &str, address: IpAddr) -> Result<Self, ConnectFault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let identity = files::identity(options.certificate.as_deref(), options.key.as_deref())?;
        let verifier = ServerVerifier {
            trust: trust(options, &provider)?,
            host: (options.mode == SslMode::VerifyFull).then(|| host.to_owned()),
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_protocol_versions(&versions(options)).map_err(unusable)?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let has_certificate = identity.is_some();
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let key = provider.key_provider.load_private_key(key).map_err(unusable_key)?;
                let pair = CertifiedKey::new(chain, key);
                // Other errors only say that the library cannot tell.
                if let Err(error @ rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) =
                    pair.keys_match()
                {
                    return Err(unusable_key(error));
                }
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
            }
        };
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![ALPN.to_vec()];
        // A name that cannot be one in DNS is not sent, nor is an address.
        let name = ServerName::try_from(host.to_owned()).unwrap_or_else(|_| ServerName::IpAddress(address.into()));
        config.enable_sni = options.sni;
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name, direct: options.direct, has_certificate })
    }

    /// Whether TLS begins with the first byte, without the question whether the server speaks it.
    pub(crate) fn is_direct(&self) -> bool {
        self.direct
    }

    /// Begins TLS on a connection whose server has agreed to it.
    pub(crate) async fn handshake(&self, stream: Stream) -> Result<Encrypted, ConnectFault> {
        let outcome = self.connector.connect(self.name.clone(), stream).await;
        let stream = outcome.map_err(|error| explain::explain_handshake(&error, self.has_certificate))?;
        if self.direct && stream.get_ref().1.alpn_protocol() != Some(ALPN) {
            let message = "the server did not negotiate PostgreSQL's protocol with direct TLS (ALPN)";
            return Err(ConnectFault::new(ConnectFaultKind::TlsNotSupported, message));
        }
        Ok(Encrypted(stream))
    }
}

/// Whom to trust, if anybody is to be checked: libpq checks the certificate in every mode where it finds a file of roots.
fn trust(options: &TlsOptions, provider: &Arc<CryptoProvider>) -> Result<Option<Trust>, ConnectFault> {
    let roots = match &options.roots {
        Roots::System => Some(files::system()?),
        Roots::File(path) => files::certificates("root certificate file", path)?,
        Roots::Nowhere => None,
    };
    let Some(roots) = roots else {
        return if options.mode >= SslMode::VerifyCa { Err(no_roots(&options.roots)) } else { Ok(None) };
    };
    let is_root = |der: &CertificateDer<'_>| Certificate::parse(der).is_some_and(|root| root.is_self_issued());
    let (roots, links): (Vec<_>, Vec<_>) = roots.into_iter().map(CertificateDer::into_owned).partition(is_root);
    if roots.is_empty() {
        return Err(files::unusable(format!(
            "{} does not contain a self-signed authority certificate",
            shown(&options.roots)
        )));
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().cloned());
    let lists = files::revocations(options.crl.as_deref(), options.crl_folder.as_deref())?;
    let has_revocations = !lists.is_empty();
    let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).with_crls(lists);
    let chains = chains.build().map_err(|error| {
        let needed = "revocation lists must be version 2";
        files::unusable(format!("could not use the root certificates or revocation lists: {error}; {needed}"))
    })?;
    Ok(Some(Trust { chains, roots, links, has_revocations }))
}

fn no_roots(roots: &Roots) -> ConnectFault {
    let message = match roots {
        Roots::Nowhere => "could not find the root certificate file: the home directory is unknown".to_owned(),
        named => format!("{} does not exist", shown(named)),
    };
    ConnectFault::new(ConnectFaultKind::NoRootCertificate, message)
}

fn shown(roots: &Roots) -> String {
    match roots {
        Roots::File(path) => format!("root certificate file \"{}\"", path.display()),
        Roots::System | Roots::Nowhere => "the certificate authorities of the operating system".to_owned(),
    }
}

fn versions(options: &TlsOptions) -> Vec<&'static SupportedProtocolVersion> {
    match (options.least, options.most) {
        (TlsVersion::V1_3, _) => vec![&version::TLS13],
        (TlsVersion::V1_2, TlsVersion::V1_2) => vec![&version::TLS12],
        (TlsVersion::V1_2, TlsVersion::V1_3) => vec![&version::TLS13, &version::TLS12],
    }
}

fn unusable(error: rustls::Error) -> ConnectFault {
    files::unusable(format!("could not set up TLS: {error}"))
}

fn unusable_key(error: rustls::Error) -> ConnectFault {
    let reason = match error {
        rustls::Error::InconsistentKeys(_) => "it does not belong to the client certificate".to_owned(),
        error => error.to_string(),
    };
    files::unusable(format!("could not use the client's private key: {reason}"))
}
