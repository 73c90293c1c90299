//! What went wrong with Patroni: one sentence with its cause, a word for programs, the next step.

use std::time::Duration;

use pgdba_change::patroni::{Foreign, Refusal};
use thiserror::Error;

/// Why Patroni did not do, or did not say, what it was asked for.
#[derive(Debug, Error)]
pub enum PatroniError {
    /// The address cannot be used.
    #[error("invalid Patroni URL: {reason}")]
    BadUrl {
        /// Why not.
        reason: &'static str,
    },
    /// Options that do not go together.
    #[error("{0}")]
    BadOption(String),
    /// A certificate, a key or a password file cannot be used.
    #[error("{0}")]
    File(String),
    /// The DCS does not say where a member's REST interface is.
    #[error("the DCS does not contain the address of its REST API")]
    NoAddress,
    /// No connection, so nothing was sent.
    #[error("could not reach Patroni at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The connection is there, and no answer came in time.
    #[error("Patroni at {url} did not answer {what} within {} s", within.as_secs_f64())]
    TimedOut {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// The limit.
        within: Duration,
    },
    /// The connection broke before there was a whole answer.
    #[error("Patroni at {url} closed the connection before its answer to {what} was complete")]
    BrokenOff {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
    },
    /// TLS did not come about.
    #[error("could not establish a TLS session with Patroni at {url}: {reason}")]
    Tls {
        /// Where.
        url: String,
        /// Why not.
        reason: String,
    },
    /// It wants to know who asks.
    #[error("Patroni at {url} refused {what}: {text}")]
    Unauthorized {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// Its own words.
        text: String,
        /// Whether a name and a password were given.
        had_credentials: bool,
    },
    /// It leads elsewhere, which is not followed.
    #[error("the server at {url} redirects to another address{}", place(to.as_deref()))]
    Redirected {
        /// Where.
        url: String,
        /// Where to.
        to: Option<String>,
    },
    /// It refuses, or has failed.
    #[error("Patroni at {url} answered {what} with {status}: {text}")]
    Status {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// The HTTP status.
        status: u16,
        /// Its own words.
        text: String,
    },
    /// The answer is longer than any that Patroni gives.
    #[error("the answer to {what} from {url} is larger than {limit} bytes")]
    TooLarge {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// The answer is not what Patroni gives.
    #[error("the answer to {what} from {url} is not from Patroni: {reason}")]
    NotPatroni {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It sees no leader.
    #[error("Patroni at {url} does not see a leader: it cannot reach the DCS, or no member holds the leader lock")]
    NoLeader {
        /// Where.
        url: String,
    },
    /// It manages another cluster.
    #[error(
        "Patroni at {url} manages the cluster with system identifier {patroni}, but the connected server has {server}"
    )]
    WrongCluster {
        /// Where.
        url: String,
        /// The system identifier of Patroni's cluster.
        patroni: String,
        /// That of the server.
        server: String,
    },
    /// Patroni would store a value and not use it.
    #[error("{name} = {value} in the dynamic configuration would have no effect: {refusal}")]
    Refuses {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// What Patroni would do.
        refusal: Refusal,
    },
    /// The connection failed after it was made; the request may have been processed.
    #[error("the connection to Patroni at {url} failed during {what}: {reason}")]
    Failed {
        /// Where.
        url: String,
        /// What it was asked for.
        what: String,
        /// Why.
        reason: String,
    },
    /// Somebody else changed the same parameter; it was not overwritten.
    #[error("the dynamic configuration was changed by someone else: {}", list(changed))]
    ChangedSince {
        /// The parameters and what they are now.
        changed: Vec<Foreign>,
        /// The command that overwrites it, where there is one.
        overwrite: Option<String>,
    },
    /// A change was sent, and whether it was stored cannot be found out now.
    #[error("cannot tell whether Patroni at {url} stored the change: {reason}")]
    OutcomeUnknown {
        /// Where.
        url: String,
        /// What stands in the way.
        reason: String,
    },
}

fn list(changed: &[Foreign]) -> String {
    changed.iter().map(Foreign::to_string).collect::<Vec<_>>().join(", ")
}

fn place(to: Option<&str>) -> String {
    to.map(|to| format!(", {to}")).unwrap_or_default()
}

