//! Autovacuum is disabled.

use crate::engine::off::{Off, off_on_primary, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `autovacuum` or `track_counts` is `off` for the whole server. A value of `track_counts` for a role or a database is not
    /// reported; if it hides the server's own from the collecting role, the rule is not assessed.
    ///
    /// ## Why it matters
    ///
    /// Dead rows are not removed and planner statistics are not updated. Tables and indexes grow without limit, and plans
    /// get worse. The server still starts autovacuum workers to prevent transaction ID wraparound, but only for tables
    /// that have reached `autovacuum_freeze_max_age`. Autovacuum needs `track_counts` and does not start without it.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported. On a standby, where autovacuum does not run, it is a notice: the setting counts from
    /// the promotion on.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient unless the command line sets it. If autovacuum was disabled because of its load,
    /// throttle it with `autovacuum_vacuum_cost_delay` instead.
    ///
    /// ## When to ignore this
    ///
    /// During a bulk load, if VACUUM and ANALYZE are run manually afterwards.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "off" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" } ] }
    /// ```
    rule autovacuum_off {
        code: PGD501,
        title: "Autovacuum is disabled",
        passed: "Autovacuum is enabled",
        worst: Critical,
        reads: [configured, surroundings],
        source: "PostgreSQL manual, Automatic Vacuuming",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off_on_primary(view, &["autovacuum", "track_counts"])
}

fn describe(off: &Off) -> Draft {
    off.enable()
        .because_if(off.is_idle(), "Autovacuum does not run on a standby. After a promotion, the setting takes effect.")
        .because("Dead rows are not removed and planner statistics are not updated: tables grow and plans get worse.")
        .because("The server still vacuums to prevent transaction ID wraparound, and nothing else.")
        .advise_if(off.is("autovacuum"), "If its load is a problem, throttle it with autovacuum_vacuum_cost_delay.")
        .advise_if(off.is("track_counts"), "Then run VACUUM ANALYZE once: changes from before were not counted.")
        .impact("On a primary, autovacuum then starts with the accumulated work: expect background I/O.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::vacuum::autovacuum_off::RULE;
    use crate::{Facts, Finding, Options, Severity, analyze, example};

    fn found(parameter: &str, is_standby: bool) -> Finding {
        let setting = |name: &str| json!({ "name": name, "setting": if name == parameter { "off" } else { "on" } });
        let document = json!({
            "system": [{ "is_in_recovery": is_standby }],
            "pg_settings": [setting("autovacuum"), setting("track_counts")],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().next().unwrap()
    }

    #[test]
    fn on_a_standby_it_matters_only_after_a_promotion() {
        let [primary, standby] = [false, true].map(|is_standby| found("autovacuum", is_standby));
        assert_eq!([primary.severity, standby.severity], [Severity::Critical, Severity::Notice]);
        assert!(standby.rationale.starts_with("Autovacuum does not run on a standby."), "{}", standby.rationale);
        assert!(!primary.rationale.contains("standby"), "{}", primary.rationale);
    }

    /// The outcome where `track_counts` is off by this source, beside the lines of the configuration files, if they are known.
    fn counts_off(source: &str, files: Option<serde_json::Value>) -> Result<bool, String> {
        let mut document = json!({ "pg_settings": [
            { "name": "autovacuum", "setting": "on", "source": "default" },
            { "name": "track_counts", "setting": "off", "boot_val": "on", "source": source },
        ] });
        if let Some(files) = files {
            document["pg_file_settings"] = files;
        }
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let found = find(&RULE, &Facts::of(&snapshot), Beside::default());
        found.map(|found| found.is_some()).map_err(|missing| missing.reason)
    }

    #[test]
    fn what_a_role_or_a_database_sets_is_not_the_servers() {
        let line = |value: &str| Some(json!([{ "seqno": 1, "name": "track_counts", "setting": value, "applied": true }]));
        let reason = "the value of track_counts for the server is unknown: the role or its database has a value of its own";
        for source in ["database", "user", "database user", "global", "client", "session"] {
            assert_eq!(counts_off(source, None), Err(reason.to_owned()), "{source}");
            assert_eq!(counts_off(source, Some(json!([]))), Ok(false), "{source}");
            assert_eq!(counts_off(source, line("yes")), Ok(false), "{source}");
            assert_eq!(counts_off(source, line("off")), Ok(true), "{source}");
        }
        for source in ["default", "configuration file", "command line"] {
            assert_eq!(counts_off(source, None), Ok(true), "{source}");
        }
    }

    #[test]
    fn both_are_enabled_since_one_has_no_effect_without_the_other() {
        let setting = |name: &str| json!({ "name": name, "setting": "off" });
        let document = json!({ "pg_settings": [setting("autovacuum"), setting("track_counts")] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let finding = &analysis.findings[0];
        assert_eq!(finding.summary, "Enable autovacuum and track_counts");
        assert!(finding.remedy.text.contains("Then enable track_counts too"), "{}", finding.remedy.text);
        let shown = |name: &str| finding.subjects[0].figures.iter().any(|figure| figure.label.contains(name));
        assert!(shown("autovacuum") && shown("track_counts"), "{:?}", finding.subjects[0].figures);
    }

    #[test]
    fn track_counts_is_not_throttled() {
        let finding = found("track_counts", false);
        assert!(!finding.remedy.text.contains("cost_delay"), "{}", finding.remedy.text);
    }
}
