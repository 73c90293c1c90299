//! The ChangeSet: what is changed on one server, and all that is needed to put it back.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::patroni::Override;

/// The value of the member `format` in every ChangeSet.
pub const FORMAT: &str = "pgdba.change_set";

/// The newest `format_version` this build reads and the one it writes.
pub const FORMAT_VERSION: i64 = 1;

/// Parameters of one server that are changed together, or not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeSet {
    /// Always `pgdba.change_set`.
    pub format: String,
    /// The version of this format.
    pub format_version: i64,
    /// UUID, version 7.
    pub id: String,
    /// The digest that names the server, as in a DiagSnapshot's identity.
    pub fingerprint: String,
    /// The server's `server_version_num`.
    pub server_version_num: i64,
    /// The author of the change.
    pub author: Author,
    /// The cluster's system identifier, where the role can read it (PostgreSQL 13 and newer).
    pub system_identifier: Option<String>,
    /// The server's data directory, if the role can see `data_directory`.
    pub data_directory: Option<String>,
    /// The address of the server, as the server reports it; null for a Unix-domain socket.
    pub address: Option<String>,
    /// The port of the server.
    pub port: Option<i64>,
    /// How the change reaches the server.
    pub via: Via,
    /// Whether a refusal was overridden with `--force`.
    #[serde(default)]
    pub forced: bool,
    /// The parameters.
    pub parameters: Vec<Change>,
    /// What the whole file was before.
    pub former_file: FormerFile,
    /// When it was planned.
    #[schemars(with = "String")]
    pub created_at: Timestamp,
    /// When the last new value was seen in force.
    #[schemars(with = "Option<String>")]
    pub applied_at: Option<Timestamp>,
    /// When the former values were seen in force again.
    #[schemars(with = "Option<String>")]
    pub rolled_back_at: Option<Timestamp>,
    /// When the server was started, as of the change: after the next start, parameters that required a restart are in
    /// force.
    #[schemars(with = "Option<String>")]
    pub server_started_at: Option<Timestamp>,
    /// The file next to this one with the configuration before the change, a DiagSnapshot.
    pub pre_snapshot: Option<String>,
    /// The result of the precheck.
    pub dry_run_result: DryRun,
    /// Patroni's dynamic configuration before the change, if it was changed.
    #[serde(default)]
    pub former_dcs: Option<FormerDcs>,
}

/// The author of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// The operating system user that ran pgdba; null if it does not have a name.
    pub user: Option<String>,
    /// The machine that pgdba runs on.
    pub host: String,
    /// The database role.
    pub role: String,
}

/// How a change reaches the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// `ALTER SYSTEM`, on one server.
    #[default]
    AlterSystem,
    /// Patroni's dynamic configuration, for all members of its cluster.
    Patroni,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Its name, as the server spells it.
    pub name: String,
    /// The server's value before the change, with its unit: that of a session without settings of its own; null if the
    /// role cannot see it.
    pub old_value: Option<String>,
    /// The file and line that set the value, such as `postgresql.conf:42`; null if it is not set in a file.
    pub old_place: Option<String>,
    /// For a parameter that is reset: the value that will apply.
    pub after_reset: Option<PlacedValue>,
    /// The new value; null to reset the parameter to the value in the other files or the server's default.
    pub new_value: Option<String>,
    /// When a new value takes effect: `sighup` at a reload, `postmaster` at a restart, ….
    pub context: String,
    /// Whether the new value requires a restart.
    pub needs_restart: bool,
    /// Whether the role can change it.
    pub permission: Permission,
    /// How Patroni's configuration affects it.
    pub patroni_override: Override,
    /// The former state in `postgresql.auto.conf`.
    pub former: Former,
    /// The plan for it.
    pub outcome: Outcome,
    /// Files, roles and databases that override this change, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A value and the place it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlacedValue {
    /// The value; null if the server computes it when it loads the files.
    pub value: Option<String>,
    /// The file and line that set it; null for the server's default.
    pub place: Option<String>,
}

/// Whether a role can change a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permission {
    /// Whether it can.
    pub allowed: bool,
    /// The reason.
    pub reason: String,
    /// The minimum privilege required.
    pub min_role: String,
}

/// The former state of a parameter where it is changed: in `postgresql.auto.conf` or in Patroni's dynamic
/// configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Former {
    /// The parameter was not set there: a rollback resets it.
    Absent,
    /// This text, unquoted. A rollback restores it byte for byte.
    Line {
        /// The text.
        text: String,
    },
    /// The role could not read the file; according to the server's settings the parameter was not set there.
    AssumedAbsent,
    /// The role could not read the file; according to the server's settings it set this value, in an unknown notation.
    Value {
        /// The value, in the parameter's own unit.
        setting: String,
    },
    /// This value in Patroni's dynamic configuration, as PostgreSQL reads it; null if it was not set.
    Dynamic {
        /// The value.
        value: Option<String>,
    },
}

impl Former {
    /// Whether there was nothing, as far as is known.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.value().is_none()
    }

    /// The value, in whatever spelling is known; none where the parameter was not set there.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Absent | Self::AssumedAbsent => None,
            Self::Line { text } => Some(text),
            Self::Value { setting } => Some(setting),
            Self::Dynamic { value } => value.as_deref(),
        }
    }
}

/// The plan for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is set, and in force after a reload.
    Applies,
    /// It is set, and in force after a restart.
    WaitsForRestart,
    /// It already has the requested value: nothing is done.
    Unchanged,
    /// It is refused.
    Refused,
}

impl Outcome {
    /// Whether something is done for it.
    #[must_use]
    pub fn is_step(self) -> bool {
        matches!(self, Self::Applies | Self::WaitsForRestart)
    }
}

/// `postgresql.auto.conf` before the change, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormerFile {
    /// The names in it, in order; null if the role could not read it.
    pub names: Option<Vec<String>>,
    /// What the next rewrite of the file by the server permanently loses, one clause each: comments, duplicate lines,
    /// notations.
    pub lost: Vec<String>,
}

/// Patroni's dynamic configuration before the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FormerDcs {
    /// The URL of the Patroni that was queried.
    pub url: String,
    /// The change, the former values, and the leader.
    pub plan: crate::patroni::DcsPlan,
}

/// The result of the precheck.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DryRun {
    /// Parameters that apply at a reload.
    pub applies: u32,
    /// Parameters that require a restart.
    pub waits_for_restart: u32,
    /// Parameters that already have the requested value.
    pub unchanged: u32,
    /// Parameters that are refused.
    pub refused: u32,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
    /// What else the reload brings into force, one sentence each.
    #[serde(default)]
    pub reload: Vec<String>,
}

impl ChangeSet {
    /// The parameters for which something is done, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Change> {
        self.parameters.iter().filter(|change| change.outcome.is_step())
    }

    /// The number of steps of the machine: one a parameter, or one for all through Patroni.
    #[must_use]
    pub fn step_count(&self) -> u32 {
        let parameters = u32::try_from(self.steps().count()).unwrap_or(u32::MAX);
        match self.via {
            Via::AlterSystem => parameters,
            Via::Patroni => parameters.min(1),
        }
    }

    /// The names that wait for a restart.
    #[must_use]
    pub fn waiting_for_restart(&self) -> Vec<&str> {
        let waiting = self.parameters.iter().filter(|change| change.outcome == Outcome::WaitsForRestart);
        waiting.map(|change| change.name.as_str()).collect()
    }
}

/// The schema of the ChangeSet.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ChangeSet).to_value()
}
