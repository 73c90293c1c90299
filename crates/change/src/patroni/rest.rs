//! What Patroni's REST interface says of a member and of the cluster.
//!
//! Read leniently: a member that is missing, or of another type than expected, is none.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A member as it sees itself: `GET /patroni`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// `running`, `stopped`, `starting`, …
    #[serde(deserialize_with = "lenient")]
    pub state: Option<String>,
    /// What it is now.
    #[serde(deserialize_with = "lenient")]
    pub role: Option<Role>,
    /// PostgreSQL's version as a number, 150018.
    #[serde(deserialize_with = "lenient")]
    pub server_version: Option<i64>,
    /// The timeline that it writes or follows.
    #[serde(deserialize_with = "lenient")]
    pub timeline: Option<i64>,
    /// Whether a parameter waits for a restart.
    #[serde(deserialize_with = "lenient")]
    pub pending_restart: Option<bool>,
    /// Which ones (Patroni 4).
    #[serde(deserialize_with = "lenient")]
    pub pending_restart_reason: Option<BTreeMap<String, RestartReason>>,
    /// The cluster's system identifier.
    #[serde(deserialize_with = "lenient_text")]
    pub database_system_identifier: Option<String>,
    /// Patroni itself.
    #[serde(deserialize_with = "lenient")]
    pub patroni: Option<PatroniVersion>,
    /// When it last reached the DCS, in seconds since 1970.
    #[serde(deserialize_with = "lenient")]
    pub dcs_last_seen: Option<i64>,
    /// Whether the cluster is in maintenance mode: no failover, but configuration is taken all the same.
    #[serde(deserialize_with = "lenient")]
    pub pause: Option<bool>,
    /// That nobody holds the leader's lock, which is also what a member says whose DCS is out of reach.
    #[serde(deserialize_with = "lenient")]
    pub cluster_unlocked: Option<bool>,
}

impl Node {
    /// Whether this parameter waits for a restart here; none where Patroni only says that some parameter does.
    #[must_use]
    pub fn waits_for_restart(&self, parameter: &str) -> Option<bool> {
        match (self.pending_restart, &self.pending_restart_reason) {
            (Some(true), Some(reasons)) => Some(reasons.keys().any(|name| name.eq_ignore_ascii_case(parameter))),
            (Some(true), None) => None,
            _ => Some(false),
        }
    }

    /// Patroni's version, as far as it decides anything: 3 and 0 of 3.0.2.
    #[must_use]
    pub fn patroni_version(&self) -> Option<(u32, u32)> {
        let mut numbers = self.patroni.as_ref()?.version.as_ref()?.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

/// Of Patroni itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PatroniVersion {
    /// As `4.1.5`.
    #[serde(deserialize_with = "lenient")]
    pub version: Option<String>,
    /// The cluster's name.
    #[serde(deserialize_with = "lenient")]
    pub scope: Option<String>,
    /// The member's name (Patroni 4).
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
}

/// Why a member waits for a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RestartReason {
    /// What is in force.
    #[serde(deserialize_with = "lenient_text")]
    pub old_value: Option<String>,
    /// What will be in force.
    #[serde(deserialize_with = "lenient_text")]
    pub new_value: Option<String>,
}

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Role {
    /// It writes; Patroni 3 says "master", 4 "primary", and of the cluster both say "leader".
    Primary,
    /// It leads a cluster that follows another one.
    StandbyLeader,
    /// A standby that commits wait for.
    SyncStandby,
    /// A standby that belongs to the quorum that commits wait for.
    QuorumStandby,
    /// A standby.
    Replica,
    /// Anything else.
    Other(String),
}

impl From<String> for Role {
    fn from(word: String) -> Self {
        match word.as_str() {
            "master" | "primary" | "leader" | "promoted" => Self::Primary,
            "standby_leader" => Self::StandbyLeader,
            "sync_standby" => Self::SyncStandby,
            "quorum_standby" => Self::QuorumStandby,
            "replica" => Self::Replica,
            _ => Self::Other(word),
        }
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "primary",
            Self::StandbyLeader => "standby_leader",
            Self::SyncStandby => "sync_standby",
            Self::QuorumStandby => "quorum_standby",
            Self::Replica => "replica",
            Self::Other(word) => word,
        })
    }
}

