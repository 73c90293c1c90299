//! A changed parameter requires a restart to take effect.

use crate::engine::prelude::*;
use crate::facts::settings::{Change, next_start};

rule! {
    /// ## What it sees
    ///
    /// A parameter whose value in the configuration files differs from the value in force and takes effect only after a
    /// restart (`pg_settings.pending_restart`, confirmed with `pg_file_settings` if the role can read it); a line of the
    /// configuration files with which the server would not start; and valid values that exclude each other at the start, such as
    /// `wal_level = minimal` with WAL senders.
    ///
    /// ## Why it matters
    ///
    /// The configuration was changed, but the server does not use the new value yet. The next restart, planned or not, will
    /// change the server's behavior at a time when nobody expects it. If a line is invalid, the running server ignores it and
    /// only writes it to its log, but the next start fails: a restart becomes an outage.
    ///
    /// ## Threshold
    ///
    /// One parameter or line is reported: a changed parameter as a notice, a line or value that prevents the start as a warning.
    /// The server sets the flag during a reload, so a change that was never reloaded, like an invalid line, is detected only if
    /// `pg_file_settings` could be read. Where it could not, the rule does not pass: what it finds has medium confidence, and
    /// without a flag it is not assessed.
    ///
    /// ## Remedy
    ///
    /// Correct invalid lines and values first. Then restart the server in a maintenance window, or revert the change in the file.
    ///
    /// ## When to ignore this
    ///
    /// After `ALTER SYSTEM RESET` and a reload, the flag can remain although no change is pending. If `pg_file_settings` could be
    /// read, the rule detects this and does not report it; otherwise it cannot tell. A role reads it after
    /// `GRANT SELECT ON pg_file_settings` and `GRANT EXECUTE ON FUNCTION pg_show_all_file_settings()`. On managed services, which
    /// write the files themselves, the flag is sufficient.
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
    /// ```json found
    /// { "pg_settings": [ { "name": "wal_level", "setting": "replica", "vartype": "enum", "context": "postmaster",
    ///                      "enumvals": ["minimal", "replica", "logical"], "source": "default", "pending_restart": true },
    ///                    { "name": "max_wal_senders", "setting": "5", "vartype": "integer", "min_val": "0",
    ///                      "max_val": "262143", "context": "postmaster", "source": "default" } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "port", "setting": "5432", "applied": true },
    ///                         { "seqno": 2, "name": "wal_level", "setting": "minimal", "applied": false,
    ///                           "error": "setting could not be applied" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "pending_restart": false } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "port", "setting": "5432", "applied": true } ] }
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
        reads: [configured, start_host, surroundings],
        source: "PostgreSQL manual, pg_settings: pending_restart, and pg_file_settings",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Change<'a>>> {
    let is_managed = view.surroundings()?.service.is_some();
    view.configured()?.next_start(view.start_host()?, is_managed)
}

fn subject(change: &Change<'_>) -> About {
    About::parameter(&change.name(), Weight::Count(1))
        .severity(if change.is_fatal() { Severity::Warning } else { Severity::Notice })
        .figures([Figure::new("value_in_force", change.in_force()), Figure::new("value_in_files", change.in_files())])
}

fn describe(found: &Found<Change<'_>>) -> Draft {
    let draft = if found.any(Change::is_fatal) { correct(found) } else { restart(found) };
    draft.query(next_start::query(found.iter()))
}

/// Lines and values must be corrected, whatever else is waiting.
fn correct(found: &Found<Change<'_>>) -> Draft {
    let fatal = found.iter().filter(|change| change.is_fatal()).count();
    let they = if fatal == 1 { "it" } else { "them" };
    let (obstacles, first) = (next_start::obstacles(found), found.iter().find_map(Change::obstacle));
    Draft::new(format!("Correct {obstacles} in the configuration files: the server would not start"))
        .because(format!("{}.", first.unwrap_or_default()))
        .because(format!("The running server does not use {they}, but its next start, planned or not, fails."))
        .because_if(fatal < found.len(), "Other changed parameters are waiting for a restart.")
        .advise(format!("Correct {they} and reload the configuration; do not restart the server before."))
        .impact("A reload interrupts nothing.")
        .effort(Effort::Reload)
}

