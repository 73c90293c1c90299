//! What has become of a change.

use jiff::Timestamp;
use pgdba_apply::holder::Holder;
use pgdba_change::journal::Journal;
use pgdba_change::machine::{State, Why};

use super::super::changes;

/// A change, and who works on it.
pub(super) struct Entry {
    pub(super) journal: Journal,
    /// The process that holds its lock and runs.
    pub(super) runs: Option<Holder>,
    /// Whether the server was restarted since; `None` where it was not asked.
    pub(super) restarted: Option<bool>,
    /// How a change through Patroni compares with the dynamic configuration now; none where that was not asked.
    pub(super) dcs_now: Option<String>,
}

/// Whether the server was restarted after the change, by its own clock alone; `now` is when it started.
pub(super) fn restarted(journal: &Journal, now: Option<Timestamp>) -> Option<bool> {
    Some(now? != journal.change_set.server_started_at?)
}

impl Entry {
    /// A word for programs.
    pub(super) fn status(&self) -> &'static str {
        match &self.journal.state {
            _ if self.runs.is_some() => "running",
            State::Recorded if self.waits_for().is_empty() => "applied",
            State::Recorded => "applied_restart_pending",
            State::Restored { why: Why::Rollback } => "rolled_back",
            State::Restored { why: Why::Failure { .. } } => "undone",
            state if state.has_touched_server() => "incomplete",
            _ => "not_applied",
        }
    }

    /// The parameters that need a restart, as far as it is known that the server had none.
    fn waits_for(&self) -> Vec<&str> {
        if self.restarted == Some(true) { Vec::new() } else { self.journal.change_set.waiting_for_restart() }
    }

    /// The same for people.
    pub(super) fn text(&self) -> String {
        let state = self.state();
        self.dcs_now.as_ref().map_or_else(|| state.clone(), |now| format!("{state}; {now}"))
    }

    fn state(&self) -> String {
        if let Some(Holder { pid, host, started_at, operation, .. }) = &self.runs {
            return format!("running: {} by process {pid} on {host} since {started_at}", operation.word());
        }
        match &self.journal.state {
            State::Recorded if self.waits_for().is_empty() => "applied".to_owned(),
            State::Recorded => {
                let word = if self.restarted.is_some() { "pending" } else { "required" };
                format!("applied, restart {word}: {}", self.waits_for().join(", "))
            }
            State::Restored { why: Why::Rollback } => format!("rolled back{}", changes::left(&self.journal)),
            State::Restored { why: Why::Failure { reason } } => {
                format!("failed and undone{}: {reason}", changes::left(&self.journal))
            }
            State::Abandoned { reason } => format!("not applied: {reason}"),
            state => {
                let reason = self.journal.ended.as_deref().unwrap_or("the process died");
                if !state.has_touched_server() {
                    return format!("not applied: {reason}; {}", state.words());
                }
                let released = if self.journal.released_at.is_some() { " (released)" } else { "" };
                format!("incomplete{released}: {reason}; {}", state.words())
            }
        }
    }
}
