//! Whom to trust and what to show.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use pgdba_collector::connect::ConnectFault;
use pgdba_collector::tls;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};

use super::{PatroniError, PatroniOptions};

/// The settings for an address; the files are only read where they are needed, but those that are named always.
pub(super) fn settings(options: &PatroniOptions) -> Result<TlsConfig, PatroniError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings = TlsConfig::builder().provider(TlsProvider::Rustls).unversioned_rustls_crypto_provider(provider);
    let roots = match &options.roots {
        Some(file) => authorities(file)?,
        None if options.url.starts_with("https:") => tls::system().map_err(unusable)?,
        None => Vec::new(),
    };
    let roots: Vec<_> = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    let settings = settings.root_certs(RootCerts::from(roots));
    Ok(settings.client_cert(identity(options)?).build())
}

fn authorities(file: &Path) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, PatroniError> {
    let missing = || {
        PatroniError::File(format!(
            "the file \"{}\" with certificate authorities for Patroni does not exist",
            file.display()
        ))
    };
    tls::certificates("certificate authority file for Patroni", file).map_err(unusable)?.ok_or_else(missing)
}

fn identity(options: &PatroniOptions) -> Result<Option<ClientCert>, PatroniError> {
    let Some(file) = &options.certificate else { return Ok(None) };
    let key = options.key.as_ref().unwrap_or(file);
    let found = tls::identity(Some(file), Some(key)).map_err(unusable)?;
    let missing =
        || PatroniError::File(format!("the certificate file \"{}\" for Patroni does not exist", file.display()));
    let (chain, _) = found.ok_or_else(missing)?;
    // The key was looked at; ureq takes none in any other form.
    let broken = || PatroniError::File(format!("private key file \"{}\" cannot be used", key.display()));
    let pem = fs::read(key).map_err(|_| broken())?;
    let key = PrivateKey::from_pem(&pem).map_err(|_| broken())?;
    let chain: Vec<_> = chain.iter().map(|link| Certificate::from_der(link).to_owned()).collect();
    Ok(Some(ClientCert::new_with_certs(&chain, key)))
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn unusable(fault: ConnectFault) -> PatroniError {
    PatroniError::File(fault.to_string())
}
