//! No connection slot is reserved for superusers.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `superuser_reserved_connections` is 0.
    ///
    /// ## Why it matters
    ///
    /// When the applications have used all slots, an administrator cannot connect either, neither to find out which
    /// sessions there are nor to end them. What remains is a restart.
    ///
    /// ## Threshold
    ///
    /// None: 0 is always reported.
    ///
    /// ## Remedy
    ///
    /// Set it to its default, 3. This requires a restart.
    ///
    /// ## When to ignore this
    ///
    /// If `reserved_connections` (version 16 and newer) reserves slots for the administrators.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "superuser_reserved_connections", "setting": "0", "vartype": "integer", "context": "postmaster",
    ///                        "min_val": "0", "max_val": "262143" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "superuser_reserved_connections", "setting": "3", "vartype": "integer", "context": "postmaster",
    ///                        "min_val": "0", "max_val": "262143" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "superuser_reserved_connections", "setting": "0", "vartype": "integer", "context": "postmaster",
    ///                        "min_val": "0", "max_val": "262143" },
    ///                      { "name": "reserved_connections", "setting": "2" } ] }
    /// ```
    rule no_superuser_slots {
        code: PGD404,
        title: "No connection slot is reserved for superusers",
        passed: "Connection slots are reserved for superusers",
        worst: Warning,
        reads: [settings],
        source: "PostgreSQL manual, superuser_reserved_connections",
    }
}

fn check(view: &View<'_>) -> Checked<Option<()>> {
    let settings = view.settings()?;
    settings.require("superuser_reserved_connections")?;
    let is_none = |name: &str| settings.integer(name).unwrap_or(0) == 0;
    Ok((is_none("superuser_reserved_connections") && is_none("reserved_connections")).then_some(()))
}

fn subject((): &()) -> About {
    About::parameter("superuser_reserved_connections", Weight::All)
        .figures([Figure::parameter("superuser_reserved_connections", "0").against("3")])
}

fn describe((): &()) -> Draft {
    Draft::new("Reserve connection slots for superusers")
        .because("When the applications have used all slots, an administrator cannot connect to end sessions.")
        .advise("Keep at least 3 slots for superusers.")
        .set("superuser_reserved_connections", "3", Effort::Restart)
}
