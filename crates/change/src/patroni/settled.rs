//! Whether a change of the dynamic configuration has reached every member.

use std::collections::BTreeMap;
use std::time::Duration;

use pgdba_pg::parameter::Source;
use serde::Serialize;
use serde_json::Value;

use super::{Dcs, Members, Node, as_postgresql_reads};

/// How long after a round of a member's loop with a new configuration its server shows it, or Patroni says that it waits for a
/// restart: Patroni writes the file, reloads, and looks one second later.
pub const TAKEN_WITHIN: Duration = Duration::from_secs(4);

/// What a change wants of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The new value in the dynamic configuration; null to remove it.
    pub value: Option<Value>,
    /// Whether it requires a restart (`pg_settings.context` is `postmaster`).
    pub needs_restart: bool,
}

impl Wanted {
    /// Whether the dynamic configuration says so.
    #[must_use]
    pub fn is_in(&self, dcs: &Dcs) -> bool {
        dcs.parameter(&self.name) == self.value.as_ref().and_then(as_postgresql_reads)
    }
}

/// What a member's own server shows of a parameter, from its `pg_settings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is the value that is wanted; where none is, whether it is none of Patroni's any more.
    pub is_wanted: bool,
    /// The value in words.
    pub value: String,
    /// `pg_settings.source`.
    pub source: Option<Source>,
    /// `pg_settings.sourcefile`, where it may be seen.
    pub sourcefile: Option<String>,
    /// `pg_settings.pending_restart`.
    pub pending_restart: bool,
}

/// What is known of one member at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// What it says itself: `GET /patroni` at its own address.
    pub node: Option<Node>,
    /// Why it says nothing.
    pub silence: Option<String>,
    /// For how long its Patroni is known to hold all that is wanted; none where it does not yet.
    pub held: Option<Duration>,
    /// What its server shows, by parameter; empty where there is no connection to it.
    pub shown: BTreeMap<String, Shown>,
    /// The last value that it was seen with, by parameter.
    pub served: BTreeMap<String, String>,
}

/// Where the value comes from that a server shows in place of the one that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whence {
    /// An `ALTER SYSTEM` on this member hides the cluster's value.
    AutoConf,
    /// Patroni passes another value on the command line: the one that is wanted is not good enough for it.
    CommandLine,
    /// It stands in the file that Patroni writes: this member's own `postgresql.parameters` hide the cluster's.
    LocalFile,
    /// PostgreSQL's default: Patroni has dropped the value, as it does with one that PostgreSQL would not read.
    Default,
    /// A setting of the database, the role or the session that looked.
    Session,
}

impl Whence {
    fn of(shown: &Shown) -> Self {
        let is_in = |name: &str| shown.sourcefile.as_deref().is_some_and(|file| file.ends_with(name));
        match shown.source {
            Some(Source::CommandLine) => Self::CommandLine,
            Some(Source::Default | Source::EnvironmentVariable | Source::Override) => Self::Default,
            Some(Source::ConfigurationFile) if is_in("postgresql.auto.conf") => Self::AutoConf,
            Some(Source::ConfigurationFile) => Self::LocalFile,
            Some(
                Source::Global
                | Source::Database
                | Source::User
                | Source::DatabaseUser
                | Source::Client
                | Source::Interactive
                | Source::Test
                | Source::Session,
            )
            | None => Self::Session,
        }
    }

    /// What it means, after "shows … ".
    #[must_use]
    pub fn because(self) -> &'static str {
        match self {
            Self::AutoConf => {
                "an ALTER SYSTEM on this member overrides the dynamic configuration; remove it with ALTER SYSTEM RESET"
            }
            Self::CommandLine => "Patroni passes this value on the command line and has not accepted the new one",
            Self::LocalFile => {
                "postgresql.parameters in this member's Patroni configuration file override the dynamic \
                 configuration, or its postgresql.conf was not rewritten"
            }
            Self::Default => "it is PostgreSQL's default, so Patroni has dropped the new value as invalid; see its log",
            Self::Session => "a setting of the database, the role or the session overrides it in pgdba's session",
        }
    }
}

/// How one parameter stands on one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "sign")]
pub enum Sign {
    /// Its server shows it.
    InForce,
    /// It waits for a restart, as the server itself or its Patroni says.
    PendingRestart,
    /// Its Patroni holds it and waits for no restart; its server could not be asked.
    HeldByPatroni,
    /// Its Patroni has had time enough, and the server shows something else.
    NotTaken {
        /// What it shows.
        value: String,
        /// Where that comes from.
        whence: Whence,
    },
    /// It does not answer, or the DCS does not list it any more.
    Silent {
        /// What is known of it.
        why: String,
    },
    /// Not yet.
    Waiting {
        /// What for.
        why: String,
    },
}

/// A parameter on a member that is not as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsettled {
    /// The member.
    pub member: String,
    /// The parameter.
    pub parameter: String,
    /// One clause: what is waited for, or why it will not come.
    pub why: String,
}

