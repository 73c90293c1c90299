//! Sessions, and how many the server allows.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::sections::Rows;
use super::settings::Settings;
use crate::format::NotAssessed;

/// The processes of the server at the moment of collection.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// Every process that the role could see, except the collector's own.
    pub processes: Vec<PgStatActivity>,
    /// `max_connections` minus the slots reserved for superusers and privileged roles.
    pub slots: Option<i64>,
    /// What is hidden from the collecting role.
    pub hidden: Option<NotAssessed>,
}

impl Sessions {
    pub(super) fn new(read: Rows<PgStatActivity>, settings: &Settings) -> Self {
        let reserved = |name: &str| settings.integer(name).unwrap_or(0);
        let reserved = reserved("superuser_reserved_connections").saturating_add(reserved("reserved_connections"));
        let slots = settings.integer("max_connections").map(|all| all.saturating_sub(reserved));
        Self { processes: read.rows, slots, hidden: read.limited }
    }

    /// Client backends: what `max_connections` counts. Background workers have slots of their own.
    pub fn clients(&self) -> impl Iterator<Item = &PgStatActivity> {
        self.processes.iter().filter(|process| process.backend_type.as_deref() == Some("client backend"))
    }
}
