//! The cost limit makes autovacuum too slow.

use crate::engine::prelude::*;
use crate::engine::workers::{Late, late};

rule! {
    /// ## What it sees
    ///
    /// All autovacuum workers are busy while several tables are far past their thresholds, and at least half of the workers are
    /// sleeping because of the cost limit (`VacuumDelay`; version 12 does not show that).
    ///
    /// ## Why it matters
    ///
    /// Each page that VACUUM reads or changes costs points; after `autovacuum_vacuum_cost_limit` points, it sleeps for
    /// `autovacuum_vacuum_cost_delay`. All workers share the limit, so more workers do not help. With the defaults they change at
    /// most 39 MB per second together, which current storage exceeds many times over.
    ///
    /// ## Threshold
    ///
    /// All workers are busy, at least 3 tables that no worker is processing are at 2 times their threshold or more, and the
    /// configuration allows less than 1 000 000 points per second, which is 10 times the default.
    ///
    /// ## Remedy
    ///
    /// If the delay is longer than {DELAY}, reduce it to that; 20 ms was the default before version 12. Otherwise raise the limit to
    /// {TIMES} times its value, and watch the load on the storage.
    ///
    /// ## When to ignore this
    ///
    /// If the storage is the bottleneck already.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "1" }, { "name": "max_connections", "setting": "100" },
    ///                    { "name": "autovacuum_vacuum_cost_limit", "setting": "-1" }, { "name": "vacuum_cost_limit", "setting": "200" },
    ///                    { "name": "autovacuum_vacuum_cost_delay", "setting": "2", "unit": "ms" },
    ///                    { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "autovacuum worker", "wait_event": "VacuumDelay" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "s", "relname": "a", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 2, "nspname": "s", "relname": "b", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 3, "nspname": "s", "relname": "c", "relkind": "r", "relpages": 9, "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "n_dead_tup": 50000 }, { "relid": 2, "n_dead_tup": 50000 },
    ///                            { "relid": 3, "n_dead_tup": 50000 } ] }
    /// ```
    ///
    /// The limit is high already:
    ///
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "1" }, { "name": "max_connections", "setting": "100" },
    ///                    { "name": "autovacuum_vacuum_cost_limit", "setting": "4000" },
    ///                    { "name": "autovacuum_vacuum_cost_delay", "setting": "2", "unit": "ms" },
    ///                    { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "autovacuum worker", "wait_event": "VacuumDelay" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "s", "relname": "a", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 2, "nspname": "s", "relname": "b", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 3, "nspname": "s", "relname": "c", "relkind": "r", "relpages": 9, "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "n_dead_tup": 50000 }, { "relid": 2, "n_dead_tup": 50000 },
    ///                            { "relid": 3, "n_dead_tup": 50000 } ] }
    /// ```
    rule throttled_autovacuum {
        code: PGD512,
        title: "The cost limit makes autovacuum too slow",
        passed: "The cost limit does not make autovacuum late",
        worst: Warning,
        reads: [system, server_settings, sessions, tables, vacuums],
        source: "PostgreSQL manual, Cost-based Vacuum Delay",
        thresholds: {
            /// The delay that newer versions have by default.
            DELAY: Millis = Millis(2.0),
            /// The limit is multiplied by this.
            TIMES: i64 = 5,
        },
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Option<Late<'a>>> {
    Ok(late(view)?.filter(Late::is_throttled))
}

/// The parameter to change, and its value.
fn proposal(late: &Late<'_>) -> (&'static str, String) {
    if late.delay > DELAY {
        ("autovacuum_vacuum_cost_delay", "2ms".to_owned())
    } else {
        ("autovacuum_vacuum_cost_limit", late.limit.saturating_mul(TIMES).min(10_000).to_string())
    }
}

fn subject(late: &Late<'_>) -> About {
    About::parameter(proposal(late).0, Weight::Count(late.workers)).figures(late.figures())
}

fn describe(late: &Late<'_>) -> Draft {
    let (parameter, value) = proposal(late);
    let waiting = display::counted(late.waiting.len(), "table waits", "tables wait");
    Draft::new(format!("Set {parameter} to {value}: {waiting} for autovacuum"))
        .confidence(Confidence::Medium)
        .because(format!("All {} autovacuum workers are busy, {} of them sleeping.", late.workers, late.sleeping))
        .because("All workers share the cost limit, so more workers would not be faster.")
        .show([late.tables()])
        .set(parameter, value, Effort::Reload)
        .advise("Watch the load on the storage, and raise the limit again if tables still wait.")
        .impact("Autovacuum reads and writes faster; running workers use the new value at once.")
}
