//! Sessions queue behind DDL that waits for its lock.

use crate::engine::prelude::*;
use crate::facts::locks::mode::ACCESS_EXCLUSIVE;
use crate::facts::locks::{Party, Release, Wait};

rule! {
    /// ## What it sees
    ///
    /// A session that waits for an ACCESS EXCLUSIVE lock on a table, such as ALTER TABLE, TRUNCATE, DROP or VACUUM
    /// FULL, while other sessions queue behind it.
    ///
    /// ## Why it matters
    ///
    /// Locks are granted in the order in which they were requested. While the DDL waits for a transaction that uses
    /// the table, every statement that came later waits too, even SELECT: one long transaction and one quick ALTER
    /// TABLE stop all use of the table.
    ///
    /// ## Threshold
    ///
    /// At least one session in the queue, and a wait of the DDL of at least {WAITED}. Before version 14 the age of
    /// the statement is used for the wait.
    ///
    /// ## Remedy
    ///
    /// Cancel the DDL: the queue dissolves at once. Then run it again with a short `lock_timeout`, and repeat it
    /// until it succeeds, or end the transaction that it waits for.
    ///
    /// ## When to ignore this
    ///
    /// During a maintenance window in which the application is stopped.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "lock_timeout", "setting": "0", "unit": "ms" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" },
    ///                         { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active", "query": "ALTER TABLE" },
    ///                         { "pid": 3, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock", "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] },
    ///                 { "pid": 3, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [2] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "lock_timeout", "setting": "0", "unit": "ms" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" },
    ///                         { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active", "query": "ALTER TABLE" },
    ///                         { "pid": 3, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock", "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:59.9Z", "blocked_by": [1] },
    ///                 { "pid": 3, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:59.9Z", "blocked_by": [2] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock", "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] } ] }
    /// ```
    rule ddl_lock_queue {
        code: PGD1103,
        title: "Sessions queue behind DDL that waits for its lock",
        passed: "No session queues behind waiting DDL",
        worst: Warning,
        reads: [locks],
        source: "PostgreSQL manual, Explicit Locking",
        thresholds: {
            /// Shorter waits are normal.
            WAITED: Millis = Millis(1000.0),
        },
    }
}

struct Waiting<'a> {
    party: &'a Party,
    wait: &'a Wait,
    queue: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Waiting<'a>>> {
    let locks = view.locks()?;
    let waiting = |(number, party): (usize, &'a Party)| {
        let is_ddl = |wait: &&Wait| wait.locktype == "relation" && wait.mode == ACCESS_EXCLUSIVE;
        let wait = party.wait.as_ref().filter(is_ddl).filter(|wait| wait.time >= Some(WAITED))?;
        let queue = locks.queue_behind(number);
        (queue > 0).then_some(Waiting { party, wait, queue })
    };
    Ok(locks.parties.iter().enumerate().filter_map(waiting).collect())
}

fn subject(waiting: &Waiting<'_>) -> About {
    About::party(waiting.party, Weight::Count(waiting.queue)).figures([
        Figure::new("queue", waiting.queue).labelled("sessions in the queue"),
        Figure::new("object", waiting.wait.object.as_str()),
        Figure::new("waited", waiting.wait.time),
    ])
}

fn describe(found: &Found<Waiting<'_>>) -> Draft {
    let queue = display::counted(found.sum(|waiting| Some(waiting.queue)), "session queues", "sessions queue");
    let who = found.only().map(|waiting| waiting.party.words());
    let who = who.unwrap_or_else(|| found.counted("session", "sessions"));
    let objects = found.only().map(|waiting| format!("{} is requested in the mode ACCESS EXCLUSIVE.", waiting.wait.object));
    let cancel = found.iter().filter(|waiting| waiting.party.release() == Release::Cancel);
    Draft::new(format!("Cancel the waiting DDL of {who}: {queue} behind it"))
        .because(objects.unwrap_or_else(|| "Relations are requested in the mode ACCESS EXCLUSIVE.".to_owned()))
        .because("Locks are granted in the order of requests, so statements that came later wait too, even SELECT.")
        .advise("Cancel the DDL: the queue dissolves at once.")
        .advise("Run it again with SET lock_timeout = '2s', and repeat it until it succeeds; or first end the transaction that it waits for.")
        .cancel(cancel.filter_map(|waiting| waiting.party.process.as_ref()))
}
