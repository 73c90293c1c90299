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
    /// Who makes the change.
    pub author: Author,
    /// The cluster's system identifier, where the role can read it (PostgreSQL 13 and newer).
    pub system_identifier: Option<String>,
    /// The server's data directory, where the role can see `data_directory`.
    pub data_directory: Option<String>,
    /// The address at which the server was reached, as it sees it; null over a Unix socket.
    pub address: Option<String>,
    /// The port that the server listens on.
    pub port: Option<i64>,
    /// Which way the change takes.
    pub via: Via,
    /// Whether the user insisted although something spoke against it.
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
    /// When the former state was seen in force again.
    #[schemars(with = "Option<String>")]
    pub rolled_back_at: Option<Timestamp>,
    /// When the server had started, as it was changed: what needed a restart is in force once this differs.
    #[schemars(with = "Option<String>")]
    pub server_started_at: Option<Timestamp>,
    /// The file beside this one that holds the configuration from before, a DiagSnapshot.
    pub pre_snapshot: Option<String>,
    /// What the precheck said of the whole.
    pub dry_run_result: DryRun,
    /// What Patroni's configuration was before, where it was changed.
    #[serde(default)]
    pub former_dcs: Option<FormerDcs>,
}

/// Who makes a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// The operating system's user that runs pgdba; null where it has no name.
    pub user: Option<String>,
    /// The machine that pgdba runs on.
    pub host: String,
    /// The role on the server.
    pub role: String,
}

/// Which way a change takes to the server.
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
    /// The server's value before, with its unit: what a session has that sets nothing itself; null where the role cannot see it.
    pub old_value: Option<String>,
    /// The file and line that the value comes from, such as `postgresql.conf:42`; null where it comes from no file.
    pub old_place: Option<String>,
    /// Of a parameter that is reset: the value that applies then.
    pub after_reset: Option<PlacedValue>,
    /// The value that is wanted; null to take the setting back to what the files or the server itself say.
    pub new_value: Option<String>,
    /// When the server takes a new value: `sighup` at a reload, `postmaster` at a restart, and so on.
    pub context: String,
    /// Whether the new value waits for a restart.
    pub needs_restart: bool,
    /// Whether the role may change it.
    pub permission: Permission,
    /// What Patroni holds of it.
    pub patroni_override: Override,
    /// What stood in `postgresql.auto.conf`.
    pub former: Former,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The file, role or database that decides in place of this change, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A value and the place it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlacedValue {
    /// The value; null where the server works it out when it loads the files.
    pub value: Option<String>,
    /// The file and line that it comes from; null for the server's own default.
    pub place: Option<String>,
}

/// Whether a role may change a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permission {
    /// Whether it may.
    pub allowed: bool,
    /// Why, or why not.
    pub reason: String,
    /// The least that is needed.
    pub min_role: String,
}

/// What stood in the place that is changed, `postgresql.auto.conf` or Patroni's dynamic configuration, of a parameter before it was
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Former {
    /// Nothing: it is put back by RESET.
    Absent,
    /// This text, unquoted. It is put back word for word.
    Line {
        /// The text.
        text: String,
    },
    /// The role could not read the file; nothing stood there as far as the server's settings tell.
    AssumedAbsent,
    /// The role could not read the file; this value, which the server said comes from there, stood there in some
    /// spelling.
    Value {
        /// The value, in the parameter's own unit.
        setting: String,
    },
    /// This value in Patroni's dynamic configuration, as PostgreSQL reads it; none where it held none.
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

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is set and in force after a reload.
    Applies,
    /// It is set and in force after a restart.
    WaitsForRestart,
    /// It has the wanted value already: nothing is done.
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
    /// The names in it, in order; null where the role could not read it.
    pub names: Option<Vec<String>>,
    /// What the server's next rewrite of the file drops for good, one clause each: comments, duplicate lines, spellings.
    pub lost: Vec<String>,
}

/// Patroni's dynamic configuration before the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FormerDcs {
    /// The URL that was asked.
    pub url: String,
    /// What is changed, what was there before, and who led.
    pub plan: crate::patroni::DcsPlan,
}

/// What the precheck said of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DryRun {
    /// Parameters that apply at a reload.
    pub applies: u32,
    /// Parameters that wait for a restart.
    pub waits_for_restart: u32,
    /// Parameters that have the wanted value already.
    pub unchanged: u32,
    /// Parameters that are refused.
    pub refused: u32,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
    /// What the reload brings into force besides the change, one sentence each.
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
