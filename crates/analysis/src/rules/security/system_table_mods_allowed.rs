//! System catalogs can be changed by hand.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `allow_system_table_mods` is on for the whole server.
    ///
    /// ## Why it matters
    ///
    /// A superuser can change and drop system catalogs by mistake, which can make the cluster unusable.
    ///
    /// ## Threshold
    ///
    /// None: `on` is always reported.
    ///
    /// ## Remedy
    ///
    /// Set it to `off`. Where it is needed, a session can set it for itself.
    ///
    /// ## When to ignore this
    ///
    /// During a repair that needs it.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "allow_system_table_mods", "setting": "on", "source": "configuration file" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "allow_system_table_mods", "setting": "off" } ] }
    /// ```
    rule system_table_mods_allowed {
        code: PGD1311,
        title: "The structure of system catalogs can be changed",
        passed: "The structure of system catalogs cannot be changed",
        worst: Warning,
        reads: [server_settings],
        source: "PostgreSQL manual, Developer Options: allow_system_table_mods",
    }
}

struct Allowed(Effort);

fn check(view: &View<'_>) -> Checked<Option<Allowed>> {
    let setting = view.server_settings()?.require("allow_system_table_mods")?;
    let is_on = setting.setting.as_deref() == Some("on");
    let needs_restart = setting.context.as_deref() == Some("postmaster");
    Ok(is_on.then_some(Allowed(if needs_restart { Effort::Restart } else { Effort::Reload })))
}

fn subject(_: &Allowed) -> About {
    About::parameter("allow_system_table_mods", Weight::All)
        .figures([Figure::parameter("allow_system_table_mods", "on").against("off")])
}

fn describe(allowed: &Allowed) -> Draft {
    Draft::new("Protect the system catalogs")
        .set("allow_system_table_mods", "off", allowed.0)
        .because("A superuser can change and drop system catalogs by mistake.")
}
