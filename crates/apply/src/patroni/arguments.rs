//! The options of the command line about Patroni.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::ValueParser;
use pgdba_collector::arguments::duration;
use pgdba_collector::dsn::Password;

use super::{PatroniError, PatroniOptions};

/// Where the password stands that no argument may hold.
const PASSWORD: &str = "PGDBA_PATRONI_PASSWORD";

/// Where the cluster's Patroni answers, and how to ask it
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PatroniArguments {
    /// URL of the REST API of any member, such as http://HOST:8008 (default: the URL in the registry)
    #[arg(long = "patroni", value_name = "URL")]
    url: Option<String>,
    /// User name for restapi.authentication; the password comes from PGDBA_PATRONI_PASSWORD
    #[arg(long = "patroni-user", value_name = "NAME", env = "PGDBA_PATRONI_USER")]
    user: Option<String>,
    /// File with the password in its first line, instead of PGDBA_PATRONI_PASSWORD
    #[arg(long = "patroni-password-file", value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// File of certificate authorities to trust instead of the system's, in PEM format
    #[arg(long = "patroni-cacert", value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Client certificate for restapi.verify_client, in PEM format
    #[arg(long = "patroni-cert", value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Private key of the client certificate, if it is in another file
    #[arg(long = "patroni-key", value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Timeout of one request: 500ms, 10s; members have three times as long to apply a change
    #[arg(long = "patroni-timeout", value_name = "TIME", value_parser = ValueParser::new(duration))]
    timeout: Option<Duration>,
}

impl PatroniArguments {
    /// The options they stand for, with the registry's address where none is given; none where there is no address at all.
    ///
    /// # Errors
    /// [`PatroniError::BadUrl`], [`PatroniError::BadOption`] where a name has no password or there is something to say to a
    /// Patroni but no address, [`PatroniError::File`].
    pub fn options(&self, registry_url: Option<&str>) -> Result<Option<PatroniOptions>, PatroniError> {
        self.options_with(registry_url, std::env::var(PASSWORD).ok())
    }

    fn options_with(
        &self,
        registry_url: Option<&str>,
        password: Option<String>,
    ) -> Result<Option<PatroniOptions>, PatroniError> {
        let Some(url) = self.url.as_deref().or(registry_url) else { return self.without_address() };
        let mut options = PatroniOptions::new(url)?;
        if let Some(user) = self.user.clone().filter(|user| !user.is_empty()) {
            if user.contains(':') {
                return Err(PatroniError::BadOption("the user name for Patroni must not contain a colon".to_owned()));
            }
            let missing = || PatroniError::BadOption(format!("--patroni-user needs a password in {PASSWORD}"));
            let password = self.password(password)?.ok_or_else(missing)?;
            options = options.with_credentials(user, password);
        }
        if let Some(file) = &self.cacert {
            options = options.with_roots(file.clone());
        }
        if let Some(file) = &self.cert {
            options = options.with_certificate(file.clone(), self.key.clone());
        }
        let timeout = self.timeout.unwrap_or(PatroniOptions::TIMEOUT);
        Ok(Some(options.with_timeout(timeout).with_patience(timeout * 3)))
    }

    /// A name in the environment is for whenever a Patroni is there; what stands in the call is for this one.
    fn without_address(&self) -> Result<Option<PatroniOptions>, PatroniError> {
        let files = [&self.password_file, &self.cacert, &self.cert, &self.key];
        if self.timeout.is_none() && files.into_iter().all(Option::is_none) {
            return Ok(None);
        }
        let message = "options for Patroni need its address: neither --patroni nor the registry entry has one";
        Err(PatroniError::BadOption(message.to_owned()))
    }

    fn password(&self, from_environment: Option<String>) -> Result<Option<Password>, PatroniError> {
        let Some(file) = &self.password_file else { return Ok(from_environment.map(Password::new)) };
        let unreadable = |error| {
            PatroniError::File(format!("could not read the password file \"{}\" for Patroni: {error}", file.display()))
        };
        let text = fs::read_to_string(file).map_err(unreadable)?;
        Ok(Some(Password::new(text.lines().next().unwrap_or_default().to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_user() -> PatroniArguments {
        PatroniArguments { url: Some("http://pg1:8008".to_owned()), user: Some("adm".to_owned()), ..Default::default() }
    }

    #[test]
    fn the_registrys_address_stands_in() {
        let none = PatroniArguments::default();
        assert!(none.options_with(None, None).unwrap().is_none());
        assert_eq!(none.options_with(Some("http://pg2:8008/"), None).unwrap().unwrap().url, "http://pg2:8008");
        let options = with_user().options_with(Some("http://pg2:8008"), Some("Geheim".to_owned())).unwrap().unwrap();
        assert_eq!((options.url.as_str(), options.timeout), ("http://pg1:8008", PatroniOptions::TIMEOUT));
        assert_eq!(options.password.unwrap().reveal(), "Geheim");
    }

    #[test]
    fn a_name_needs_a_password_from_somewhere() {
        let error = with_user().options_with(None, None).unwrap_err();
        assert_eq!(error.code(), "bad_patroni_option");
        assert!(error.to_string().contains(PASSWORD));
        let folder = std::env::temp_dir().join(format!("pgdba-patroni-password-{}", std::process::id()));
        fs::write(&folder, "Geheim\n\n").unwrap();
        let from_file = PatroniArguments { password_file: Some(folder.clone()), ..with_user() };
        let options = from_file.options_with(None, Some("other".to_owned())).unwrap().unwrap();
        fs::remove_file(&folder).unwrap();
        assert_eq!(options.password.unwrap().reveal(), "Geheim");
        assert_eq!(from_file.options_with(None, None).unwrap_err().code(), "patroni_file");
    }

    #[test]
    fn options_without_an_address_are_no_options() {
        let mut arguments = PatroniArguments { cacert: Some("ca.crt".into()), ..Default::default() };
        assert_eq!(arguments.options_with(None, None).unwrap_err().code(), "bad_patroni_option");
        arguments = PatroniArguments { user: Some("adm".to_owned()), ..Default::default() };
        assert!(arguments.options_with(None, None).unwrap().is_none());
    }
}
