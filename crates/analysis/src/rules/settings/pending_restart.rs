//! A changed parameter requires a restart to take effect.

use pgdba_pg::display;

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::settings::Waiting;
use crate::format::{Effort, Subject, Weight};
use crate::{Checked, Figure, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// A parameter whose value in the configuration files differs from the value in force and takes effect only after a
    /// restart (`pg_settings.pending_restart`, confirmed with `pg_file_settings` if the role can read it).
    ///
    /// ## Why it matters
    ///
    /// The configuration was changed, but the server does not use the new value yet. The next restart, planned or not, will
    /// change the server's behavior at a time when nobody expects it.
    ///
    /// ## Threshold
    ///
    /// One parameter is reported. The server sets the flag during a reload, so a change that was never reloaded is detected
    /// only if `pg_file_settings` could be read.
    ///
    /// ## Remedy
    ///
    /// Restart the server in a maintenance window, or revert the change in the file.
    ///
    /// ## When to ignore this
    ///
    /// After `ALTER SYSTEM RESET` and a reload, the flag can remain although no change is pending. If `pg_file_settings` could be
    /// read, the rule detects this and does not report it; otherwise it cannot tell.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, view `pg_settings`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "pending_restart": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "pending_restart": false } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "source": "default", "pending_restart": true } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "port", "setting": "5432", "applied": true } ] }
    /// ```
    rule pending_restart {
        code: PGD201,
        title: "Changed parameters require a restart",
        passed: "No parameter changes are waiting for a restart",
        worst: Notice,
        reads: [configured],
        source: "PostgreSQL manual, pg_settings: pending_restart",
    }
}

/// A parameter with its value in force, and its value after a restart if that is known.
struct Found {
    parameter: String,
    value: Option<String>,
    next: Option<String>,
}

fn check(view: &View<'_>) -> Checked<Vec<Found>> {
    let configured = view.configured()?;
    let shown = |value: &str, unit: Option<&str>| display::parameter(value, unit);
    let waiting = configured.iter().filter_map(|setting| match configured.waiting(setting) {
        Waiting::Restart(next) => Some(Found {
            parameter: setting.name.clone(),
            value: setting.setting.as_deref().map(|value| shown(value, setting.unit.as_deref())),
            next,
        }),
        Waiting::Nothing | Waiting::Forgotten | Waiting::Reload(_) => None,
    });
    Ok(waiting.collect())
}

fn describe(found: &[Found]) -> Draft {
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let changed = display::counted(count, "changed parameter", "changed parameters");
    Draft::new(Severity::Notice, format!("Plan a restart for {changed}"))
        .because(format!("{} The next restart, planned or not, applies the change.", difference(found)))
        .advise("Restart the server in a maintenance window, or revert the change in its file.")
        .query("SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;")
        .effort(Effort::Restart)
        .impact("A restart terminates all sessions.")
}

impl Affects for Found {
    fn about(&self) -> About {
        About::new(Subject::parameter(&self.parameter), Weight::Count(1))
            .figure(Figure::new("value_in_force", self.value.clone()))
            .figure(Figure::new("value_after_restart", self.next.clone()))
    }
}

/// The values that differ; of several parameters their names.
fn difference(found: &[Found]) -> String {
    match found {
        [Found { parameter, value: Some(value), next: Some(next) }] => {
            format!("{parameter} is {next} in the configuration files, but {value} in the running server.")
        }
        _ => format!(
            "The configuration files and the running server have different values for {}.",
            some_names(found)
        ),
    }
}

/// The first few names; the others are in the table.
fn some_names(found: &[Found]) -> String {
    let names: Vec<&str> = found.iter().take(5).map(|found| found.parameter.as_str()).collect();
    match found.len().saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
