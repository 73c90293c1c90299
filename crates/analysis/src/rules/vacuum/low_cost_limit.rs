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
        reads: [system, server_settings, sessions, tables, vacuums],
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
    let cost = cost(view.server_settings()?)?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    /// Whether it is found where the collecting role has a cost limit of its own and the files have `line`.
    fn is_found(own: &str, line: Option<&str>) -> bool {
        let files = line.map(|value| json!({ "seqno": 1, "name": "vacuum_cost_limit", "setting": value, "applied": true }));
        let document = json!({
            "system": [{ "is_in_recovery": false }], "pg_stat_activity": [], "pg_class": [], "pg_stat_user_tables": [],
            "pg_file_settings": files.into_iter().collect::<Vec<_>>(), "pg_db_role_setting": [],
            "pg_settings": [
                { "name": "autovacuum_max_workers", "setting": "3" },
                { "name": "autovacuum_vacuum_cost_limit", "setting": "-1" },
                { "name": "autovacuum_vacuum_cost_delay", "setting": "2", "unit": "ms" },
                { "name": "vacuum_cost_limit", "setting": own, "boot_val": "200", "vartype": "integer", "min_val": "1",
                  "max_val": "10000", "source": "user" },
            ],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.iter().any(|finding| finding.code == "PGD524")
    }

    #[test]
    fn a_limit_of_the_collecting_role_says_nothing_about_autovacuum() {
        assert!(!is_found("1", None) && !is_found("1", Some("200")));
        assert!(is_found("200", Some("1")));
    }
}
