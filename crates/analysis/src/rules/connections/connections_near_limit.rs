//! Few connection slots are free.

use crate::engine::prelude::*;
use crate::facts::sessions::SlotUse;

rule! {
    /// ## What it sees
    ///
    /// Client sessions at the moment of collection, compared with the connection slots available to ordinary roles:
    /// `max_connections` minus `superuser_reserved_connections` and `reserved_connections`.
    ///
    /// ## Why it matters
    ///
    /// When all slots are in use, the server rejects new clients with "sorry, too many clients already".
    ///
    /// ## Threshold
    ///
    /// Warning if at least {WARNING} of the slots are in use, critical from {CRITICAL}. Only client backends count; background
    /// workers and WAL senders have slots of their own.
    ///
    /// ## Remedy
    ///
    /// Use a connection pooler, or reduce the pool sizes of the applications. Raising `max_connections` requires a restart and
    /// costs memory, and CPU time for every snapshot; it is the last resort.
    ///
    /// ## When to ignore this
    ///
    /// If the pools are deliberately sized to use all slots, and nothing else connects.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_connections", "setting": "5" },
    ///                    { "name": "superuser_reserved_connections", "setting": "3" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "active", "usename": "app" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100" },
    ///                    { "name": "superuser_reserved_connections", "setting": "3" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app" },
    ///                         { "pid": 2, "backend_type": "checkpointer" } ] }
    /// ```
    rule connections_near_limit {
        code: PGD401,
        title: "Few connection slots are free",
        passed: "Enough connection slots are free",
        worst: Critical,
        reads: [sessions],
        source: "PostgreSQL manual, Connection Settings",
        thresholds: {
            /// Share of slots in use that causes a warning.
            WARNING: Ratio = Ratio(0.75),
            /// Share of slots in use that is critical.
            CRITICAL: Ratio = Ratio(0.90),
        },
    }
}

struct NearLimit<'a> {
    sessions: &'a Sessions,
    slot_use: SlotUse,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<NearLimit<'a>>> {
    let sessions = view.sessions()?;
    let slot_use = sessions.slot_use()?;
    Ok((slot_use.ratio >= WARNING).then_some(NearLimit { sessions, slot_use }))
}

fn subject(found: &NearLimit<'_>) -> About {
    let SlotUse { clients, slots, ratio } = found.slot_use;
    let is_critical = ratio >= CRITICAL;
    About::parameter("max_connections", ratio)
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("slots_in_use", ratio).against(if is_critical { CRITICAL } else { WARNING }),
            Figure::new("client_sessions", clients),
            Figure::new("slots", slots).labelled("slots available to ordinary roles"),
        ])
}

fn describe(found: &NearLimit<'_>) -> Draft {
    let (clients, slots) = (display::count(found.slot_use.clients), display::count(found.slot_use.slots));
    let roles = found.sessions.by_role().into_iter();
    let rows = roles.map(|of| vec![of.role.into(), of.all.into(), of.idle.into()]);
    let columns = [("role", "role"), ("sessions", "sessions"), ("idle", "idle")];
    Draft::new(format!("Reduce connections: {clients} of {slots} slots in use"))
        .because("When all slots are in use, the server rejects new clients.")
        .show([Block::Table(format::Table::new("Client sessions by role", &columns, rows))])
        .advise("Use a connection pooler such as PgBouncer, or reduce the pool sizes of the applications.")
        .advise("Raise max_connections only if most of these sessions are active.")
        .query(
            "SELECT usename, application_name, state, count(*)\nFROM pg_stat_activity\nWHERE backend_type = 'client \
             backend'\nGROUP BY 1, 2, 3\nORDER BY 4 DESC;",
        )
        .effort(Effort::Project)
}
