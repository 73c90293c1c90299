//! A changed parameter requires a restart to take effect.

use pgdba_pg::parameter::file_name;
use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::engine::prelude::*;
use crate::facts::settings::{Configured, Settings, Waiting};

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

/// What the next start of the server meets in the configuration files.
enum Change<'a> {
    /// A parameter, and its value after a restart if that is known.
    Pending { setting: &'a PgSetting, next: Option<String> },
    /// A line with which the server does not start.
    Fatal(&'a PgFileSetting),
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Change<'a>>> {
    let configured = view.configured()?;
    let fatal = configured.fatal_lines();
    let is_fatal = |setting: &PgSetting| {
        fatal.iter().any(|line| line.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name)))
    };
    let pending = configured.iter().filter(|setting| !is_fatal(setting)).filter_map(|setting| pending(configured, setting));
    let pending: Vec<Change<'a>> = pending.collect();
    Ok(fatal.into_iter().map(Change::Fatal).chain(pending).collect())
}

fn pending<'a>(configured: &'a Configured, setting: &'a PgSetting) -> Option<Change<'a>> {
    let next = match configured.waiting(setting) {
        Waiting::Restart(next) => next.map(|next| configured.displayed_text(setting, &next)),
        Waiting::Nothing | Waiting::Forgotten | Waiting::Reload(_) => return None,
    };
    Some(Change::Pending { setting, next })
}

fn subject(change: &Change<'_>) -> About {
    let (name, severity, in_force, in_files) = match change {
        Change::Pending { setting, next } => {
            (setting.name.clone(), Severity::Notice, Settings::displayed(setting), next.clone())
        }
        Change::Fatal(line) => (name(line), Severity::Warning, None, Some(with_error(line))),
    };
    About::parameter(&name, Weight::Count(1))
        .severity(severity)
        .figures([Figure::new("value_in_force", in_force), Figure::new("value_in_files", in_files)])
}

/// The value that a line sets, and why the server rejects it.
fn with_error(line: &PgFileSetting) -> String {
    let error = line.error.as_deref().unwrap_or_default();
    line.setting.as_ref().map_or_else(|| error.to_owned(), |value| format!("{value} ({error})"))
}

/// The parameter that a line sets; of a line that cannot be read, its place.
fn name(line: &PgFileSetting) -> String {
    line.name.clone().unwrap_or_else(|| place(line))
}

fn place(line: &PgFileSetting) -> String {
    let number = line.sourceline.map(|number| format!(" line {number}")).unwrap_or_default();
    format!("{}{number}", line.sourcefile.as_deref().map_or("configuration file", file_name))
}

fn describe(found: &Found<Change<'_>>) -> Draft {
    let fatal: Vec<&PgFileSetting> = found.iter().filter_map(Change::fatal).collect();
    let is_pending = found.any(|change| change.fatal().is_none());
    if let Some(first) = fatal.first() { correct(first, fatal.len(), is_pending) } else { restart(found) }
        .query(query(found))
}

impl<'a> Change<'a> {
    fn fatal(&self) -> Option<&'a PgFileSetting> {
        if let Self::Fatal(line) = self { Some(line) } else { None }
    }
}

/// Lines must be corrected, whatever else is waiting.
fn correct(first: &PgFileSetting, count: usize, is_pending: bool) -> Draft {
    let (lines, they) = (display::counted(count, "invalid line", "invalid lines"), if count == 1 { "it" } else { "them" });
    let error = first.error.as_deref().unwrap_or_default();
    let value = first.setting.as_ref().zip(first.name.as_ref()).map(|(value, name)| format!(" ({name} = {value})"));
    Draft::new(format!("Correct {lines} in the configuration files: the server would not start"))
        .because_if(count > 1, "The first one is:")
        .because(format!("{}{}: {error}.", place(first), value.unwrap_or_default()))
        .because(format!("The running server ignores {they}, but its next start, planned or not, fails."))
        .because_if(is_pending, "Other changed parameters are waiting for a restart.")
        .advise(format!("Correct {they} and reload the configuration. Do not restart the server before pg_file_settings shows no invalid line."))
        .impact("A reload interrupts nothing.")
        .effort(Effort::Reload)
}

/// Parameters are waiting for a restart, and nothing else is wrong.
fn restart(found: &Found<Change<'_>>) -> Draft {
    let names = found.names();
    let values = found.only().and_then(|change| match change {
        Change::Pending { setting, next } => Settings::displayed(setting).zip(next.as_deref()),
        Change::Fatal(_) => None,
    });
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

/// Shows the lines of the files beside the values in force. The server marks a parameter only when it loads the files.
fn query(found: &Found<Change<'_>>) -> String {
    let is_in_files = |change: &Change<'_>| matches!(change, Change::Fatal(_) | Change::Pending { next: Some(_), .. });
    if !found.any(is_in_files) {
        return "SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;".to_owned();
    }
    let pending = found.iter().filter_map(|change| match change {
        Change::Pending { setting, .. } => Some(quote_literal(&setting.name)),
        Change::Fatal(_) => None,
    });
    let names: Vec<String> = pending.take(SHOWN).collect();
    let or = if names.is_empty() { String::new() } else { format!("\n   OR s.name IN ({})", names.join(", ")) };
    format!(
        "SELECT coalesce(f.name, s.name) AS name, s.setting, f.setting AS in_file, f.sourcefile, f.sourceline, f.error\n\
         FROM pg_settings s FULL JOIN pg_file_settings f ON lower(f.name) = lower(s.name)\n\
         WHERE f.error IS NOT NULL{or};"
    )
}

/// Parameters that a query names.
const SHOWN: usize = 20;
