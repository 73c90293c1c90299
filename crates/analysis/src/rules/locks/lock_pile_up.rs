//! Many sessions wait for one.

use crate::engine::prelude::*;
use crate::facts::locks::{Chain, Wait};

rule! {
    /// ## What it sees
    ///
    /// Root blockers with many sessions behind them, at the moment of collection, of which one has waited for some
    /// seconds. Waits from {REPORTED} on are reported by PGD1101.
    ///
    /// ## Why it matters
    ///
    /// Each waiting session occupies a connection slot. If requests arrive faster than the chain is worked off, the
    /// application runs out of connections, and statements that do not need the lock cannot run either.
    ///
    /// ## Threshold
    ///
    /// At least {MANY} sessions behind a root blocker, or a chain of at least {DEEP} sessions, and a wait of at least
    /// {WAITED}. Before version 14 the age of the waiting statement is used for the wait, and the confidence is
    /// medium. On a busy server, short queues for the same row are normal.
    ///
    /// ## Remedy
    ///
    /// Make the transactions that hold the lock shorter: change the row that all of them change, such as a counter,
    /// at the end of the transaction, or spread it over several rows. If the root blocker is stuck, end its
    /// transaction.
    ///
    /// ## When to ignore this
    ///
    /// During planned DDL, such as a migration in a maintenance window.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "active", "usename": "app" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "transactionid", "transactionid": "7", "mode": "ExclusiveLock", "granted": true },
    ///                 { "pid": 2, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 3, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 4, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 5, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 6, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 7, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 8, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 9, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 10, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 11, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "state": "active", "usename": "app" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "transactionid", "transactionid": "7", "mode": "ExclusiveLock", "granted": true },
    ///                 { "pid": 2, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 3, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 4, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 5, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 6, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 7, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 8, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 9, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 10, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] },
    ///                 { "pid": 11, "locktype": "transactionid", "transactionid": "7", "mode": "ShareLock", "granted": false,
    ///                   "waitstart": "2026-01-01T11:59:59Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] } ] }
    /// ```
    rule lock_pile_up {
        code: PGD1102,
        title: "Many sessions wait for one",
        passed: "No large group of sessions waits for one",
        worst: Warning,
        reads: [locks],
        source: "PostgreSQL manual, pg_locks and pg_blocking_pids()",
        thresholds: {
            /// Sessions behind a root blocker that are many.
            MANY: i64 = 10,
            /// Sessions of a chain that is deep.
            DEEP: i64 = 5,
            /// Shorter waits are normal on a busy server.
            WAITED: Millis = Millis(5000.0),
            /// Longer waits are reported by PGD1101.
            REPORTED: Millis = Millis(60_000.0),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Chain<'a>>> {
    let is_large = |chain: &Chain<'_>| chain.behind() >= MANY || chain.depth() >= DEEP;
    let waits = |chain: &Chain<'_>| {
        chain.longest_of(Wait::is_unwanted).is_some_and(|(time, _)| time >= WAITED && time < REPORTED)
    };
    Ok(view.locks()?.chains().filter(|chain| is_large(chain) && waits(chain)).collect())
}

fn subject(chain: &Chain<'_>) -> About {
    About::party(chain.root, Weight::Count(chain.behind())).figures([
        Figure::new("sessions_behind", chain.behind()).against(MANY),
        Figure::new("depth", chain.depth()).labelled("longest chain").against(DEEP),
        Figure::new("longest_wait", chain.longest().map(|(time, _)| time)),
    ])
}

fn describe(found: &Found<Chain<'_>>) -> Draft {
    let behind = display::counted(found.sum(|chain| Some(chain.behind())), "session waits", "sessions wait");
    let who = found.only().map(|chain| chain.root.words());
    let who = who.unwrap_or_else(|| found.counted("root blocker", "root blockers"));
    let is_exact = found.all(|chain| chain.longest().is_some_and(|(_, is_exact)| is_exact));
    Draft::new(format!("Shorten the transactions that block others: {behind} behind {who}"))
        .confidence(if is_exact { Confidence::High } else { Confidence::Medium })
        .because("Each waiting session occupies a connection slot, and the queue grows until the root blocker ends its transaction.")
        .advise("Run the check again: if the same session is still the root blocker, it is stuck.")
        .release(found.iter().map(|chain| chain.root))
        .effort(Effort::Project)
}
