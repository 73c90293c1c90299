//! When a change of a parameter takes effect.

use schemars::JsonSchema;
use serde::Serialize;

/// When a change of a parameter takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakesEffect {
    /// When the server is restarted.
    Restart,
    /// When the configuration is reloaded.
    Reload,
    /// In sessions that begin after a reload.
    NewSession,
    /// Immediately in a session that sets it, in other sessions after a reload.
    Session,
    /// It cannot be changed.
    Never,
    /// pgdba does not know.
    Unknown,
}

impl TakesEffect {
    /// Of a parameter of this `pg_settings.context`.
    #[must_use]
    pub fn of(context: Option<&str>) -> Self {
        match context {
            Some("postmaster") => Self::Restart,
            Some("sighup") => Self::Reload,
            Some("superuser-backend" | "backend") => Self::NewSession,
            Some("superuser" | "user") => Self::Session,
            Some("internal") => Self::Never,
            _ => Self::Unknown,
        }
    }

    /// What brings a change into force, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Reload => "reload",
            Self::NewSession => "new session",
            Self::Session => "session",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }

    /// When a change takes effect, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Restart => "at a restart",
            Self::Reload => "at a reload",
            Self::NewSession => "in new sessions",
            Self::Session => "immediately, per session",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }
}
