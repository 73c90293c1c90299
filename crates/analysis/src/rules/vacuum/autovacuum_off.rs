//! Autovacuum is disabled.

use crate::engine::off::{self, Off};
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

struct Disabled {
    off: Off,
    is_standby: bool,
}

fn check(view: &View<'_>) -> Checked<Option<Disabled>> {
    let is_standby = view.surroundings()?.is_standby;
    Ok(off::off(view, &["autovacuum", "track_counts"])?.map(|off| Disabled { off, is_standby }))
}

fn subject(found: &Disabled) -> About {
    let severity = if found.is_standby { Severity::Notice } else { Severity::Critical };
    off::subject(&found.off).severity(severity)
}

fn describe(Disabled { off, is_standby }: &Disabled) -> Draft {
    let is_autovacuum = off.parameter() == "autovacuum";
    off.enable()
        .because_if(*is_standby, "Autovacuum does not run on a standby. After a promotion, the setting counts:")
        .because_if(!is_autovacuum, "Autovacuum does not run without track_counts.")
        .because(
            "Dead rows are not removed and planner statistics are not updated: tables grow and plans get worse. The \
             server still vacuums to prevent transaction ID wraparound, and nothing else.",
        )
        .advise_if(
            is_autovacuum,
            "If it was disabled because of its load, throttle it with autovacuum_vacuum_cost_delay instead.",
        )
        .advise_if(
            !is_autovacuum,
            "Changes from before are not counted: run VACUUM and ANALYZE once on tables that change often.",
        )
        .impact(match (is_standby, is_autovacuum) {
            (true, _) => "Nothing changes before the standby is promoted.",
            (false, true) => "Autovacuum starts immediately with the accumulated work: expect background I/O.",
            (false, false) => "Autovacuum starts working again as changes are counted.",
        })
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
        assert!(!standby.remedy.impact.unwrap().contains("immediately"));
        assert!(primary.remedy.impact.unwrap().contains("immediately"));
    }

    #[test]
    fn track_counts_is_not_throttled() {
        let finding = found("track_counts", false);
        assert!(!finding.remedy.text.contains("cost_delay"), "{}", finding.remedy.text);
        assert!(finding.rationale.starts_with("Autovacuum does not run without track_counts."));
    }
}
