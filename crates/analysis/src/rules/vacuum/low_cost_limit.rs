//! The cost limit allows autovacuum next to nothing.

use super::throttled_autovacuum;
use crate::engine::prelude::*;
use crate::engine::workers::{cost, rate};

rule! {
    /// ## What it sees
    ///
    /// `autovacuum_vacuum_cost_limit` and `autovacuum_vacuum_cost_delay`, or `vacuum_cost_limit` and `vacuum_cost_delay` where those
    /// are -1, allow autovacuum next to nothing. If tables wait for autovacuum because of this, PGD512 reports it.
    ///
    /// ## Why it matters
    ///
    /// Each page that VACUUM reads costs 2 points or more, and a page that it changes 20. With few points per second, it needs hours for a
    /// gigabyte, so dead rows accumulate and freezing comes too late.
    ///
    /// ## Threshold
    ///
    /// Less than {MIN_RATE} points per second. The default is 100 000; before version 12 it was 10 000.
    ///
    /// ## Remedy
    ///
    /// Raise `autovacuum_vacuum_cost_limit` to {LIMIT}, the default of `vacuum_cost_limit`; a reload is sufficient.
    ///
    /// ## When to ignore this
    ///
    /// If the tables are vacuumed by a job.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ], "pg_stat_activity": [], "pg_class": [], "pg_stat_user_tables": [],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "3" },
    ///                    { "name": "autovacuum_vacuum_cost_limit", "setting": "1" },
    ///                    { "name": "autovacuum_vacuum_cost_delay", "setting": "100", "unit": "ms" } ] }
    /// ```
    ///
    /// The defaults before version 12:
    ///
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_stat_activity": [], "pg_class": [], "pg_stat_user_tables": [],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "3" }, { "name": "vacuum_cost_limit", "setting": "200" },
    ///                    { "name": "autovacuum_vacuum_cost_limit", "setting": "-1" },
    ///                    { "name": "autovacuum_vacuum_cost_delay", "setting": "20", "unit": "ms" } ] }
    /// ```
    ///
    /// No delay:
    ///
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_stat_activity": [], "pg_class": [], "pg_stat_user_tables": [],
    ///   "pg_settings": [ { "name": "autovacuum_max_workers", "setting": "3" },
    ///                    { "name": "autovacuum_vacuum_cost_limit", "setting": "1" },
    ///                    { "name": "autovacuum_vacuum_cost_delay", "setting": "0", "unit": "ms" } ] }
    /// ```
    rule low_cost_limit {
        code: PGD524,
        title: "The cost limit nearly stops autovacuum",
        passed: "The cost limit does not nearly stop autovacuum",
        worst: Warning,
        reads: [system, settings, sessions, tables, vacuums],
        source: "PostgreSQL manual, Cost-based Vacuum Delay; the threshold is pgdba's own",
        thresholds: {
            /// Cost points per second.
            MIN_RATE: f64 = 1000.0,
            /// The default limit.
            LIMIT: i64 = 200,
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<(i64, Millis)>> {
    let is_other = throttled_autovacuum::check(view)?.is_some();
    let cost = cost(view.settings()?);
    Ok((!is_other && rate(cost) < MIN_RATE).then_some(cost))
}

fn subject(cost: &(i64, Millis)) -> About {
    let (limit, delay) = *cost;
    About::parameter("autovacuum_vacuum_cost_limit", Weight::All).figures([
        Figure::parameter("autovacuum_vacuum_cost_limit", limit),
        Figure::parameter("autovacuum_vacuum_cost_delay", delay),
        Figure::new("rate", Quantity::Number(rate(*cost))).against(Quantity::Number(MIN_RATE)).labelled("points per second"),
    ])
}

fn describe((limit, _): &(i64, Millis)) -> Draft {
    Draft::new(format!("Raise the cost limit of autovacuum from {limit} to {LIMIT}"))
        .set("autovacuum_vacuum_cost_limit", LIMIT.to_string(), Effort::Reload)
        .because("Autovacuum sleeps nearly all the time, so it needs hours to vacuum a large table.")
        .impact("Autovacuum reads and writes faster; running workers use the new value at once.")
}
