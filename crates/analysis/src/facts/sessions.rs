//! Sessions, and how many the server allows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use pgdba_pg::{Millis, Ratio};
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::sections::Rows;
use super::settings::Settings;
use super::time;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

/// The processes of the server at the moment of collection.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// Every process that the role could see, except the collector's own.
    pub processes: Vec<PgStatActivity>,
    /// `max_connections` minus the slots reserved for superusers and privileged roles.
    pub slots: Option<i64>,
    /// What is hidden from the collecting role.
    pub hidden: Option<NotAssessed>,
    /// When they were collected, by the server's clock.
    pub moment: Option<Timestamp>,
}

/// How many of the connection slots are in use.
#[derive(Debug, Clone, Copy)]
pub struct SlotUse {
    /// Client sessions.
    pub clients: i64,
    /// Slots available to ordinary roles.
    pub slots: i64,
    /// Their ratio.
    pub ratio: Ratio,
}

/// First words of maintenance, which takes its time.
const MAINTENANCE: [&str; 10] =
    ["vacuum", "analyze", "create", "alter", "reindex", "cluster", "refresh", "copy", "call", "repack"];

/// Beginnings of the names of programs that read or write whole databases.
const PROGRAMS: [&str; 3] = ["pg_dump", "pg_restore", "pg_basebackup"];

/// Whether the statement of a session is maintenance, or the session that of a program that reads or writes whole databases.
#[must_use]
pub fn is_maintenance(process: &PgStatActivity) -> bool {
    let text = process.query.as_deref().unwrap_or_default();
    let first_word = |statement: &str| {
        let word = statement.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        word.to_ascii_lowercase()
    };
    // Of several statements in one text, what comes before the first that works.
    let verbs = text.split(';').map(first_word);
    let verb = verbs.into_iter().find(|verb| !matches!(verb.as_str(), "set" | "begin")).unwrap_or_default();
    let program = process.application_name.as_deref().unwrap_or_default();
    MAINTENANCE.contains(&verb.as_str()) || PROGRAMS.iter().any(|name| program.starts_with(name))
}

/// Whether VACUUM must keep rows for the transaction of a session.
#[must_use]
pub fn holds_horizon(process: &PgStatActivity) -> bool {
    process.backend_xid_age.is_some() || process.backend_xmin_age.is_some()
}

/// A session as the subject of a finding.
#[must_use]
pub fn subject(process: &PgStatActivity) -> Subject {
    Subject::named(SubjectKind::Session, &process.pid.to_string()).in_database(process.datname.as_deref())
}

/// The client sessions of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSessions {
    /// The role's name; empty where it is unknown.
    pub role: String,
    /// All of its sessions.
    pub all: i64,
    /// Those that are idle.
    pub idle: i64,
}

/// Whether a client at this address is on another host than the server.
#[must_use]
pub fn is_remote(address: &str) -> bool {
    let ip = address.parse::<IpAddr>();
    ip.is_ok_and(|ip| !ip.is_loopback())
}

impl Sessions {
    pub(super) fn new(read: Rows<PgStatActivity>, settings: &Settings, moment: Option<Timestamp>) -> Self {
        let reserved = |name: &str| settings.integer(name).unwrap_or(0);
        let reserved = reserved("superuser_reserved_connections").saturating_add(reserved("reserved_connections"));
        let slots = settings.integer("max_connections").map(|all| all.saturating_sub(reserved));
        Self { processes: read.rows, slots, hidden: read.limited, moment }
    }

    /// Client backends: what `max_connections` counts. Background workers have slots of their own.
    pub fn clients(&self) -> impl Iterator<Item = &PgStatActivity> {
        self.processes.iter().filter(|process| process.backend_type.as_deref() == Some("client backend"))
    }

    /// How long ago `then` was, which the server dated.
    #[must_use]
    pub fn age(&self, then: Option<Timestamp>) -> Option<Millis> {
        self.moment.zip(then).map(|(now, then)| time::since(now, then))
    }

    /// The client sessions that are idle in a transaction, aborted or not, and for how long.
    pub fn idle_in_transaction(&self) -> impl Iterator<Item = (&PgStatActivity, Millis)> {
        let is_idle = |client: &&PgStatActivity| {
            client.state.as_deref().is_some_and(|state| state.starts_with("idle in transaction"))
        };
        self.clients().filter(is_idle).filter_map(|client| Some((client, self.age(client.state_change)?)))
    }

    /// How many of the connection slots are in use.
    ///
    /// # Errors
    /// Their number is unknown.
    pub fn slot_use(&self) -> Checked<SlotUse> {
        let clients = i64::try_from(self.clients().count()).unwrap_or(i64::MAX);
        let slot_use = || Some(SlotUse { clients, slots: self.slots?, ratio: Ratio::of(clients, self.slots?)? });
        slot_use().ok_or_else(|| NotAssessed::because("pg_settings does not show max_connections"))
    }

    /// The client sessions of each role; most sessions first.
    #[must_use]
    pub fn by_role(&self) -> Vec<RoleSessions> {
        let mut roles = BTreeMap::<&str, RoleSessions>::new();
        for client in self.clients() {
            let name = client.usename.as_deref().unwrap_or_default();
            let new = || RoleSessions { role: name.to_owned(), all: 0, idle: 0 };
            let role = roles.entry(name).or_insert_with(new);
            role.all += 1;
            role.idle += i64::from(client.state.as_deref() == Some("idle"));
        }
        let mut roles: Vec<RoleSessions> = roles.into_values().collect();
        roles.sort_by_key(|role| Reverse(role.all));
        roles
    }
}
