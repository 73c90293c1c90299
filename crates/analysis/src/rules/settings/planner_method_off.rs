//! Planner methods are disabled for the whole server.

use pgdba_pg::parameter::{Scope, Source};
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
    ///   "pg_db_role_setting": [] }
    /// ```
    rule planner_method_off {
        code: PGD202,
        title: "Planner methods are disabled for the whole server",
        passed: "No planner method is disabled for the whole server",
        worst: Warning,
        reads: [settings, role_settings],
        source: "PostgreSQL manual, Planner Method Configuration",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PgSetting>> {
    let overrides = view.role_settings()?;
    // No source is known of what the collecting session sets for itself: then it is the server's unless a role has it.
    let is_of_server = |setting: &PgSetting| match Settings::source(setting).map(Source::scope) {
        Some(Scope::Files | Scope::CommandLine) => true,
        Some(Scope::Session) | None => overrides.iter().all(|row| row.name.as_deref() != Some(&setting.name)),
        Some(Scope::RoleOrDatabase | Scope::Server) => false,
    };
    let is_disabled = |setting: &&PgSetting| {
        let is_off = setting.reset_val.as_deref() == Some("off") && setting.boot_val.as_deref() == Some("on");
        setting.name.starts_with("enable_") && is_off && is_of_server(setting)
    };
    Ok(view.settings()?.iter().filter(is_disabled).collect())
}

fn subject(setting: &&PgSetting) -> About {
    let name = &setting.name;
    let about = About::parameter(name, Weight::All)
        .figures([Figure::parameter("value", "off").against("on"), Figure::new("set_by", Settings::set_by(setting))]);
    // RESET would leave the line of another file in force.
    let sql = || format!("ALTER SYSTEM SET {name} = 'on';\nSELECT pg_reload_conf();");
    if is_on_command_line(setting) { about } else { about.run(sql()) }
}

fn is_on_command_line(setting: &PgSetting) -> bool {
    Settings::source(setting) == Some(Source::CommandLine)
}

fn describe(found: &Found<&PgSetting>) -> Draft {
    Draft::new(format!("Enable {} for the whole server", found.named("parameter", "planner methods")))
        .because("The planner avoids these methods for every statement, also where they are best.")
        .advise("Enable them; disable them for single statements or roles only, and look for the cause of the bad plans.")
        .advise_if(
            found.any(|setting| is_on_command_line(setting)),
            "What the command line sets overrides ALTER SYSTEM: change it where the server is started, then restart it.",
        )
        .impact("Plans of some statements change with the next execution.")
        .undo_text("Restore the former value with ALTER SYSTEM (RESET if another file sets it), then reload.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    /// The statements for enable_seqscan where `source` disables it.
    fn statements(source: &str) -> Option<String> {
        let setting = json!({ "name": "enable_seqscan", "setting": "off", "reset_val": "off", "boot_val": "on",
                              "source": source, "sourcefile": "/etc/postgresql/17/main/postgresql.conf" });
        let document = json!({ "pg_settings": [setting], "pg_db_role_setting": [] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().find(|finding| finding.code == "PGD202").unwrap().statements()
    }

    #[test]
    fn a_line_of_another_file_is_overridden_and_the_command_line_is_not() {
        assert!(statements("configuration file").unwrap().contains("ALTER SYSTEM SET enable_seqscan = 'on';"));
        assert_eq!(statements("command line"), None);
    }
}
