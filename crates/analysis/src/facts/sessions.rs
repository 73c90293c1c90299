//! Sessions, and how many the server lets in.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::settings::Settings;

/// The processes of the server at the moment of collection.
#[derive(Debug)]
pub struct Sessions {
    /// Every process but the collector's own.
    pub processes: Vec<PgStatActivity>,
    /// `max_connections` less the slots kept for superusers and reserved roles.
    pub slots: Option<i64>,
}

impl Sessions {
    pub(super) fn from_rows(processes: Vec<PgStatActivity>, settings: &Settings) -> Self {
        let kept = |name: &str| settings.integer(name).unwrap_or(0);
        let reserved = kept("superuser_reserved_connections").saturating_add(kept("reserved_connections"));
        let slots = settings.integer("max_connections").map(|all| all.saturating_sub(reserved));
        Self { processes, slots }
    }

    /// Client backends: what `max_connections` counts. Background workers have slots of their own.
    pub fn clients(&self) -> impl Iterator<Item = &PgStatActivity> {
        self.processes.iter().filter(|process| process.backend_type.as_deref() == Some("client backend"))
    }
}
