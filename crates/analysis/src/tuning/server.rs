//! What decides which values a server takes.

use pgdba_pg::ServerVersion;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::facts::Facts;
use crate::facts::settings::Configured;
use crate::facts::surroundings::Surroundings;
use crate::facts::wal_consumers::WalConsumers;
use crate::format::Checked;

/// A server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server<'a> {
    pub(super) version: ServerVersion,
    pub(super) configured: &'a Configured,
    pub(super) surroundings: &'a Surroundings,
    pub(super) consumers: &'a WalConsumers,
}

impl<'a> Server<'a> {
    /// # Errors
    /// The version or the settings are unknown.
    pub(super) fn of(facts: &'a Facts<'_>) -> Checked<Self> {
        Ok(Self {
            version: facts.version()?,
            configured: facts.configured()?,
            surroundings: facts.surroundings()?,
            consumers: facts.wal_consumers()?,
        })
    }

    /// Whether an enum of this server takes the word; none where that is unknown.
    pub(super) fn takes(&self, setting: &PgSetting, word: &str) -> Option<bool> {
        Some(setting.enumvals.as_ref()?.iter().any(|value| value == word))
    }

    /// Whether standbys or other receivers of WAL are connected.
    pub(super) fn has_receivers(&self) -> bool {
        self.consumers.receivers.is_some_and(|receivers| receivers > 0)
    }

    /// Slots reserved for superusers and privileged roles.
    pub(super) fn reserved_connections(&self) -> i64 {
        let reserved = |name: &str| self.configured.integer(name).unwrap_or(0).max(0);
        reserved("superuser_reserved_connections").saturating_add(reserved("reserved_connections"))
    }

    /// The least `max_connections` for so many sessions: a quarter more than now, and what is reserved.
    pub(super) fn least_connections(&self, sessions: Option<i64>) -> Option<i64> {
        let sessions = sessions?;
        let with_reserve = sessions.saturating_add(sessions / 4).saturating_add(1);
        Some(with_reserve.saturating_add(self.reserved_connections()).max(LEAST_CONNECTIONS))
    }
}

/// Below this, a server has hardly a connection left for its administrator.
const LEAST_CONNECTIONS: i64 = 10;
