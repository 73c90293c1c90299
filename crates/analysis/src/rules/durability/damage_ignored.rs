//! The server hides corrupted data.

use crate::engine::prelude::*;

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
    /// Disable it as soon as the rescue is complete. `ignore_invalid_pages` requires a restart, the others a reload or a
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
        reads: [configured],
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

type Rescue = (&'static str, Effort, Option<String>);

fn check(view: &View<'_>) -> Checked<Option<Rescue>> {
    let configured = view.configured()?;
    let rescue = |(name, effort): (&'static str, Effort)| {
        let (value, set_by) = configured.for_all_sessions(name)?;
        configured.is_same(configured.get(name)?, value, "on").then_some((name, effort, set_by))
    };
    Ok(RESCUES.into_iter().find_map(rescue))
}

fn subject((name, _, set_by): &Rescue) -> About {
    About::parameter(name, Weight::All)
        .figures([Figure::parameter(name, "on").against("off"), Figure::new("set_by", set_by.clone())])
}

fn describe((name, effort, _): &Rescue) -> Draft {
    Draft::new(format!("Disable {name}"))
        .set(name, "off", *effort)
        .because("While it is on, the server continues with pages that it knows to be damaged, so data can be lost silently.")
        .advise("Leave it on only while you rescue data from a copy of a damaged cluster.")
        .impact("Queries that need a damaged page fail instead of returning wrong results.")
}