impl PatroniError {
    /// Whether this answer to a change proves that Patroni did not begin to store it. A 409 does not: Patroni gives it also where
    /// its own write to the DCS failed or went unanswered.
    #[must_use]
    pub(super) fn proves_unsent(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unauthorized { .. } => true,
            Self::Status { status, .. } => matches!(status, 400 | 403 | 404 | 405),
            _ => false,
        }
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "bad_patroni_url",
            Self::BadOption(_) => "bad_patroni_option",
            Self::File(_) => "patroni_file",
            Self::NoAddress | Self::Unreachable { .. } => "patroni_unreachable",
            Self::TimedOut { .. } => "patroni_timeout",
            Self::BrokenOff { .. } | Self::Failed { .. } => "patroni_broken_off",
            Self::Tls { .. } => "patroni_tls",
            Self::Unauthorized { .. } => "patroni_unauthorized",
            Self::Redirected { .. } => "patroni_redirect",
            Self::Status { .. } => "patroni_refused",
            Self::TooLarge { .. } | Self::NotPatroni { .. } => "not_patroni",
            Self::NoLeader { .. } => "patroni_no_leader",
            Self::WrongCluster { .. } => "patroni_wrong_cluster",
            Self::Refuses { .. } => "patroni_refuses_value",
            Self::ChangedSince { .. } => "patroni_changed_since",
            Self::OutcomeUnknown { .. } => "patroni_outcome_unknown",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ChangedSince { overwrite: Some(command), .. } => {
                format!("Check the value, then overwrite it with: {command}")
            }
            Self::Refuses { name, refusal, .. } => refusal.hint(name),
            _ => self.fixed_hint().to_owned(),
        }
    }

    fn fixed_hint(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "Write --patroni http://HOST:8008 or https://HOST:8008.",
            Self::BadOption(_) => "See --help for the options that start with --patroni.",
            Self::File(_) => "Use files in PEM format that you can read; the key must not be readable by anyone else.",
            Self::NoAddress | Self::Unreachable { .. } => {
                "Check that Patroni is running, and compare the address with restapi.connect_address in its \
                 configuration file. Any member of the cluster can be used."
            }
            Self::BrokenOff { .. } | Self::Failed { .. } | Self::TimedOut { .. } => {
                "Its DCS might be down: check with \"patronictl list\", try another member, or increase \
                 --patroni-timeout."
            }
            Self::Tls { .. } => {
                "Pass the authority of Patroni's certificate with --patroni-cacert and, if restapi.verify_client \
                 requires one, a client certificate with --patroni-cert and --patroni-key."
            }
            Self::Unauthorized { had_credentials: true, .. } => {
                "Compare --patroni-user and PGDBA_PATRONI_PASSWORD with restapi.authentication in Patroni's \
                 configuration file."
            }
            Self::Unauthorized { .. } => {
                "Pass the user name with --patroni-user and the password in PGDBA_PATRONI_PASSWORD, as in \
                 restapi.authentication in Patroni's configuration file."
            }
            Self::Redirected { .. } => "Use the member's own address, not that of a proxy or load balancer.",
            Self::Status { status: 403, .. } => {
                "Check restapi.allowlist and restapi.verify_client in Patroni's configuration file: they restrict who \
                 can change the configuration, and from where."
            }
            Self::Status { status: 409, .. } => {
                "Someone else keeps changing the configuration, or Patroni could not write to its DCS. Check its log, \
                 then run the command again."
            }
            Self::Status { .. } => "Find the reason in Patroni's log on that member.",
            Self::TooLarge { .. } | Self::NotPatroni { .. } => {
                "Check that Patroni listens on that port; its default is 8008."
            }
            Self::NoLeader { .. } => {
                "Nothing was changed. Make sure that the DCS can be reached and the cluster has a leader, then run \
                 the command again."
            }
            Self::WrongCluster { .. } => {
                "Nothing was changed. Pass the address of a Patroni of the server's own cluster with --patroni."
            }
            Self::Refuses { .. } | Self::ChangedSince { .. } => {
                "Run the command again: the new plan shows the current value."
            }
            Self::OutcomeUnknown { .. } => "Check that Patroni and its DCS answer: patronictl list",
        }
    }
}
