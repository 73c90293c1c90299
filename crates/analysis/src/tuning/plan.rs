//! A server's settings as they are and as they will be.

use std::collections::BTreeSet;

use pgdba_pg::parameter::Source;
use pgdba_pg::start::shared_memory::WORKED_OUT;
use pgdba_pg::start::{self, Host, Problem, SharedMemory, Start, shared_memory};
use pgdba_pg::unit::bytes_per_unit;
use pgdba_pg::{Bytes, ServerVersion};
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::facts::settings::{Configured, Settings, Waiting};

/// The settings of a server at its next start, with values that are proposed.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    configured: &'a Configured,
    running: start::Settings,
    next: start::Settings,
    changed: BTreeSet<String>,
}

impl<'a> Plan<'a> {
    /// The server without a proposal.
    pub(super) fn new(configured: &'a Configured, version: ServerVersion) -> Self {
        let mut running = start::Settings::new(version);
        for setting in configured.iter() {
            if let Some(text) = in_force(setting) {
                running.insert(&setting.name, &configured.kind(setting), text);
            }
        }
        let mut next = running.clone();
        for setting in configured.iter() {
            if let Waiting::Restart(Some(text)) | Waiting::Reload(text) = configured.waiting(setting) {
                next.insert(&setting.name, &configured.kind(setting), &text);
            }
        }
        Self { configured, running, next, changed: BTreeSet::new() }
    }

    /// Proposes a value.
    pub(super) fn set(&mut self, parameter: &str, text: &str) {
        if let Some(setting) = self.configured.get(parameter) {
            self.next.insert(parameter, &self.configured.kind(setting), text);
            self.changed.insert(parameter.to_ascii_lowercase());
        }
    }

    /// A whole number, in the parameter's unit.
    pub(super) fn integer(&self, parameter: &str) -> Option<i64> {
        self.next.integer(parameter)
    }

    /// A number.
    pub(super) fn real(&self, parameter: &str) -> Option<f64> {
        self.next.real(parameter)
    }

    /// A size; none for -1, which means that another parameter determines the value.
    pub(super) fn bytes(&self, parameter: &str) -> Option<Bytes> {
        self.in_bytes(parameter, &self.next)
    }

    /// A size in force.
    pub(super) fn running_bytes(&self, parameter: &str) -> Option<Bytes> {
        self.in_bytes(parameter, &self.running)
    }

    fn in_bytes(&self, parameter: &str, settings: &start::Settings) -> Option<Bytes> {
        let step = bytes_per_unit(self.configured.get(parameter)?.unit.as_deref()?)?;
        let number = settings.integer(parameter).filter(|number| *number >= 0)?;
        Some(Bytes(number.saturating_mul(step)))
    }

    /// What the server requests at its next start, in 8 kB steps; none of a server whose shared memory is not known.
    pub(super) fn shared_memory(&self) -> Option<SharedMemory> {
        shared_memory(&self.next, None)
    }

    /// What would keep the server from starting.
    pub(super) fn problems(&self, host: &Host) -> Vec<Problem> {
        let start = Start { settings: &self.next, running: Some(&self.running), changed: &self.changed };
        start.problems(host)
    }
}

/// The value in force; where the server worked it out, the value that asked it to.
fn in_force(setting: &PgSetting) -> Option<&str> {
    let is_worked_out = WORKED_OUT.contains(&setting.name.as_str())
        && matches!(Settings::source(setting), Some(Source::Default | Source::Override));
    setting.boot_val.as_deref().filter(|_| is_worked_out).or(setting.setting.as_deref())
}
