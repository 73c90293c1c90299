//! Triggers and foreign keys do not act in any session.

use crate::engine::prelude::*;
use crate::facts::settings::Settings;

rule! {
    /// ## What it sees
    ///
    /// The parameter `session_replication_role` is `replica` for the whole server or, by ALTER ROLE ALL, for all roles. A value for a
    /// role or a database is the subject of PGD203.
    ///
    /// ## Why it matters
    ///
    /// With `replica`, ordinary triggers and rules do not fire, and foreign keys, which are checked by triggers, are not enforced.
    /// Rows without a parent row are stored silently, ON DELETE CASCADE does nothing, and audit triggers record nothing.
    ///
    /// ## Threshold
    ///
    /// None: `replica` is always reported.
    ///
    /// ## Remedy
    ///
    /// Set it to `origin`, then look for rows that violate foreign keys. VALIDATE CONSTRAINT does not check a constraint again that is
    /// marked valid: drop the constraint and add it again, or query the table for rows without a parent row. Replication tools and
    /// loads that need `replica` set it in their own sessions.
    ///
    /// ## When to ignore this
    ///
    /// While data are being restored, with no other sessions, from a source that already enforces the constraints.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "replica", "source": "configuration file" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "origin", "source": "user" } ],
    ///   "pg_db_role_setting": [ { "name": "session_replication_role", "setting": "replica" } ] }
    /// ```
    ///
    /// What ALTER ROLE ALL sets overrides the server's configuration:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "replica", "source": "client" } ],
    ///   "pg_db_role_setting": [ { "name": "session_replication_role", "setting": "origin" } ] }
    /// ```
    ///
    /// Only the collecting role has the value:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "session_replication_role", "setting": "replica", "boot_val": "origin", "source": "user" } ],
    ///   "pg_file_settings": [],
    ///   "pg_db_role_setting": [ { "rolname": "loader", "name": "session_replication_role", "setting": "replica" } ] }
    /// ```
    rule replication_role_replica {
        code: PGD109,
        title: "Triggers and foreign keys are disabled in all sessions",
        passed: "Triggers and foreign keys are not disabled for all sessions",
        worst: Critical,
        reads: [server_settings],
        source: "PostgreSQL manual, session_replication_role",
    }
}

const ROLE: &str = "session_replication_role";

struct Replica {
    set_by: Option<String>,
}

fn check(view: &View<'_>) -> Checked<Option<Replica>> {
    let setting = view.server_settings()?.require(ROLE)?;
    let is_replica = setting.setting.as_deref() == Some("replica");
    Ok(is_replica.then(|| Replica { set_by: Settings::set_by(setting) }))
}

fn subject(found: &Replica) -> About {
    About::parameter(ROLE, Weight::All)
        .figures([Figure::parameter(ROLE, "replica").against("origin"), Figure::new("set_by", found.set_by.clone())])
}

fn describe(_: &Replica) -> Draft {
    Draft::new(format!("Set {ROLE} to origin: triggers and foreign keys are disabled in all sessions"))
        .set(ROLE, "origin", Effort::Reload)
        .because("With replica, triggers do not fire and foreign keys are not enforced, so invalid data is stored silently.")
        .advise("Then look for rows that violate foreign keys, and set replica only in sessions that apply replicated changes.")
        .impact("Statements that violate a foreign key fail again, and triggers fire again.")
}
