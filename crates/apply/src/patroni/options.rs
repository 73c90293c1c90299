//! Where Patroni answers and how to ask it.

use std::path::PathBuf;
use std::time::Duration;

use pgdba_collector::dsn::Password;
use ureq::http::Uri;

use super::PatroniError;

/// Where a Patroni answers and how to ask it.
#[derive(Debug, Clone)]
pub struct PatroniOptions {
    /// `http://HOST:PORT` or `https://HOST:PORT`, perhaps with a path, without a slash at the end.
    pub(super) url: String,
    /// Who changes things, where the REST interface asks.
    pub(super) user: Option<String>,
    /// The password. Its type cannot print.
    pub(super) password: Option<Password>,
    /// The authorities to trust; the operating system's where none are named.
    pub(super) roots: Option<PathBuf>,
    /// The certificate to show.
    pub(super) certificate: Option<PathBuf>,
    /// The key of that certificate; in the certificate's own file where none is named.
    pub(super) key: Option<PathBuf>,
    /// The longest that one request may take, from looking the name up to the answer's last byte.
    pub(super) timeout: Duration,
    /// How long members may take to take a change, besides one round of Patroni's loop.
    pub(super) patience: Duration,
}

impl PatroniOptions {
    /// How long one request may take where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(10);

    /// How long members may take to take a change where nothing else is said, besides one round of Patroni's loop.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// The Patroni at this address, asked without a name and with the system's authorities.
    ///
    /// # Errors
    /// [`PatroniError::BadUrl`], which does not repeat the address: it may hold a password.
    pub fn new(url: &str) -> Result<Self, PatroniError> {
        let url = base(url)?;
        let (timeout, patience) = (Self::TIMEOUT, Self::PATIENCE);
        Ok(Self { url, user: None, password: None, roots: None, certificate: None, key: None, timeout, patience })
    }

    /// With a name and a password.
    #[must_use]
    pub fn with_credentials(mut self, user: String, password: Password) -> Self {
        (self.user, self.password) = (Some(user), Some(password));
        self
    }

    /// Trusting the authorities in this file, in PEM form.
    #[must_use]
    pub fn with_roots(mut self, file: PathBuf) -> Self {
        self.roots = Some(file);
        self
    }

    /// Showing this certificate, in PEM form; its key may stand in the same file.
    #[must_use]
    pub fn with_certificate(mut self, certificate: PathBuf, key: Option<PathBuf>) -> Self {
        (self.certificate, self.key) = (Some(certificate), key);
        self
    }

    /// With another patience with members that do not take a change.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// With another limit of time for one request.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// The address without what `api_url` has at its end. No user information, no query: the one is a secret, so may be the other.
pub(super) fn base(url: &str) -> Result<String, PatroniError> {
    let bad = |reason: &'static str| Err(PatroniError::BadUrl { reason });
    if url.contains('@') {
        return bad("it contains user information, which belongs in --patroni-user and PGDBA_PATRONI_PASSWORD");
    }
    if url.contains(['?', '#']) {
        return bad("it has a query or a fragment");
    }
    let Ok(parsed) = url.parse::<Uri>() else { return bad("it is not a URL") };
    if !matches!(parsed.scheme_str(), Some("http" | "https")) || parsed.host().is_none_or(str::is_empty) {
        return bad("it does not start with http:// or https:// and a host");
    }
    let url = url.trim_end_matches('/');
    Ok(url.strip_suffix("/patroni").unwrap_or(url).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_without_what_stands_at_their_end() {
        for (url, expected) in [
            ("http://pg1:8008", "http://pg1:8008"),
            ("https://[::1]:8008/", "https://[::1]:8008"),
            ("http://pg1:8008/patroni", "http://pg1:8008"),
            ("https://gate.example/lab/patroni/", "https://gate.example/lab"),
        ] {
            assert_eq!(base(url).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for url in
            ["pg1:8008", "ftp://pg1", "http://", "http://adm:Geheim@pg1:8008", "http://pg1/?Geheim=1", "Geheim", ""]
        {
            let error = PatroniOptions::new(url).unwrap_err();
            assert_eq!(error.code(), "bad_patroni_url", "{url}");
            assert!(!error.to_string().contains("Geheim"), "{error}");
        }
    }

    #[test]
    fn the_password_does_not_print() {
        let options = PatroniOptions::new("http://pg1:8008").unwrap();
        let options = options.with_credentials("adm".to_owned(), Password::new("Geheim".to_owned()));
        assert!(!format!("{options:?}").contains("Geheim"));
    }
}
