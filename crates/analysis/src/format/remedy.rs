//! What to do about a finding.

use schemars::JsonSchema;
use serde::Serialize;

use super::block::Code;

/// The effort of a remedy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// A reload of the configuration; nothing is interrupted.
    Reload,
    /// A restart of the server.
    Restart,
    /// Statements while the server keeps running.
    #[default]
    Online,
    /// A project that has to be planned.
    Project,
}

impl Effort {
    /// The words that every output format uses.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::Online => "online",
            Self::Project => "project",
        }
    }
}

/// What to do about a finding, on this server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Remedy {
    /// What to do, in a few sentences.
    pub text: String,
    /// Statements or commands that can be pasted. Those for a single subject are in the subject, and are run after these.
    pub script: Option<Code>,
    /// Its effort.
    pub effort: Effort,
    /// The locks and load that it causes while it runs.
    pub impact: Option<String>,
    /// Statements or commands that undo it. Those for a single subject are in the subject.
    pub undo: Option<Code>,
    /// How to undo it, if the statements are not known in advance.
    pub undo_text: Option<String>,
    /// The parameter that it sets, if it sets one.
    pub sets: Option<ParameterValue>,
}

/// A parameter and a value for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ParameterValue {
    /// The parameter's name.
    pub parameter: String,
    /// The value as `ALTER SYSTEM SET` takes it, such as `64MB`.
    pub value: String,
}
