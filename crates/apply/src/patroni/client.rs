//! Requests and their answers.

use std::io;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pgdba_change::patroni::{Dcs, Members, Node};
use pgdba_collector::tls::explain_broken;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Timeout};

use super::{PatroniError, PatroniOptions, options, tls};

/// The longest that one look at a member may take.
const QUICK: Duration = Duration::from_secs(3);

/// Far more than a cluster of a hundred members takes.
const LARGEST_ANSWER: u64 = 4 << 20;

/// The longest of Patroni's own words that is repeated, in characters.
const LONGEST_TEXT: usize = 300;

/// A Patroni, asked over its REST interface.
#[derive(Debug)]
pub struct Patroni {
    agent: Agent,
    /// For members that are looked at again and again.
    quick: Agent,
    timeout: Duration,
    options: PatroniOptions,
    /// Which address is asked: the one of the options, or that of another member.
    url: String,
}

impl Patroni {
    /// Reads the files that the options name; nothing is sent yet.
    ///
    /// # Errors
    /// [`PatroniError::File`].
    pub fn new(options: PatroniOptions) -> Result<Self, PatroniError> {
        let tls = tls::settings(&options)?;
        let timeout = options.timeout;
        let (agent, quick) = (agent(tls.clone(), timeout), agent(tls, timeout.min(QUICK)));
        Ok(Self { agent, quick, timeout, url: options.url.clone(), options })
    }

    /// The address that is asked.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How that member sees itself. Answers also while the DCS is down.
    ///
    /// # Errors
    /// Nobody answers there, or nobody who speaks as Patroni does.
    pub fn node(&self) -> Result<Node, PatroniError> {
        self.get("/patroni")
    }

    /// The cluster's members, read from the DCS at this moment.
    ///
    /// # Errors
    /// As [`Self::node`]; [`PatroniError::TimedOut`] is what comes of a DCS that is down.
    pub fn cluster(&self) -> Result<Members, PatroniError> {
        self.get("/cluster")
    }

    /// The dynamic configuration as this member knows it. It may be one round of Patroni's loop old.
    ///
    /// # Errors
    /// As [`Self::cluster`].
    pub fn config(&self) -> Result<Dcs, PatroniError> {
        self.get("/config").and_then(|config| self.mapping("GET /config", config))
    }

    /// Members and dynamic configuration as the DCS has them now: to answer `/cluster` Patroni reads the DCS anew, and answers
    /// `/config` from what it has read.
    ///
    /// # Errors
    /// As [`Self::cluster`].
    pub fn fresh(&self) -> Result<(Members, Dcs), PatroniError> {
        Ok((self.cluster()?, self.config()?))
    }

    /// Changes the dynamic configuration, and returns it as it is then. That a value is nonsense does not hinder Patroni.
    ///
    /// # Errors
    /// As [`Self::cluster`]; [`PatroniError::Unauthorized`]; [`PatroniError::Status`] with 409 where somebody else changed it at
    /// the same moment, or where the DCS did not take it, or took it and did not answer. [`Self::store`] finds out which.
    pub fn patch_config(&self, patch: &Value) -> Result<Dcs, PatroniError> {
        let what = "PATCH /config";
        let mut request =
            self.agent.patch(format!("{}/config", self.url)).header(header::CONTENT_TYPE, "application/json");
        if let (true, Some(user), Some(password)) = (self.is_named(), &self.options.user, &self.options.password) {
            let pair = STANDARD.encode(format!("{user}:{}", password.reveal()));
            request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
        }
        let answer = request.send(patch.to_string()).map_err(|error| self.explain(what, error))?;
        self.read(what, answer).and_then(|config| self.mapping(what, config))
    }

    /// Looks whether this Patroni can be worked with: it sees a leader, and manages the cluster with this system identifier. The
    /// latter is only looked at where both are known.
    ///
    /// # Errors
    /// [`PatroniError::NoLeader`], [`PatroniError::WrongCluster`], and those of [`Self::node`].
    pub fn check(&self, system_identifier: Option<&str>) -> Result<Node, PatroniError> {
        let node = self.node()?;
        let (theirs, ours) =
            (node.database_system_identifier.as_deref(), system_identifier.filter(|id| !id.is_empty()));
        if let (Some(patroni), Some(server)) = (theirs, ours)
            && patroni != server
        {
            let (patroni, server) = (patroni.to_owned(), server.to_owned());
            return Err(PatroniError::WrongCluster { url: self.url.clone(), patroni, server });
        }
        if node.cluster_unlocked == Some(true) {
            return Err(PatroniError::NoLeader { url: self.url.clone() });
        }
        Ok(node)
    }

    /// The Patroni of another member, by its `api_url`, to be read only: it gets no password.
    pub(super) fn of_member(&self, api_url: &str) -> Result<Self, PatroniError> {
        let (quick, timeout) = (self.quick.clone(), self.timeout.min(QUICK));
        let options = self.options.clone();
        Ok(Self { agent: quick.clone(), quick, timeout, options, url: options::base(api_url)? })
    }

    /// Whether that address is asked for changes.
    pub(super) fn is_at(&self, url: &str) -> bool {
        self.url == url
    }

