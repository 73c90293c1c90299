//! A changed parameter requires a restart to take effect.

use crate::engine::prelude::*;
use crate::facts::settings::{Change, next_start};

rule! {
    /// ## What it sees
    ///
    /// A parameter whose value in the configuration files differs from the value in force and takes effect only after a
    /// restart (`pg_settings.pending_restart`, confirmed with `pg_file_settings` if the role can read it); and a line of the
    /// configuration files with which the server would not start.
    ///
    /// ## Why it matters
    ///
    /// The configuration was changed, but the server does not use the new value yet. The next restart, planned or not, will
    /// change the server's behavior at a time when nobody expects it. If a line is invalid, the running server ignores it and
    /// only writes it to its log, but the next start fails: a restart becomes an outage.
    ///
    /// ## Threshold
    ///
    /// One parameter or line is reported: a changed parameter as a notice, an invalid line as a warning. The server sets the
    /// flag during a reload, so a change that was never reloaded, like an invalid line, is detected only if
    /// `pg_file_settings` could be read.
    ///
    /// ## Remedy
    ///
    /// Correct invalid lines first. Then restart the server in a maintenance window, or revert the change in the file.
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
    /// ```json found
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100", "vartype": "integer", "min_val": "1",
    ///                      "max_val": "262143", "context": "postmaster", "source": "configuration file" } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "max_connections", "setting": "5000000000", "applied": false,
    ///                           "sourcefile": "/etc/postgresql/postgresql.conf", "sourceline": 65,
    ///                           "error": "setting could not be applied" } ] }
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
        title: "The next restart changes parameters or fails",
        passed: "No parameter changes are waiting for a restart",
        worst: Warning,
        reads: [configured],
        source: "PostgreSQL manual, pg_settings: pending_restart, and pg_file_settings",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Change<'a>>> {
    Ok(view.configured()?.next_start())
}

fn subject(change: &Change<'_>) -> About {
    About::parameter(&change.name(), Weight::Count(1))
        .severity(if change.is_fatal() { Severity::Warning } else { Severity::Notice })
        .figures([Figure::new("value_in_force", change.in_force()), Figure::new("value_in_files", change.in_files())])
}

fn describe(found: &Found<Change<'_>>) -> Draft {
    let fatal = found.iter().filter(|change| change.is_fatal()).count();
    let draft = if fatal > 0 { correct(found, fatal) } else { restart(found) };
    draft.query(next_start::query(found.iter()))
}

/// Lines must be corrected, whatever else is waiting.
fn correct(found: &Found<Change<'_>>, count: usize) -> Draft {
    let (lines, they) = (display::counted(count, "invalid line", "invalid lines"), if count == 1 { "it" } else { "them" });
    let first = found.iter().find_map(Change::line_in_words).unwrap_or_default();
    Draft::new(format!("Correct {lines} in the configuration files: the server would not start"))
        .because(format!("{first}."))
        .because(format!("The running server ignores {they}, but its next start, planned or not, fails."))
        .because_if(count < found.len(), "Other changed parameters are waiting for a restart.")
        .advise(format!("Correct {they} and reload the configuration."))
        .advise("Do not restart the server before pg_file_settings shows no invalid line.")
        .impact("A reload interrupts nothing.")
        .effort(Effort::Reload)
}

/// Parameters are waiting for a restart, and nothing else is wrong.
fn restart(found: &Found<Change<'_>>) -> Draft {
    let names = found.names();
    let values = found.only().and_then(|change| change.in_force().zip(change.in_files()));
    Draft::new(format!("Plan a restart for {}", found.counted("changed parameter", "changed parameters")))
        .because(values.map_or_else(
            || format!("The configuration files and the running server have different values for {names}."),
            |(value, next)| format!("{names} is {next} in the configuration files, but {value} in the running server."),
        ))
        .because("The next restart, planned or not, applies the change.")
        .advise("Restart the server in a maintenance window, or revert the change in its file.")
        .effort(Effort::Restart)
        .impact("A restart terminates all sessions.")
}
