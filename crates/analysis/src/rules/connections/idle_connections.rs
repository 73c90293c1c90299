//! Most connections are idle.

use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use crate::engine::prelude::*;
use crate::facts::sessions::SlotUse;

rule! {
    /// ## What it sees
    ///
    /// Client sessions at the moment of collection, if most of them are idle and they occupy much of the connection
    /// slots.
    ///
    /// ## Why it matters
    ///
    /// An idle session costs memory and a slot, and every snapshot that another session takes has to consider it. If
    /// all applications keep more connections than they use, the slots run out although the server has little to do.
    ///
    /// ## Threshold
    ///
    /// At least {SLOTS} of the slots in use, at least {IDLE} of the sessions idle, and at least {LONG} of them for
    /// {SINCE} or longer. Pools keep some idle sessions on purpose, so fewer are not reported.
    ///
    /// ## Remedy
    ///
    /// Reduce the pool sizes of the applications, or use a pooler such as PgBouncer in transaction mode in front of
    /// them.
    ///
    /// ## When to ignore this
    ///
    /// If the pools are sized for a peak that comes regularly.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_connections", "setting": "40" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 3, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 4, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 5, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 6, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 7, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 8, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 9, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 10, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 11, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 12, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 13, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 14, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 15, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 16, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 17, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 18, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 19, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 20, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 21, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 22, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 23, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 24, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 25, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_connections", "setting": "40" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 3, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 4, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 5, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 6, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 7, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 8, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 9, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 10, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 11, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 12, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 13, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 14, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 15, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 16, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 17, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 18, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 19, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 20, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 21, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 22, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 23, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 24, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" },
    ///                         { "pid": 25, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T11:59:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_connections", "setting": "100" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 3, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 4, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 5, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 6, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 7, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 8, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 9, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 10, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 11, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 12, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 13, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 14, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 15, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 16, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 17, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 18, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 19, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 20, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 21, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 22, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 23, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 24, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 25, "backend_type": "client backend", "state": "idle", "usename": "app", "state_change": "2026-01-01T10:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_connections", "setting": "40" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 2, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 3, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 4, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 5, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 6, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 7, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 8, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 9, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 10, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 11, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 12, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 13, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 14, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 15, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 16, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 17, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 18, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 19, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 20, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 21, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 22, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 23, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 24, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" },
    ///                         { "pid": 25, "backend_type": "client backend", "state": "active", "usename": "app", "state_change": "2026-01-01T10:00:00Z" } ] }
    /// ```
    rule idle_connections {
        code: PGD403,
        title: "Most connections are idle",
        passed: "Connections are in use, or few of the slots are",
        worst: Notice,
        reads: [sessions],
        source: "PostgreSQL manual, max_connections; pgdoctor",
        thresholds: {
            /// Share of slots in use below which there is room.
            SLOTS: Ratio = Ratio(0.50),
            /// Share of idle sessions that is most of them.
            IDLE: Ratio = Ratio(0.50),
            /// Sessions that have been idle for long and are many.
            LONG: i64 = 10,
            /// Sessions that were active more recently are in use.
            SINCE: Millis = Millis(1_800_000.0),
        },
    }
}

struct Idle<'a> {
    sessions: &'a Sessions,
    slot_use: SlotUse,
    idle: i64,
    long: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Idle<'a>>> {
    let sessions = view.sessions()?;
    let slot_use = sessions.slot_use()?;
    let idle: Vec<_> = sessions.clients().filter(|client| client.state.as_deref() == Some("idle")).collect();
    let is_long = |client: &&&PgStatActivity| sessions.age(client.state_change) >= Some(SINCE);
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (long, idle) = (number(idle.iter().filter(is_long).count()), number(idle.len()));
    let is_found = slot_use.ratio >= SLOTS && Ratio::of(idle, slot_use.clients) >= Some(IDLE) && long >= LONG;
    Ok(is_found.then_some(Idle { sessions, slot_use, idle, long }))
}

fn subject(found: &Idle<'_>) -> About {
    About::parameter("max_connections", found.slot_use.ratio).figures([
        Figure::new("slots_in_use", found.slot_use.ratio).against(SLOTS),
        Figure::new("client_sessions", found.slot_use.clients),
        Figure::new("idle", found.idle).labelled("idle sessions"),
        Figure::new("idle_for_long", found.long).labelled("idle for long").against(LONG),
    ])
}

fn describe(found: &Idle<'_>) -> Draft {
    let rows = found.sessions.by_role().into_iter();
    let rows = rows.map(|of| vec![of.role.into(), of.all.into(), of.idle.into()]);
    let columns = [("role", "role"), ("sessions", "sessions"), ("idle", "idle")];
    let (idle, clients) = (display::count(found.idle), display::count(found.slot_use.clients));
    Draft::new(format!("Reduce pool sizes: {idle} of {clients} client sessions are idle"))
        .because(format!("{} have been idle for at least {}.", display::counted(found.long, "session", "sessions"), display::duration(SINCE)))
        .show([Block::Table(format::Table::new("Client sessions by role", &columns, rows))])
        .advise("Reduce the pool sizes of the applications, or use a pooler such as PgBouncer in transaction mode.")
        .effort(Effort::Project)
}