/// How far a change has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Members whose own servers were asked.
    pub by_server: Vec<String>,
    /// Members of which only Patroni's word is known: that it holds the configuration, and whether it waits for a restart.
    pub by_patroni: Vec<String>,
    /// Members and parameters that wait for a restart.
    pub pending_restart: Vec<(String, String)>,
    /// Members that do not answer: they may or may not have taken it.
    pub unconfirmed: Vec<Unsettled>,
    /// What is not there yet.
    pub waiting: Vec<Unsettled>,
    /// What will not come by waiting.
    pub not_taken: Vec<Unsettled>,
}

impl Settled {
    /// Whether every member has taken everything.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() && self.not_taken.is_empty() && self.unconfirmed.is_empty()
    }

    /// Whether more time can change anything.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.waiting.is_empty() && self.unconfirmed.is_empty()
    }

    /// The members that do not answer, each once.
    #[must_use]
    pub fn unconfirmed_members(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.unconfirmed.iter().map(|one| one.member.as_str()).collect();
        names.dedup();
        names
    }

    /// Whether not a single member answers.
    #[must_use]
    pub fn is_unconfirmed(&self) -> bool {
        let unconfirmed = self.unconfirmed_members();
        !unconfirmed.is_empty()
            && self.by_server.iter().chain(&self.by_patroni).all(|name| unconfirmed.contains(&name.as_str()))
    }

    fn add(&mut self, member: &str, parameter: &str, sign: Sign) {
        let unsettled = |why| Unsettled { member: member.to_owned(), parameter: parameter.to_owned(), why };
        match sign {
            Sign::InForce | Sign::HeldByPatroni => (),
            Sign::PendingRestart => self.pending_restart.push((member.to_owned(), parameter.to_owned())),
            Sign::Waiting { why } => self.waiting.push(unsettled(why)),
            Sign::Silent { why } => self.unconfirmed.push(unsettled(why)),
            Sign::NotTaken { value, whence } => {
                self.not_taken.push(unsettled(format!("shows {value}: {}", whence.because())));
            }
        }
    }
}

/// How far a change has come, from what is known of each member (by name). A member of which nothing is known is waited for.
///
/// `enough` is how long a member's Patroni must hold the configuration until its silence on a restart is taken for its last word:
/// [`TAKEN_WITHIN`] and one round of its loop. A server that shows something else is given twice as long, because a change is
/// taken back for it, and a busy machine is no reason to.
#[must_use]
pub fn settled(
    members: &Members,
    evidence: &BTreeMap<String, Evidence>,
    wanted: &[Wanted],
    enough: Duration,
) -> Settled {
    let nothing = Evidence::default();
    let mut result = Settled::default();
    if members.members.is_empty() {
        let why = "the cluster has no members".to_owned();
        result.waiting.push(Unsettled { member: String::new(), parameter: String::new(), why });
    }
    for member in &members.members {
        let known = evidence.get(&member.name).unwrap_or(&nothing);
        let list = if known.shown.is_empty() { &mut result.by_patroni } else { &mut result.by_server };
        list.push(member.name.clone());
        for wanted in wanted {
            result.add(&member.name, &wanted.name, sign(known, wanted, enough));
        }
    }
    result
}

/// How one parameter stands on one member.
fn sign(known: &Evidence, wanted: &Wanted, enough: Duration) -> Sign {
    let waiting = |why: &str| Sign::Waiting { why: why.to_owned() };
    let silent = || {
        let why = known.silence.as_deref().unwrap_or("it has not been queried yet");
        let last = known
            .served
            .get(&wanted.name)
            .map_or_else(String::new, |value| format!("; its last known value is {value}"));
        Sign::Silent { why: format!("{why}{last}") }
    };
    let has_had_time = known.held.is_some_and(|held| held >= enough);
    let is_given_up = known.held.is_some_and(|held| held >= enough * 2);
    if let Some(shown) = known.shown.get(&wanted.name) {
        return match shown {
            Shown { pending_restart: true, .. } => Sign::PendingRestart,
            // What its Patroni does not hold yet may be what was there before.
            Shown { is_wanted: true, .. } if known.held.is_some() => Sign::InForce,
            shown if is_given_up => Sign::NotTaken { value: shown.value.clone(), whence: Whence::of(shown) },
            _ if known.node.is_none() => silent(),
            _ if known.held.is_none() => waiting("its Patroni does not have it yet"),
            shown => Sign::Waiting { why: format!("its server still shows {}", shown.value) },
        };
    }
    let Some(node) = &known.node else { return silent() };
    if known.held.is_none() {
        return waiting("its Patroni does not have it yet");
    }
    match node.waits_for_restart(&wanted.name) {
        Some(true) => Sign::PendingRestart,
        None if wanted.needs_restart => Sign::PendingRestart,
        _ if !has_had_time => waiting("its Patroni has only just received it"),
        _ if node.state.as_deref() != Some("running") => waiting("its PostgreSQL is not running"),
        _ => Sign::HeldByPatroni,
    }
}

#[cfg(test)]
mod tests;
