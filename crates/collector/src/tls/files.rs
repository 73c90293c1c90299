//! Certificates, keys and lists of revoked certificates from files, under libpq's rules of who may read them.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use crate::connect_fault::{ConnectFault, ConnectFaultKind};
use crate::wording::Os;

/// A client certificate with what leads to its authority, and its key.
pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// All certificates of a file; none where the file is not there.
///
/// # Errors
/// The file cannot be read, or holds none.
pub fn certificates(what: &str, path: &Path) -> Result<Option<Vec<CertificateDer<'static>>>, ConnectFault> {
    let Some(text) = read(what, path)? else { return Ok(None) };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(Some(certificates)),
        _ => Err(unusable(format!("{what} \"{}\" does not contain a certificate in PEM format", path.display()))),
    }
}

/// The certificate to show to the server, with its key; none where there is no certificate.
///
/// # Errors
/// A file cannot be read, holds something else, or may be read by too many.
pub fn identity(certificate: Option<&Path>, key: Option<&Path>) -> Result<Option<Identity>, ConnectFault> {
    let Some(certificate) = certificate else { return Ok(None) };
    let Some(chain) = certificates("client certificate file", certificate)? else { return Ok(None) };
    let Some(key) = key else {
        return Err(unusable(
            "could not find the key of the client certificate: the home directory is unknown".to_owned(),
        ));
    };
    private_key(key).map(|key| Some((chain, key)))
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, ConnectFault> {
    let name = path.display();
    let status = match fs::metadata(path) {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(unusable(format!("the private key file \"{name}\" of the client certificate does not exist")));
        }
        Err(error) => return Err(unreadable("private key file", path, &error)),
    };
    if !status.is_file() {
        return Err(unusable(format!("private key file \"{name}\" is not a regular file")));
    }
    // A key of the system may be read by a group, one's own by nobody else.
    let too_much = if status.uid() == 0 { 0o037 } else { 0o077 };
    if status.mode() & too_much != 0 {
        let least = "its mode must be 0600 or less, or 0640 or less if root owns it";
        return Err(unusable(format!("private key file \"{name}\" can be read by others: {least}")));
    }
    let text = fs::read(path).map_err(|error| unreadable("private key file", path, &error))?;
    // In the first or in the third line, by the age of the form.
    if text.windows(9).any(|word| word == b"ENCRYPTED") {
        return Err(unusable(format!(
            "private key file \"{name}\" is encrypted, which is not supported; store it without a passphrase"
        )));
    }
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|_| unusable(format!("private key file \"{name}\" does not contain a private key in PEM format")))
}

/// The lists in a file, or in the files of a folder that are named as OpenSSL names them (`.r0`, `.r1` …).
pub(super) fn revocations(
    file: Option<&Path>,
    folder: Option<&Path>,
) -> Result<Vec<CertificateRevocationListDer<'static>>, ConnectFault> {
    let mut files: Vec<PathBuf> = file.into_iter().map(Path::to_owned).collect();
    if let Some(entries) = folder.and_then(|folder| fs::read_dir(folder).ok()) {
        let names = entries.flatten().map(|entry| entry.path());
        files.extend(names.filter(|path| path.extension().is_some_and(|end| end.as_encoded_bytes().starts_with(b"r"))));
        files.sort();
    }
    let mut lists = Vec::new();
    for path in files {
        let Some(text) = read("certificate revocation list", &path)? else { continue };
        for list in CertificateRevocationListDer::pem_slice_iter(&text) {
            let wrong = |_| unusable(format!("\"{}\" is not a certificate revocation list", path.display()));
            lists.push(list.map_err(wrong)?);
        }
    }
    Ok(lists)
}

/// The certificate authorities that the system trusts.
///
/// # Errors
/// It has none.
pub fn system() -> Result<Vec<CertificateDer<'static>>, ConnectFault> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err(unusable("could not find the certificate authorities of the operating system".to_owned()));
    }
    Ok(found)
}

/// The file's bytes; none where it is not there.
fn read(what: &str, path: &Path) -> Result<Option<Vec<u8>>, ConnectFault> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(what, path, &error)),
    }
}

fn unreadable(what: &str, path: &Path, error: &io::Error) -> ConnectFault {
    unusable(format!("could not read {what} \"{}\": {}", path.display(), Os(error)))
}

pub(super) fn unusable(message: String) -> ConnectFault {
    ConnectFault::new(ConnectFaultKind::TlsFile, message)
}
