//! What to do about a finding.

use schemars::JsonSchema;
use serde::Serialize;

use super::block::Code;

/// What carrying out a remedy takes.
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
    /// The words every face uses.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::Online => "online",
            Self::Project => "to be planned",
        }
    }
}

/// What to do about a finding, worded for the place where it has to be done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Remedy {
    /// What to do, in a few sentences.
    pub text: String,
    /// Statements or commands that can be pasted. Those that concern one subject each are with the subjects.
    pub script: Option<Code>,
    /// What it takes.
    pub effort: Effort,
    /// What it locks or loads while it runs.
    pub impact: Option<String>,
    /// Statements or commands that undo it.
    pub undo: Option<Code>,
    /// How to undo it, where no statement known beforehand does.
    pub undo_text: Option<String>,
    /// The parameter that it sets, where that is what it does.
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
