//! The server hides corrupted data, or allows data that its constraints forbid.

use pgdba_pg::parameter::Source;

use crate::engine::prelude::*;
use crate::facts::settings::{Configured, Settings};

rule! {
    /// ## What it sees
    ///
    /// One of the parameters `zero_damaged_pages`, `ignore_checksum_failure`, `ignore_invalid_pages` and
    /// `ignore_system_indexes` is `on`, or `session_replication_role` is `replica` for the whole server or for all roles.
    ///
    /// ## Why it matters
    ///
    /// They exist to rescue data from a damaged cluster. While one is on, the server continues with pages that it knows
    /// to be damaged: it replaces them with empty pages, returns their content, or skips them in recovery. What was lost
    /// is then lost permanently, and nothing reports it.
    ///
    /// With `session_replication_role = replica`, foreign keys and ordinary triggers do not act in any session.
    ///
    /// ## Threshold
    ///
    /// None: such a value is always reported.
    ///
    /// ## Remedy
    ///
    /// Disable it as soon as the rescue is complete. `ignore_invalid_pages` requires a restart, the others a reload or a
    /// new session. After `session_replication_role`, look for rows that violate foreign keys: validating a constraint again
    /// finds them.
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
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "replica", "source": "configuration file" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "origin", "source": "user" } ],
    ///   "pg_db_role_setting": [ { "name": "session_replication_role", "setting": "replica" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "zero_damaged_pages", "setting": "off" },
    ///                    { "name": "ignore_checksum_failure", "setting": "off" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "replica", "source": "user" } ] }
    /// ```
    rule damage_ignored {
        code: PGD104,
        title: "Damaged pages or foreign keys are ignored",
        passed: "Damaged pages and foreign keys are not ignored",
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

const REPLICATION_ROLE: &str = "session_replication_role";

type Rescue = (&'static str, Effort, Option<String>);

fn check(view: &View<'_>) -> Checked<Option<Rescue>> {
    let configured = view.configured()?;
    let on = RESCUES.into_iter().find(|(name, _)| configured.is_on(name) == Some(true));
    let set_by = |name: &str| configured.get(name).and_then(Settings::set_by);
    let on = on.map(|(name, effort)| (name, effort, set_by(name)));
    Ok(on.or_else(|| replication_role(configured).map(|set_by| (REPLICATION_ROLE, Effort::Reload, set_by))))
}

/// What sets `replica` for all sessions; a value of the collecting role or its database is not one of the server.
fn replication_role(configured: &Configured) -> Option<Option<String>> {
    if configured.for_all_roles(REPLICATION_ROLE) == Some("replica") {
        return Some(Source::Global.statement().map(str::to_owned));
    }
    let is_own = |source: Source| source != Source::Global && source.differs_between_sessions();
    let setting = configured.get(REPLICATION_ROLE).filter(|setting| setting.setting.as_deref() == Some("replica"))?;
    (!Settings::source(setting).is_some_and(is_own)).then(|| Settings::set_by(setting))
}

fn subject((name, _, set_by): &Rescue) -> About {
    let (value, wanted) = if *name == REPLICATION_ROLE { ("replica", "origin") } else { ("on", "off") };
    About::parameter(name, Weight::All)
        .figures([Figure::parameter(name, value).against(wanted), Figure::new("set_by", set_by.clone())])
}

fn describe((name, effort, _): &Rescue) -> Draft {
    if *name == REPLICATION_ROLE {
        return Draft::new(format!("Set {name} to origin: foreign keys and triggers are disabled in all sessions"))
            .set(name, "origin", *effort)
            .because("With replica, foreign keys and ordinary triggers do not act, so invalid data is stored silently.")
            .advise("Then look for rows that violate foreign keys, and set replica only in sessions that apply replicated changes.")
            .impact("Statements that violate a foreign key fail again, and triggers run again.");
    }
    Draft::new(format!("Disable {name}"))
        .set(name, "off", *effort)
        .because("While it is on, the server continues with pages that it knows to be damaged, so data can be lost silently.")
        .advise("Leave it on only while you rescue data from a copy of a damaged cluster.")
        .impact("Queries that need a damaged page fail instead of returning wrong results.")
}
