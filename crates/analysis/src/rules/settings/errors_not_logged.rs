//! Errors are missing in the server log.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `log_min_messages` is `log`, `fatal` or `panic`, which rank above `error`.
    ///
    /// ## Why it matters
    ///
    /// The server log then contains no errors of statements, nor of autovacuum workers and other background processes, such as reports of
    /// corrupted pages. Problems are noticed late, and their cause cannot be found later. With `fatal` and `panic`,
    /// checkpoints, deadlocks, slow statements and connections are not logged either.
    ///
    /// ## Threshold
    ///
    /// None: such a value is always reported.
    ///
    /// ## Remedy
    ///
    /// Set it to `warning`, the default.
    ///
    /// ## When to ignore this
    ///
    /// If another tool records errors, such as an extension that logs by itself.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "log_min_messages", "setting": "panic" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "log_min_messages", "setting": "log" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "log_min_messages", "setting": "error" } ] }
    /// ```
    ///
    /// Only the collecting role has the value:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "log_min_messages", "setting": "fatal", "boot_val": "warning", "source": "user" } ],
    ///   "pg_file_settings": [] }
    /// ```
    rule errors_not_logged {
        code: PGD204,
        title: "Errors are not logged",
        passed: "Errors are logged",
        worst: Warning,
        reads: [server_settings],
        source: "PostgreSQL manual, log_min_messages",
    }
}

struct Level(String);

fn check(view: &View<'_>) -> Checked<Option<Level>> {
    let level = view.server_settings()?.require("log_min_messages")?.setting.as_deref();
    Ok(level.filter(|level| ["log", "fatal", "panic"].contains(level)).map(|level| Level(level.to_owned())))
}

fn subject(Level(level): &Level) -> About {
    About::parameter("log_min_messages", Weight::All)
        .figures([Figure::parameter("log_min_messages", level.clone()).against("error")])
}

fn describe(Level(level): &Level) -> Draft {
    Draft::new(format!("Set log_min_messages to warning: errors are not logged with {level}"))
        .set("log_min_messages", "warning", Effort::Reload)
        .because("The server log does not contain errors of statements and background processes, such as damaged pages.")
        .impact("The server log grows by warnings and errors.")
}
