//! The planner assumes rotating disks.

use crate::engine::prelude::*;
use crate::facts::relation::Size;

rule! {
    /// ## What it sees
    ///
    /// The parameter `random_page_cost`, whether the disks of the host report that they do not rotate, and the size of
    /// the data.
    ///
    /// ## Why it matters
    ///
    /// The default of 4 says that a random page costs four times as much as the next one. On solid-state disks the
    /// difference is small, so index scans look too expensive and the planner reads whole tables.
    ///
    /// ## Threshold
    ///
    /// It is at least {MIN_COST} times `seq_page_cost`, no disk of the host rotates, and the relations take at least
    /// {MIN_DATA}. Virtual disks often report that they rotate; then nothing is concluded.
    ///
    /// ## Remedy
    ///
    /// Set it to 1.1. It takes effect at a reload; compare the plans of important queries before and after.
    ///
    /// ## When to ignore this
    ///
    /// If the data are on other storage, such as a network file system, or a tablespace has a cost of its own.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "random_page_cost", "setting": "4" },
    ///                    { "name": "seq_page_cost", "setting": "1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "random_page_cost", "setting": "4" },
    ///                    { "name": "seq_page_cost", "setting": "1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "vda=1" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "random_page_cost", "setting": "1.1" },
    ///                    { "name": "seq_page_cost", "setting": "1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "random_page_cost", "setting": "4" },
    ///                    { "name": "seq_page_cost", "setting": "1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 25, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    rule random_page_cost_for_disks {
        code: PGD1009,
        title: "random_page_cost is meant for rotating disks",
        passed: "random_page_cost suits the storage, as far as it is known",
        worst: Notice,
        reads: [server_settings, data_size, hardware],
        source: "PostgreSQL manual, random_page_cost",
        thresholds: {
            /// Multiple of the cost of sequential pages from which on it is reported.
            MIN_COST: f64 = 3.0,
            /// Less data than this is not reported.
            MIN_DATA: Bytes = Bytes::megabytes(1024),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<(f64, Size)>> {
    let (settings, data) = (view.server_settings()?, *view.data_size()?);
    let costs = settings.float("random_page_cost").zip(settings.float("seq_page_cost"));
    let is_solid = view.hardware()?.require_flash()? && data.bytes >= MIN_DATA;
    let is_high = |(random, sequential): &(f64, f64)| is_solid && *random >= MIN_COST * sequential;
    Ok(costs.filter(is_high).map(|(random, _)| (random, data)))
}

fn subject((cost, data): &(f64, Size)) -> About {
    About::parameter("random_page_cost", data.bytes).figures([
        Figure::parameter("random_page_cost", Quantity::Number(*cost)).against(Quantity::Number(1.1)),
        Figure::new("data", *data).against(MIN_DATA),
        Figure::new("storage", "solid state"),
    ])
}

fn describe((cost, _): &(f64, Size)) -> Draft {
    Draft::new(format!("Reduce random_page_cost from {cost} to 1.1"))
        .set("random_page_cost", "1.1", Effort::Reload)
        .confidence(Confidence::Medium)
        .because("The disks of the host do not rotate, so a random page costs little more than the next one.")
        .advise("Compare the plans of important queries before and after.")
        .impact("Plans can change: index scans become more likely.")
}