/// The cluster: `GET /cluster`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Members {
    /// Each member, by name.
    #[serde(deserialize_with = "lenient_list")]
    pub members: Vec<Member>,
    /// Whether the cluster is in maintenance mode.
    #[serde(deserialize_with = "lenient")]
    pub pause: Option<bool>,
    /// A switchover that is still to come.
    #[serde(deserialize_with = "lenient")]
    pub scheduled_switchover: Option<ScheduledSwitchover>,
    /// The cluster's name (Patroni 4).
    #[serde(deserialize_with = "lenient")]
    pub scope: Option<String>,
}

impl Members {
    /// Who leads, if anybody does.
    #[must_use]
    pub fn leader(&self) -> Option<Leader> {
        let leads = |member: &&Member| matches!(member.role, Some(Role::Primary | Role::StandbyLeader));
        let leader = self.members.iter().find(leads)?;
        Some(Leader { name: leader.name.clone(), timeline: leader.timeline })
    }
}

/// A member as the DCS knows it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Member {
    /// Its name in the cluster.
    pub name: String,
    /// What it is.
    #[serde(default, deserialize_with = "lenient")]
    pub role: Option<Role>,
    /// `running`, `streaming`, `stopped`, …
    #[serde(default, deserialize_with = "lenient")]
    pub state: Option<String>,
    /// Where its PostgreSQL listens.
    #[serde(default, deserialize_with = "lenient")]
    pub host: Option<String>,
    /// On which port.
    #[serde(default, deserialize_with = "lenient")]
    pub port: Option<u16>,
    /// Where its own REST interface answers, with `/patroni` at the end.
    #[serde(default, deserialize_with = "lenient")]
    pub api_url: Option<String>,
    /// Its timeline.
    #[serde(default, deserialize_with = "lenient")]
    pub timeline: Option<i64>,
    /// Whether a parameter waits for a restart.
    #[serde(default, deserialize_with = "lenient")]
    pub pending_restart: Option<bool>,
    /// Bytes of WAL behind; none where that is unknown.
    #[serde(default, deserialize_with = "lenient")]
    pub lag: Option<i64>,
}

/// A switchover that is still to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ScheduledSwitchover {
    /// When, as Patroni writes times.
    #[serde(deserialize_with = "lenient")]
    pub at: Option<String>,
    /// Who gives up the lead.
    #[serde(deserialize_with = "lenient")]
    pub from: Option<String>,
    /// Who takes it.
    #[serde(deserialize_with = "lenient")]
    pub to: Option<String>,
}

/// The leader at the time of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leader {
    /// The member's name.
    pub name: String,
    /// Its timeline.
    pub timeline: Option<i64>,
}

impl Leader {
    /// One sentence on what became of the lead between `self` and `now`; none where nothing did.
    #[must_use]
    pub fn moved(&self, now: &Self) -> Option<String> {
        let (then, today) = (&self.name, &now.name);
        if then != today {
            return Some(format!("the leader was {then} when this change was applied, and is now {today}"));
        }
        match (self.timeline, now.timeline) {
            (Some(before), Some(after)) if before != after => Some(format!(
                "{then} is the leader, as when this change was applied, but on timeline {after} instead of {before}"
            )),
            _ => None,
        }
    }
}

fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(reader: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(reader)?).ok())
}

/// Text, or a number as text: a system identifier must not pass through a float.
fn lenient_text<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    Ok(super::as_postgresql_reads(&Value::deserialize(reader)?))
}

fn lenient_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(reader: D) -> Result<Vec<T>, D::Error> {
    let Value::Array(list) = Value::deserialize(reader)? else { return Ok(Vec::new()) };
    Ok(list.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect())
}

#[cfg(test)]
mod tests;
