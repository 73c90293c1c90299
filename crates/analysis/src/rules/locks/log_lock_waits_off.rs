//! Lock waits are not logged.

use crate::engine::prelude::*;
use crate::facts::locks::Wait;

rule! {
    /// ## What it sees
    ///
    /// The parameter `log_lock_waits` is `off`, although sessions wait for locks or the server has detected
    /// deadlocks.
    ///
    /// ## Why it matters
    ///
    /// A snapshot shows only the waits of its moment. With `log_lock_waits` the server log contains each wait that
    /// lasts longer than `deadlock_timeout`, with the statements of both sides, so that the cause can be found later.
    ///
    /// ## Threshold
    ///
    /// A wait of at least {WAITED}, or at least {DEADLOCKS} deadlocks of a database since its counters were reset.
    /// Without such evidence the parameter is not reported, since `off` is the default.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient. It costs nothing where nobody waits.
    ///
    /// ## When to ignore this
    ///
    /// If another tool records lock waits.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "log_lock_waits", "setting": "off", "vartype": "bool", "context": "superuser" } ],
    ///   "pg_stat_database": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:00Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "log_lock_waits", "setting": "on", "vartype": "bool", "context": "superuser" } ],
    ///   "pg_stat_database": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:00Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "log_lock_waits", "setting": "off", "vartype": "bool", "context": "superuser" } ],
    ///   "pg_stat_database": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] } ] }
    /// ```
    rule log_lock_waits_off {
        code: PGD1110,
        title: "Lock waits are not logged",
        passed: "Lock waits are logged, or there were none",
        worst: Notice,
        reads: [server_settings, locks, databases],
        source: "PostgreSQL manual, log_lock_waits",
        thresholds: {
            /// A wait that is evidence.
            WAITED: Millis = Millis(10_000.0),
            /// Deadlocks that are evidence.
            DEADLOCKS: i64 = 5,
        },
    }
}

struct Unlogged {
    longest: Option<Millis>,
    deadlocks: i64,
}

fn check(view: &View<'_>) -> Checked<Option<Unlogged>> {
    let settings = view.server_settings()?;
    settings.require("log_lock_waits")?;
    if settings.is_on("log_lock_waits") == Some(true) {
        return Ok(None);
    }
    let waits = view.locks()?.chains().filter_map(|chain| chain.longest_of(Wait::is_unwanted));
    let longest = waits.map(|(time, _)| time).max_by(|a, b| a.0.total_cmp(&b.0));
    let counted = view.databases()?.since_reset(None).filter_map(|observed| observed.row.deadlocks);
    let deadlocks = counted.fold(0, i64::saturating_add);
    let is_evident = longest >= Some(WAITED) || deadlocks >= DEADLOCKS;
    Ok(is_evident.then_some(Unlogged { longest, deadlocks }))
}

fn subject(unlogged: &Unlogged) -> About {
    About::parameter("log_lock_waits", Weight::All).figures([
        Figure::parameter("log_lock_waits", "off").against("on"),
        Figure::new("longest_wait", unlogged.longest).against(WAITED),
        Figure::new("deadlocks", unlogged.deadlocks).against(DEADLOCKS),
    ])
}

fn describe(_: &Unlogged) -> Draft {
    Draft::new("Enable log_lock_waits")
        .because("Sessions wait for locks, or deadlocks were detected.")
        .because("The server log does not show which statements were involved.")
        .advise("Waits longer than deadlock_timeout are logged.")
        .set("log_lock_waits", "on", Effort::Reload)
}
