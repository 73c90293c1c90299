//! A changed parameter requires a restart to take effect.

use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::engine::prelude::*;
use crate::facts::settings::{Settings, Waiting};

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

/// A parameter, and its value after a restart if that is known.
struct Pending<'a> {
    setting: &'a PgSetting,
    next: Option<String>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Pending<'a>>> {
    let configured = view.configured()?;
    let pending = |setting: &'a PgSetting| match configured.waiting(setting) {
        Waiting::Restart(next) => Some(Pending { setting, next }),
        Waiting::Nothing | Waiting::Forgotten | Waiting::Reload(_) => None,
    };
    Ok(configured.iter().filter_map(pending).collect())
}

fn subject(pending: &Pending<'_>) -> About {
    About::parameter(&pending.setting.name, Weight::Count(1)).figures([
        Figure::new("value_in_force", Settings::displayed(pending.setting)),
        Figure::new("value_after_restart", pending.next.clone()),
    ])
}

fn describe(found: &Found<Pending<'_>>) -> Draft {
    let names = found.names();
    let values = found.only().and_then(|pending| Settings::displayed(pending.setting).zip(pending.next.as_deref()));
    Draft::new(format!("Plan a restart for {}", found.counted("changed parameter", "changed parameters")))
        .because(values.map_or_else(
            || format!("The configuration files and the running server have different values for {names}."),
            |(value, next)| format!("{names} is {next} in the configuration files, but {value} in the running server."),
        ))
        .because("The next restart, planned or not, applies the change.")
        .advise("Restart the server in a maintenance window, or revert the change in its file.")
        .query("SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;")
        .effort(Effort::Restart)
        .impact("A restart terminates all sessions.")
}
