//! A changed parameter waits for a restart.

use pgdba_pg::display;

use crate::engine::draft::{About, Draft};
use crate::facts::settings::Waiting;
use crate::format::{Effort, Subject, Weight};
use crate::{Checked, Figure, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// A parameter whose value in the configuration files differs from the one in force and takes effect at the next
    /// restart only (`pg_settings.pending_restart`, borne out by `pg_file_settings` where the role may read that).
    ///
    /// ## Why it matters
    ///
    /// Somebody changed the configuration and the server does not follow it yet. The next restart, planned or not,
    /// will change its behaviour, at a moment when nobody thinks of that change.
    ///
    /// ## Threshold
    ///
    /// One parameter is enough. The server marks it at a reload, so a change that was never reloaded is seen only where
    /// `pg_file_settings` could be read.
    ///
    /// ## Remedy
    ///
    /// Restart in a maintenance window, or take the change back in the file.
    ///
    /// ## When to ignore this
    ///
    /// After `ALTER SYSTEM RESET` and a reload the mark can stay although nothing waits any more. Where `pg_file_settings`
    /// could be read, the rule knows that and stays silent; elsewhere it cannot tell.
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
        title: "A changed parameter is waiting for a restart",
        passed: "No parameter is waiting for a restart",
        worst: Notice,
        reads: [configured],
        source: "PostgreSQL manual, pg_settings: pending_restart",
    }
}

/// A parameter with its value in force, and the one that it waits for where that is known.
struct Found {
    parameter: String,
    value: Option<String>,
    next: Option<String>,
}

fn check(view: &View<'_>) -> Checked<Option<Vec<Found>>> {
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
    let waiting: Vec<Found> = waiting.collect();
    Ok((!waiting.is_empty()).then_some(waiting))
}

fn describe(found: &Vec<Found>) -> Draft {
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let changed = display::counted(count, "changed parameter", "changed parameters");
    let about = found.iter().map(|found| {
        About::new(Subject::parameter(&found.parameter), Weight::Count(1))
            .figure(Figure::new("value_in_force", found.value.clone()))
            .figure(Figure::new("value_after_restart", found.next.clone()))
    });
    Draft::new(Severity::Notice, format!("Plan a restart for {changed}"))
        .because(format!(
            "The configuration files and the running server differ in {}. The next restart, planned or not, changes \
             how the server behaves.",
            some_names(found)
        ))
        .about(about)
        .advise("Restart the server in a maintenance window, or revert the change in the file it is in.")
        .query("SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;")
        .effort(Effort::Restart)
        .impact("A restart ends every session.")
}

/// The first few names: the others are in the table.
fn some_names(found: &[Found]) -> String {
    let names: Vec<&str> = found.iter().take(5).map(|found| found.parameter.as_str()).collect();
    match found.len().saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
