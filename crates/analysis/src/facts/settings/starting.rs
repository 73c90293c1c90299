//! Whether the server starts with the values that wait for it.

use std::collections::BTreeSet;

use pgdba_pg::ServerVersion;
use pgdba_pg::parameter::Source;
use pgdba_pg::start::shared_memory::WORKED_OUT;
use pgdba_pg::start::{self, Host, Problem, Slot, Start};
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_replication_slots::PgReplicationSlot;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use pgdba_snapshot::sections::system::System;

use super::{Configured, Settings, Waiting};

/// What a snapshot tells of a server's state that decides whether it starts; what it does not tell stays unknown.
#[must_use]
pub(in crate::facts) fn host(
    slots: Option<Vec<PgReplicationSlot>>,
    prepared: Option<&[PgPreparedXact]>,
    system: Option<&System>,
) -> Host {
    let lasting = |slots: Vec<PgReplicationSlot>| {
        let lasting = slots.into_iter().filter(|slot| slot.temporary != Some(true));
        lasting.map(|slot| Slot { is_logical: slot.slot_type.as_deref() == Some("logical"), name: slot.slot_name })
    };
    Host {
        slots: slots.map(|slots| lasting(slots).collect()),
        prepared_transactions: prepared.and_then(|rows| i64::try_from(rows.len()).ok()),
        in_recovery: system.and_then(|system| system.is_in_recovery),
        ..Host::default()
    }
}

impl Configured {
    /// What keeps the server from starting, or might, with the values that wait for a restart or a reload.
    #[must_use]
    pub(super) fn start_problems(&self, host: &Host) -> Vec<Problem> {
        let running = self.in_force();
        let mut settings = running.clone();
        let mut changed = BTreeSet::new();
        for setting in self.iter() {
            let next = match self.waiting(setting) {
                Waiting::Nothing | Waiting::Forgotten => continue,
                Waiting::Reload(next) => Some(next),
                Waiting::Restart(next) => next,
            };
            changed.insert(setting.name.to_ascii_lowercase());
            match next.filter(|_| self.is_readable(setting)) {
                Some(next) => settings.insert(&setting.name, &self.kind(setting), &next),
                None => settings.forget(&setting.name),
            }
        }
        Start { settings: &settings, running: Some(&running), changed: &changed }.problems(host)
    }

    /// The settings with which the server runs.
    fn in_force(&self) -> start::Settings {
        let mut settings = start::Settings::new(ServerVersion::from_major(self.major));
        for setting in self.iter().filter(|setting| self.is_readable(setting)) {
            let is_default = matches!(Settings::source(setting), Some(Source::Default | Source::Override));
            let is_worked_out = is_default && WORKED_OUT.contains(&setting.name.as_str());
            let text = if is_worked_out { &setting.boot_val } else { &setting.setting };
            if let Some(text) = text {
                settings.insert(&setting.name, &self.kind(setting), text);
            }
        }
        settings
    }

    /// A text of a redacted snapshot is a token: neither a path nor a library.
    fn is_readable(&self, setting: &PgSetting) -> bool {
        !self.is_redacted || setting.vartype.as_deref() != Some("string")
    }
}