/// Parameters are waiting for a restart, and nothing else is known to be wrong.
fn restart(found: &Found<Change<'_>>) -> Draft {
    let (names, is_confirmed) = (found.names(), found.all(Change::is_confirmed));
    let values = found.only().and_then(|change| change.in_force().zip(change.in_files()));
    let conditions = next_start::conditions(found);
    Draft::new(format!("Plan a restart for {}", found.counted("changed parameter", "changed parameters")))
        .confidence(if is_confirmed { Confidence::High } else { Confidence::Medium })
        .because(values.map_or_else(
            || format!("The configuration files and the running server have different values for {names}."),
            |(value, next)| format!("{names} is {value} in the running server, and {next} after the next restart."),
        ))
        .because("The next restart, planned or not, applies the change.")
        .because_if(!is_confirmed, "Whether the files have invalid lines is not known: with one, the server would not start.")
        .advise_if(!is_confirmed, "Check pg_file_settings first, as a role that can read it.")
        .advise_if(!conditions.is_empty(), format!("Before a restart, make sure that {conditions}."))
        .restart_or_revert()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Confidence, Finding, Outcome};
    use crate::{Analysis, Options, analyze, example};

    fn analysis(document: &Value) -> Analysis {
        analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default())
    }

    fn finding(document: &Value) -> Finding {
        analysis(document).findings.into_iter().find(|finding| finding.code == "PGD201").unwrap()
    }

    fn integer(name: &str, setting: &str, marked: bool) -> Value {
        json!({ "name": name, "setting": setting, "vartype": "integer", "min_val": "0", "max_val": "262143",
                "context": "postmaster", "source": "configuration file", "pending_restart": marked })
    }

    fn line(name: &str, setting: &str) -> Value {
        json!({ "seqno": 2, "name": name, "setting": setting, "applied": false, "error": "setting could not be applied" })
    }

    fn sound() -> Value {
        json!({ "seqno": 1, "name": "port", "setting": "5432", "applied": true })
    }

    #[test]
    fn without_the_files_it_neither_passes_nor_promises_a_start() {
        let unmarked = json!({ "pg_settings": [integer("max_connections", "100", false)] });
        let assessments = analysis(&unmarked).assessments;
        let outcome = &assessments.iter().find(|assessment| assessment.code == "PGD201").unwrap().outcome;
        let Outcome::NotAssessed { reason, .. } = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains("invalid lines") && reason.contains("pg_file_settings"), "{reason}");
        let marked = finding(&json!({ "pg_settings": [integer("max_connections", "100", true)] }));
        assert_eq!(marked.confidence, Confidence::Medium);
        assert!(marked.remedy.text.starts_with("Check pg_file_settings first"), "{}", marked.remedy.text);
        let read = json!({ "pg_settings": [integer("max_connections", "100", true)],
                           "pg_file_settings": [sound(), line("max_connections", "200")] });
        assert_eq!(finding(&read).confidence, Confidence::High);
        let mut managed = unmarked;
        managed["system"] = json!([{ "hosting": "Amazon RDS" }]);
        let assessments = analysis(&managed).assessments;
        let outcome = &assessments.iter().find(|assessment| assessment.code == "PGD201").unwrap().outcome;
        assert_eq!(outcome, &Outcome::Passed);
    }

    #[test]
    fn a_parameter_removed_from_the_files_waits_for_a_restart() {
        let error = "parameter \"max_prepared_transactions\" cannot be changed without restarting the server";
        let mut parameter = integer("max_prepared_transactions", "7", true);
        parameter["boot_val"] = json!("0");
        let found = finding(&json!({ "pg_settings": [parameter],
                                     "pg_file_settings": [sound(), { "seqno": 2, "applied": false, "error": error }] }));
        assert_eq!(found.summary, "Plan a restart for 1 changed parameter");
        assert!(found.rationale.starts_with("max_prepared_transactions is 7 in the running server, and 0 after"), "{}", found.rationale);
    }

    #[test]
    fn valid_values_that_exclude_each_other_prevent_the_start() {
        let level = json!({ "name": "wal_level", "setting": "replica", "vartype": "enum", "context": "postmaster",
                            "enumvals": ["minimal", "replica", "logical"], "source": "default", "pending_restart": true });
        let minimal = |senders: &str| {
            json!({ "pg_settings": [level, integer("max_wal_senders", senders, false)],
                    "pg_file_settings": [sound(), line("wal_level", "minimal")] })
        };
        let found = finding(&minimal("5"));
        assert!(found.summary.ends_with("the server would not start"), "{}", found.summary);
        assert!(found.rationale.starts_with("max_wal_senders = 5 requires wal_level replica"), "{}", found.rationale);
        assert!(!found.remedy.text.contains("Restart the server"), "{}", found.remedy.text);
        assert!(finding(&minimal("0")).summary.starts_with("Plan a restart"));
        let reserved = integer("superuser_reserved_connections", "3", false);
        let document = json!({ "version": 12, "pg_settings": [integer("max_connections", "100", true), reserved],
                               "pg_file_settings": [sound(), line("max_connections", "3")] });
        assert!(finding(&document).rationale.starts_with("superuser_reserved_connections (3) must be less"));
        let slot = json!([{ "slot_name": "s", "slot_type": "physical", "temporary": false }]);
        let mut slots = json!({ "pg_settings": [integer("max_replication_slots", "10", true)],
                                "pg_file_settings": [sound(), line("max_replication_slots", "0")] });
        assert!(finding(&slots).summary.starts_with("Plan a restart"));
        slots["pg_replication_slots"] = slot;
        assert!(finding(&slots).summary.starts_with("Correct 1 changed parameter"));
    }

    #[test]
    fn a_library_that_may_be_missing_is_a_condition_of_the_start() {
        let libraries = json!({ "name": "shared_preload_libraries", "setting": "", "vartype": "string",
                                "context": "postmaster", "source": "default", "pending_restart": true });
        let document = json!({ "pg_settings": [libraries],
                               "pg_file_settings": [sound(), line("shared_preload_libraries", "nosuch")] });
        let text = finding(&document).remedy.text;
        assert!(text.starts_with("Before a restart, make sure that the library \"nosuch\" is installed"), "{text}");
    }

    #[test]
    fn a_restart_is_worded_for_the_surroundings() {
        let mut document = json!({ "system": [{}], "pg_settings": [integer("max_connections", "100", true)],
                                   "pg_file_settings": [sound(), line("max_connections", "200")] });
        assert!(finding(&document).remedy.text.contains("Restart the server in a maintenance window"));
        document["system"][0]["hosting"] = json!("Amazon RDS");
        let text = finding(&document).remedy.text;
        assert!(text.contains("parameter group") && !text.contains("its file"), "{text}");
        document["system"][0]["hosting"] = Value::Null;
        document["pg_file_settings"][0]["sourcefile"] = json!("/data/postgresql.base.conf");
        let text = finding(&document).remedy.text;
        assert!(text.contains("patronictl restart") && !text.contains("its file"), "{text}");
    }
}
