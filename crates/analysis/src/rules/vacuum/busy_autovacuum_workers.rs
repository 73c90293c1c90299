//! All autovacuum workers are busy while tables wait.

use crate::engine::prelude::*;
use crate::engine::workers::{Late, late};

rule! {
    /// ## What it sees
    ///
    /// At the moment of collection, as many autovacuum workers as `autovacuum_max_workers` allows, while several other tables are
    /// far past their autovacuum thresholds, and the cost limit is not the reason (then `throttled_autovacuum` reports it).
    ///
    /// ## Why it matters
    ///
    /// A table that waits for a worker keeps its dead rows. A few large tables, each of which takes hours, can occupy all workers
    /// while small tables with many changes are not vacuumed at all.
    ///
    /// ## Threshold
    ///
    /// All workers are busy and at least 3 tables that no worker is processing are at 2 times their threshold or more. One sample
    /// cannot show for how long; the number of tables that wait does.
    ///
    /// ## Remedy
    ///
    /// Allow {MORE} more workers. Each can use `autovacuum_work_mem`, or `maintenance_work_mem` if that is not set. Up to version
    /// 17 this requires a restart. Vacuum the tables that wait manually meanwhile.
    ///
    /// ## When to ignore this
    ///
    /// After a bulk load or a mass update of many tables.
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
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "autovacuum worker", "wait_event": "DataFileRead" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "s", "relname": "a", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 2, "nspname": "s", "relname": "b", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 3, "nspname": "s", "relname": "c", "relkind": "r", "relpages": 9, "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "n_dead_tup": 50000 }, { "relid": 2, "n_dead_tup": 50000 },
    ///                            { "relid": 3, "n_dead_tup": 50000 } ] }
    /// ```
    ///
    /// A worker is free:
    ///
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "3" }, { "name": "max_connections", "setting": "100" },
    ///                    { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "autovacuum worker", "wait_event": "DataFileRead" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "s", "relname": "a", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 2, "nspname": "s", "relname": "b", "relkind": "r", "relpages": 9, "reltuples": 1000 },
    ///                 { "oid": 3, "nspname": "s", "relname": "c", "relkind": "r", "relpages": 9, "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 1, "n_dead_tup": 50000 }, { "relid": 2, "n_dead_tup": 50000 },
    ///                            { "relid": 3, "n_dead_tup": 50000 } ] }
    /// ```
    rule busy_autovacuum_workers {
        code: PGD511,
        title: "All autovacuum workers are busy while tables wait",
        passed: "Autovacuum workers are free, or few tables wait for one",
        worst: Warning,
        reads: [system, server_settings, sessions, tables, vacuums],
        source: "PostgreSQL manual, Automatic Vacuuming",
        thresholds: {
            /// Workers that are added.
            MORE: i64 = 2,
        },
    }
}

struct Busy<'a> {
    late: Late<'a>,
    /// The number of workers to allow, and whether that takes a restart.
    proposed: (i64, Effort),
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Busy<'a>>> {
    let slots = view.server_settings()?.integer("autovacuum_worker_slots");
    let late = late(view)?.filter(|late| !late.is_throttled());
    Ok(late.map(|late| {
        let workers = late.workers.saturating_add(MORE);
        let is_reloaded = slots.is_some_and(|slots| workers <= slots);
        Busy { late, proposed: (workers, if is_reloaded { Effort::Reload } else { Effort::Restart }) }
    }))
}

fn subject(busy: &Busy<'_>) -> About {
    About::parameter("autovacuum_max_workers", Weight::Count(busy.late.workers)).figures(busy.late.figures())
}

fn describe(busy: &Busy<'_>) -> Draft {
    let (workers, effort) = busy.proposed;
    let waiting = display::counted(busy.late.waiting.len(), "table waits", "tables wait");
    Draft::new(format!("Allow more autovacuum workers: all {} are busy and {waiting}", busy.late.workers))
        .confidence(Confidence::Medium)
        .because("A table that waits for a worker keeps its dead rows.")
        .because("Most workers are not sleeping because of the cost limit, so a higher limit would not help.")
        .show([busy.late.tables()])
        .set("autovacuum_max_workers", workers.to_string(), effort)
        .advise("Meanwhile, vacuum the tables that wait manually.")
        .impact("Each worker can use autovacuum_work_mem, or maintenance_work_mem if that is not set.")
}
