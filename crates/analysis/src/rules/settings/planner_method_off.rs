//! Planner methods are disabled for the whole server.

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::engine::prelude::*;
use crate::facts::settings::Settings;

rule! {
    /// ## What it sees
    ///
    /// Parameters such as `enable_seqscan`, `enable_nestloop` or `enable_indexscan` that are off in the configuration of the server.
    ///
    /// ## Why it matters
    ///
    /// They exist to investigate the planner's choices. For the whole server, they make some statements much slower, also those that
    /// are planned well with the method.
    ///
    /// ## Threshold
    ///
    /// None. `enable_partitionwise_join` and `enable_partitionwise_aggregate`, which are off by default, are left out, and so are values
    /// that are set for a role or a database.
    ///
    /// ## Remedy
    ///
    /// Enable them. If one statement needs it, set the parameter for that statement's transaction or role, and look for the cause:
    /// statistics, a missing index, or cost parameters that do not fit the storage.
    ///
    /// ## When to ignore this
    ///
    /// If measurements of the whole workload show that it is better.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "enable_seqscan", "setting": "off", "reset_val": "off", "boot_val": "on",
    ///                      "source": "configuration file" } ],
    ///   "pg_db_role_setting": [] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "enable_seqscan", "setting": "off", "reset_val": "off", "boot_val": "on", "source": "command line" } ],
    ///   "pg_db_role_setting": [] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "enable_nestloop", "setting": "off", "reset_val": "off", "boot_val": "on" } ],
    ///   "pg_db_role_setting": [] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "enable_seqscan", "setting": "on", "reset_val": "on", "boot_val": "on", "source": "default" },
    ///                    { "name": "enable_nestloop", "setting": "off", "reset_val": "off", "boot_val": "on", "source": "user" },
    ///                    { "name": "enable_partitionwise_join", "setting": "off", "reset_val": "off", "boot_val": "off",
    ///                      "source": "default" } ],
    ///   "pg_file_settings": [], "pg_db_role_setting": [] }
    /// ```
    rule planner_method_off {
        code: PGD202,
        title: "Planner methods are disabled for the whole server",
        passed: "No planner method is disabled for the whole server",
        worst: Warning,
        reads: [settings, server_settings],
        source: "PostgreSQL manual, Planner Method Configuration",
    }
}

/// What the names of the planner methods begin with.
const PREFIX: &str = "enable_";

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PgSetting>> {
    let server = view.server_settings()?;
    let is_disabled = |setting: &&PgSetting| {
        let is_off = setting.setting.as_deref() == Some("off") && setting.boot_val.as_deref() == Some("on");
        setting.name.starts_with(PREFIX) && is_off
    };
    let disabled: Vec<&PgSetting> = server.iter().filter(is_disabled).collect();
    if disabled.is_empty() {
        let mut methods = view.settings()?.iter().filter(|setting| setting.name.starts_with(PREFIX));
        methods.try_for_each(|setting| server.require(&setting.name).map(|_| ()))?;
    }
    Ok(disabled)
}

fn subject(setting: &&PgSetting) -> About {
    About::parameter(&setting.name, Weight::All)
        .figures([Figure::parameter("value", "off").against("on"), Figure::new("set_by", Settings::set_by(setting))])
}

fn describe(found: &Found<&PgSetting>) -> Draft {
    let names: Vec<&str> = found.iter().map(|setting| setting.name.as_str()).collect();
    let others = display::list(names.get(1..).unwrap_or_default());
    let draft = Draft::new(format!("Enable {} for the whole server", found.named("parameter", "planner methods")))
        .because("The planner avoids these methods for every statement, also where they are best.")
        .advise_if(!others.is_empty(), format!("Then enable {others} too."))
        .advise("Disable them for single statements or roles only, and look for the cause of the bad plans.")
        .impact("Plans of some statements change with the next execution.");
    match found.first() {
        Some(first) => draft.set(&first.name, "on", Effort::Reload),
        None => draft,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::format::{Outcome, Remedy};
    use crate::{Options, analyze, example};

    /// The remedy where `source` disables these methods on a server that is hosted there.
    fn remedy(names: &[&str], source: &str, hosting: Option<&str>) -> Remedy {
        let setting = |name: &&str| json!({ "name": name, "setting": "off", "reset_val": "off", "boot_val": "on", "source": source,
                                            "sourcefile": "/etc/postgresql/17/main/postgresql.conf" });
        let settings: Vec<_> = names.iter().map(setting).collect();
        let document = json!({ "system": [{ "hosting": hosting }], "pg_settings": settings, "pg_db_role_setting": [] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().find(|finding| finding.code == "PGD202").unwrap().remedy
    }

    #[test]
    fn a_line_of_another_file_is_overridden_and_the_command_line_is_not() {
        let script = |source: &str| remedy(&["enable_seqscan"], source, None).script.map(|script| script.text);
        let set = "ALTER SYSTEM SET enable_seqscan = 'on';\nSELECT pg_reload_conf();";
        assert_eq!(script("configuration file").as_deref(), Some(set));
        assert_eq!(script("command line"), None);
    }

    #[test]
    fn a_value_of_a_role_hides_nothing() {
        let outcome = |own: &str, files: Option<serde_json::Value>| {
            let mut document = json!({
                "pg_settings": [{ "name": "enable_nestloop", "setting": "off", "boot_val": "on", "source": own }],
                "pg_db_role_setting": [{ "rolname": "app", "name": "enable_nestloop", "setting": "on" }],
            });
            if let Some(files) = files {
                document["pg_file_settings"] = files;
            }
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            analysis.assessments.into_iter().find(|assessment| assessment.code == "PGD202").unwrap().outcome
        };
        let found = Outcome::Found { subjects: 1 };
        assert_eq!(outcome("configuration file", None), found);
        let line = json!([{ "seqno": 1, "name": "enable_nestloop", "setting": "off", "applied": true }]);
        assert_eq!(outcome("user", Some(line)), found);
        assert_eq!(outcome("user", Some(json!([]))), Outcome::Passed);
        let hidden = outcome("user", None);
        assert!(matches!(&hidden, Outcome::NotAssessed { reason, .. } if reason.contains("a value of its own")), "{hidden:?}");
    }

    #[test]
    fn a_managed_service_gets_no_statement() {
        let remedy = remedy(&["enable_hashjoin", "enable_seqscan"], "configuration file", Some("Amazon RDS"));
        assert_eq!(remedy.script, None);
        assert!(remedy.text.starts_with("Set enable_hashjoin to on in the parameter group"), "{}", remedy.text);
        assert!(remedy.text.contains("Then enable enable_seqscan too."), "{}", remedy.text);
    }
}
