//! Autovacuum is disabled.

use crate::engine::off::{Off, off_on_primary, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `autovacuum` or `track_counts` is `off` for the whole server.
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
        reads: [settings, surroundings],
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
        .impact("On a primary, autovacuum starts immediately with the accumulated work: expect background I/O.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Finding, Options, Severity, analyze, example};

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

    #[test]
    fn track_counts_is_not_throttled() {
        let finding = found("track_counts", false);
        assert!(!finding.remedy.text.contains("cost_delay"), "{}", finding.remedy.text);
    }
}
