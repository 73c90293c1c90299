//! Few connection slots are free.

use pgdba_pg::{Ratio, display};

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::sessions::Sessions;
use crate::format::{Effort, Subject};
use crate::{Block, Checked, Figure, NotAssessed, Severity, Table, View, rule};

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
    /// ## Source
    ///
    /// PostgreSQL manual, "Connection Settings".
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

struct Found {
    clients: i64,
    slots: i64,
    used: Ratio,
    by_role: Vec<(String, i64, i64)>,
}

fn check(view: &View<'_>) -> Checked<Option<Found>> {
    let sessions = view.sessions()?;
    let clients = i64::try_from(sessions.clients().count()).unwrap_or(i64::MAX);
    let unknown = || NotAssessed::because("pg_settings does not show max_connections");
    let slots = sessions.slots.ok_or_else(unknown)?;
    let used = Ratio::of(clients, slots).ok_or_else(unknown)?;
    Ok((used >= WARNING).then(|| Found { clients, slots, used, by_role: by_role(sessions) }))
}

/// Sessions per role, and how many of them are idle; most sessions first.
fn by_role(sessions: &Sessions) -> Vec<(String, i64, i64)> {
    let mut roles = std::collections::BTreeMap::<String, (i64, i64)>::new();
    for client in sessions.clients() {
        let (all, idle) = roles.entry(client.usename.clone().unwrap_or_default()).or_default();
        *all += 1;
        *idle += i64::from(client.state.as_deref() == Some("idle"));
    }
    let mut rows: Vec<_> = roles.into_iter().map(|(role, (all, idle))| (role, all, idle)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows
}

fn describe(found: &Found) -> Draft {
    let (clients, slots) = (display::count(found.clients), display::count(found.slots));
    let rows = found.by_role.iter().map(|(role, all, idle)| vec![role.as_str().into(), (*all).into(), (*idle).into()]);
    let columns = [("role", "role"), ("sessions", "sessions"), ("idle", "idle")];
    Draft::new(found.level().0, format!("Reduce connections: {clients} of {slots} slots in use"))
        .because("When all slots are in use, the server rejects new clients.")
        .show(Block::Table(Table::new("Client sessions by role", &columns, rows)))
        .advise(
            "Use a connection pooler such as PgBouncer, or reduce the pool sizes of the applications. Raise \
             max_connections only if most of these sessions are active.",
        )
        .query(
            "SELECT usename, application_name, state, count(*)\nFROM pg_stat_activity\nWHERE backend_type = 'client \
             backend'\nGROUP BY 1, 2, 3\nORDER BY 4 DESC;",
        )
        .effort(Effort::Project)
}

impl Found {
    /// The severity, and the limit that was reached.
    fn level(&self) -> (Severity, Ratio) {
        if self.used >= CRITICAL { (Severity::Critical, CRITICAL) } else { (Severity::Warning, WARNING) }
    }
}

impl Affects for Found {
    fn about(&self) -> About {
        About::new(Subject::parameter("max_connections"), self.used)
            .figure(Figure::new("slots_in_use", self.used).against(self.level().1))
            .figure(Figure::new("client_sessions", self.clients))
            .figure(Figure::new("slots", self.slots).labelled("slots available to ordinary roles"))
    }
}
