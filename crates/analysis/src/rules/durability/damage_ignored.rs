//! The server hides corrupted data.

use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::engine::prelude::*;
use crate::facts::settings::Settings;

rule! {
    /// ## What it sees
    ///
    /// One of the parameters `zero_damaged_pages`, `ignore_checksum_failure`, `ignore_invalid_pages` and
    /// `ignore_system_indexes` is `on` for the whole server or, by ALTER ROLE ALL, for all roles.
    ///
    /// ## Why it matters
    ///
    /// They exist to rescue data from a damaged cluster. While one is on, the server continues with pages that it knows
    /// to be damaged: it replaces them with empty pages, returns their content, or skips them in recovery. What was lost
    /// is then lost permanently, and nothing reports it.
    ///
    /// ## Threshold
    ///
    /// None: `on` is always reported.
    ///
    /// ## Remedy
    ///
    /// Disable each of them as soon as the rescue is complete. `ignore_invalid_pages` requires a restart, the others a reload or a
    /// new session.
    ///
    /// ## When to ignore this
    ///
    /// While data are being rescued, with a copy of the data directory kept aside.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "on" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "off" },
    ///                    { "name": "ignore_invalid_pages", "setting": "on" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "on" },
    ///                    { "name": "ignore_system_indexes", "setting": "on" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "off", "vartype": "bool", "source": "user" } ],
    ///   "pg_db_role_setting": [ { "name": "zero_damaged_pages", "setting": "true" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "off" },
    ///                    { "name": "ignore_checksum_failure", "setting": "off" } ] }
    /// ```
    ///
    /// Only the collecting session ignores damage:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "on", "boot_val": "off", "source": "user" } ],
    ///   "pg_file_settings": [] }
    /// ```
    rule damage_ignored {
        code: PGD104,
        title: "Damaged pages are ignored",
        passed: "Damaged pages are not ignored",
        worst: Critical,
        reads: [server_settings],
        source: "PostgreSQL manual, Developer Options",
    }
}

/// In the order in which they are reported, with how a change takes effect.
const RESCUES: [(&str, Effort); 4] = [
    ("zero_damaged_pages", Effort::Reload),
    ("ignore_checksum_failure", Effort::Reload),
    ("ignore_invalid_pages", Effort::Restart),
    ("ignore_system_indexes", Effort::Reload),
];

struct Rescue<'a> {
    setting: &'a PgSetting,
    effort: Effort,
}

impl Rescue<'_> {
    fn name(&self) -> &str {
        &self.setting.name
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Rescue<'a>>> {
    let settings = view.server_settings()?;
    let is_on = |(name, effort): (&str, Effort)| {
        let setting = settings.get(name).filter(|_| settings.is_on(name) == Some(true))?;
        Some(Rescue { setting, effort })
    };
    let found: Vec<Rescue<'_>> = RESCUES.into_iter().filter_map(is_on).collect();
    if found.is_empty() {
        settings.require("zero_damaged_pages")?;
    }
    Ok(found)
}

fn subject(rescue: &Rescue<'_>) -> About {
    About::parameter(rescue.name(), Weight::All)
        .figures([Figure::parameter("value", "on").against("off"), Figure::new("set_by", Settings::set_by(rescue.setting))])
}

fn describe(found: &Found<Rescue<'_>>) -> Draft {
    let names: Vec<&str> = found.iter().map(Rescue::name).collect();
    let others = display::list(names.get(1..).unwrap_or_default());
    let draft = Draft::new(format!("Disable {}", display::list(&names)))
        .because("While it is on, the server continues with pages that it knows to be damaged, so data can be lost silently.")
        .advise_if(!others.is_empty(), format!("Then disable {others} too."))
        .advise("Leave it on only while you rescue data from a copy of a damaged cluster.")
        .impact("Queries that need a damaged page fail instead of returning wrong results.");
    match found.first() {
        Some(first) => draft.set(first.name(), "off", first.effort),
        None => draft,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn all_that_are_on_are_subjects() {
        let names = ["zero_damaged_pages", "ignore_checksum_failure", "ignore_system_indexes"];
        let setting = |name: &str| json!({ "name": name, "setting": "on", "vartype": "bool", "source": "configuration file" });
        let document = json!({ "pg_settings": names.map(setting) });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        let finding = findings.into_iter().find(|finding| finding.code == "PGD104").unwrap();
        let mut labels: Vec<&str> = finding.subjects.iter().map(|affected| affected.label.as_str()).collect();
        labels.sort_unstable();
        assert_eq!(labels, ["ignore_checksum_failure", "ignore_system_indexes", "zero_damaged_pages"]);
        assert_eq!(finding.summary, "Disable zero_damaged_pages, ignore_checksum_failure and ignore_system_indexes");
        assert!(finding.remedy.text.contains("Then disable ignore_checksum_failure and ignore_system_indexes too."));
    }
}