    /// The longest that one request may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How long members may take to take a change, besides one round of Patroni's loop.
    pub(super) fn patience(&self) -> Duration {
        self.options.patience
    }

    fn is_named(&self) -> bool {
        self.url == self.options.url
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, PatroniError> {
        let what = format!("GET {path}");
        let answer = self.agent.get(format!("{}{path}", self.url)).call();
        self.read(&what, answer.map_err(|error| self.explain(&what, error))?)
    }

    fn read<T: DeserializeOwned>(&self, what: &str, answer: Response<Body>) -> Result<T, PatroniError> {
        let status = answer.status();
        let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let mut body = answer.into_body();
        let bytes =
            body.with_config().limit(LARGEST_ANSWER).read_to_vec().map_err(|error| self.explain(what, error))?;
        let (url, what) = (self.url.clone(), what.to_owned());
        if status.is_redirection() {
            return Err(PatroniError::Redirected { url, to });
        }
        if status == StatusCode::UNAUTHORIZED {
            let had_credentials = self.options.user.is_some();
            return Err(PatroniError::Unauthorized { url, what, text: own_words(&bytes), had_credentials });
        }
        if !status.is_success() {
            return Err(PatroniError::Status { url, what, status: status.as_u16(), text: own_words(&bytes) });
        }
        serde_json::from_slice(&bytes).map_err(|error| PatroniError::NotPatroni {
            url,
            what,
            reason: error.to_string(),
        })
    }

    fn mapping(&self, what: &str, config: Dcs) -> Result<Dcs, PatroniError> {
        if config.0.is_object() {
            return Ok(config);
        }
        let (url, what) = (self.url.clone(), what.to_owned());
        Err(PatroniError::NotPatroni { url, what, reason: "the configuration is not a JSON object".to_owned() })
    }

    fn explain(&self, what: &str, error: ureq::Error) -> PatroniError {
        let (url, what) = (self.url.clone(), what.to_owned());
        let has_certificate = self.options.certificate.is_some();
        match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                let reason = format!("no connection within {} s", (self.timeout / 2).as_secs_f64());
                PatroniError::Unreachable { url, reason }
            }
            ureq::Error::Timeout(_) => PatroniError::TimedOut { url, what, within: self.timeout },
            ureq::Error::BodyExceedsLimit(limit) => PatroniError::TooLarge { url, what, limit },
            ureq::Error::Rustls(error) => {
                let broken = explain_broken(&io::Error::other(error), has_certificate);
                PatroniError::Tls { url, reason: broken.map(|fault| fault.to_string()).unwrap_or_default() }
            }
            ureq::Error::Tls(reason) => PatroniError::Tls { url, reason: reason.to_owned() },
            ureq::Error::Io(error) => match explain_broken(&error, has_certificate) {
                Some(fault) => PatroniError::Tls { url, reason: fault.to_string() },
                None if is_broken_off(&error) => PatroniError::BrokenOff { url, what },
                None if error.kind() == io::ErrorKind::ConnectionRefused => {
                    PatroniError::Unreachable { url, reason: "connection refused".to_owned() }
                }
                None if is_lookup(&error) => PatroniError::Unreachable { url, reason: error.to_string() },
                None => PatroniError::Failed { url, what, reason: error.to_string() },
            },
            ureq::Error::HostNotFound => {
                PatroniError::Unreachable { url, reason: "the host name could not be resolved".to_owned() }
            }
            ureq::Error::Protocol(reason) => PatroniError::NotPatroni { url, what, reason: reason.to_string() },
            ureq::Error::ConnectionFailed => {
                PatroniError::Unreachable { url, reason: "the connection failed".to_owned() }
            }
            error => PatroniError::Failed { url, what, reason: error.to_string() },
        }
    }
}

/// Whether there was a connection.
fn is_broken_off(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// Whether the host's name leads nowhere. The standard library has no kind for it.
fn is_lookup(error: &io::Error) -> bool {
    error.to_string().starts_with("failed to lookup address information")
}

fn agent(tls: TlsConfig, timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // The address names a member; what the environment says of proxies is for the outside world.
        .proxy(None)
        .timeout_global(Some(timeout))
        // So that one knows whether anything was sent.
        .timeout_connect(Some(timeout / 2))
        .user_agent(concat!("pgdba/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

/// What Patroni says of a refusal: plain text, or the page that Python's HTTP server makes of it.
fn own_words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let message = text.split_once("Message: ").and_then(|(_, rest)| rest.split('<').next());
    let text = message.unwrap_or(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect();
    if text.is_empty() { "no further information".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patronis_own_words_are_found() {
        let page =
            "<html><body><h1>Error response</h1><p>Error code: 409</p>\n<p>Message: Conflict.</p>\n</body></html>";
        assert_eq!(own_words(page.as_bytes()), "Conflict.");
        assert_eq!(own_words(b"no auth header\n received\x1b[0m"), "no auth header received[0m");
        assert_eq!(own_words(b""), "no further information");
        assert_eq!(own_words(&[b'x'; 9000]).len(), LONGEST_TEXT);
    }
}
