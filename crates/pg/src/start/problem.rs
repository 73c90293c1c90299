//! What keeps a server from starting.

use std::fmt;

/// One reason why a server would not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The parameters that cause it, by name.
    pub parameters: Vec<String>,
    /// Whether it is certain.
    pub certainty: Certainty,
}

/// Whether a start is known to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certainty {
    /// It fails, for this reason.
    Certain(String),
    /// It fails unless this holds, which could not be found out.
    Unless(String),
}

impl Problem {
    pub(super) fn certain(parameters: &[&str], reason: String) -> Self {
        Self { parameters: owned(parameters), certainty: Certainty::Certain(reason) }
    }

    pub(super) fn unless(parameters: &[&str], condition: String) -> Self {
        Self { parameters: owned(parameters), certainty: Certainty::Unless(condition) }
    }

    /// Whether the start is known to fail.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        matches!(self.certainty, Certainty::Certain(_))
    }
}

fn owned(parameters: &[&str]) -> Vec<String> {
    parameters.iter().map(|&name| name.to_owned()).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.certainty {
            Certainty::Certain(reason) => write!(f, "the server would not start: {reason}"),
            Certainty::Unless(condition) => write!(f, "the server will not start unless {condition}"),
        }
    }
}
