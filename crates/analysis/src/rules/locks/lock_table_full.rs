//! The lock table is nearly full.

use crate::engine::prelude::*;
use crate::facts::locks::held::HeldLocks;

rule! {
    /// ## What it sees
    ///
    /// Objects in the lock table at the moment of collection, compared with the number for which it has room:
    /// `max_locks_per_transaction × (max_connections + max_prepared_transactions)`. Locks that were taken via the
    /// fast path are not in the table.
    ///
    /// ## Why it matters
    ///
    /// When it is full, statements fail with "out of shared memory", also those of other sessions that need only a
    /// few locks.
    ///
    /// ## Threshold
    ///
    /// Notice if at least {NOTICE} of the room is in use, warning from {WARNING} on.
    ///
    /// ## Remedy
    ///
    /// Find the session that holds most of the locks: often a dump or a statement over thousands of partitions. If
    /// that is normal, raise `max_locks_per_transaction`, which requires a restart and some shared memory; on
    /// standbys first.
    ///
    /// ## When to ignore this
    ///
    /// During a dump of very many tables that is known to fit.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "max_locks_per_transaction", "setting": "64", "vartype": "integer", "min_val": "10",
    ///                        "max_val": "2147483647", "context": "postmaster" },
    ///                      { "name": "max_connections", "setting": "100" },
    ///                      { "name": "max_prepared_transactions", "setting": "0" } ],
    ///   "lock_counts": [ { "pid": 1, "locktype": "relation", "mode": "AccessShareLock", "granted": true, "fastpath": false,
    ///                      "locks": 4000, "locked_objects": 4000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "max_locks_per_transaction", "setting": "64", "vartype": "integer", "min_val": "10",
    ///                        "max_val": "2147483647", "context": "postmaster" },
    ///                      { "name": "max_connections", "setting": "100" },
    ///                      { "name": "max_prepared_transactions", "setting": "0" } ],
    ///   "lock_counts": [ { "pid": 1, "locktype": "relation", "mode": "AccessShareLock", "granted": true, "fastpath": false,
    ///                      "locks": 500, "locked_objects": 500 } ] }
    /// ```
    rule lock_table_full {
        code: PGD1109,
        title: "The lock table is nearly full",
        passed: "The lock table has room",
        worst: Warning,
        reads: [lock_table, settings],
        source: "PostgreSQL manual, max_locks_per_transaction",
        thresholds: {
            /// Share of the room that causes a notice.
            NOTICE: Ratio = Ratio(0.25),
            /// Share of the room that causes a warning.
            WARNING: Ratio = Ratio(0.50),
        },
    }
}

/// The sessions with the most locks that are shown.
const SHOWN: usize = 5;

struct Full<'a> {
    table: &'a HeldLocks,
    fill: Ratio,
    capacity: i64,
    per_transaction: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Full<'a>>> {
    let table = view.lock_table()?;
    let per_transaction = view.settings()?.integer("max_locks_per_transaction");
    let room = table.capacity.zip(per_transaction).zip(table.fill());
    let ((capacity, per_transaction), fill) =
        room.ok_or_else(|| NotAssessed::because("pg_settings does not show the size of the lock table"))?;
    Ok((fill >= NOTICE).then_some(Full { table, fill, capacity, per_transaction }))
}

fn subject(full: &Full<'_>) -> About {
    About::parameter("max_locks_per_transaction", full.fill)
        .severity(if full.fill >= WARNING { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("fill", full.fill).labelled("share in use").against(NOTICE),
            Figure::new("objects", full.table.objects()).labelled("objects in the lock table"),
            Figure::new("capacity", full.capacity).labelled("room in the lock table"),
            Figure::new("max_locks_per_transaction", full.per_transaction),
        ])
}

fn describe(full: &Full<'_>) -> Draft {
    let mut held: Vec<(i64, i64)> = full.table.pids().into_iter().map(|pid| (pid, full.table.of(pid).locks)).collect();
    held.sort_by_key(|(_, locks)| std::cmp::Reverse(*locks));
    let rows: Vec<Vec<Quantity>> = held.iter().take(SHOWN).map(|(pid, locks)| vec![pid.to_string().into(), (*locks).into()]).collect();
    let table = format::Table::new("Processes with the most locks", &[("pid", "pid"), ("locks", "locks")], rows);
    let doubled = full.per_transaction.saturating_mul(2);
    Draft::new(format!("Raise max_locks_per_transaction: the lock table is {} full", display::percent(full.fill)))
        .because("When it is full, statements of all sessions fail with \"out of shared memory\".")
        .show([Block::Table(table)])
        .advise("First find out whether the session with the most locks needs them.")
        .advise("Raise the parameter on standbys before the primary: they need at least the same value.")
        .set("max_locks_per_transaction", doubled.to_string(), Effort::Restart)
}
