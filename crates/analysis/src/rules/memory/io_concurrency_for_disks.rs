//! Prefetching is set for a single rotating disk.

use crate::engine::prelude::*;
use crate::facts::relation::Size;

rule! {
    /// ## What it sees
    ///
    /// The parameter `effective_io_concurrency`, up to version 17 with a default of 1, whether the disks of the host
    /// report that they do not rotate, and the size of the data.
    ///
    /// ## Why it matters
    ///
    /// Bitmap heap scans request so many pages in advance. Solid-state disks serve hundreds of requests at once; with
    /// one, they are idle most of the time.
    ///
    /// ## Threshold
    ///
    /// It is at most {MAX_CONCURRENCY}, no disk of the host rotates, and the relations take at least {MIN_DATA}. From
    /// version 18 on the default is 16.
    ///
    /// ## Remedy
    ///
    /// Set it to 200. It takes effect at a reload.
    ///
    /// ## When to ignore this
    ///
    /// If the data are on other storage, or the storage is the bottleneck already.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 16, "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_io_concurrency", "setting": "1", "max_val": "1000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    /// ```json passed
    /// { "version": 16, "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_io_concurrency", "setting": "1", "max_val": "1000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "vda=1" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_io_concurrency", "setting": "16", "max_val": "1000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    /// ```json passed
    /// { "version": 16, "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_io_concurrency", "setting": "0", "max_val": "0" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "rotational": "nvme0n1=0" } ] }
    /// ```
    rule io_concurrency_for_disks {
        code: PGD1010,
        title: "effective_io_concurrency is meant for one rotating disk",
        passed: "effective_io_concurrency suits the storage, as far as it is known",
        worst: Info,
        reads: [server_settings, data_size, hardware],
        source: "PostgreSQL manual, effective_io_concurrency",
        thresholds: {
            /// A higher value is not reported.
            MAX_CONCURRENCY: i64 = 1,
            /// Less data than this is not reported.
            MIN_DATA: Bytes = Bytes::megabytes(1024),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<(i64, Size)>> {
    let (settings, data) = (view.server_settings()?, *view.data_size()?);
    let is_solid = view.hardware()?.require_flash()? && data.bytes >= MIN_DATA;
    // Where the operating system cannot prefetch, only 0 is allowed.
    let setting = settings.require("effective_io_concurrency")?;
    let is_supported = setting.max_val.as_deref() != Some("0");
    let low = settings.integer("effective_io_concurrency").filter(|value| *value <= MAX_CONCURRENCY);
    Ok(low.filter(|_| is_solid && is_supported).map(|value| (value, data)))
}

fn subject((value, data): &(i64, Size)) -> About {
    About::parameter("effective_io_concurrency", data.bytes).figures([
        Figure::parameter("effective_io_concurrency", *value).against(200),
        Figure::new("data", *data).against(MIN_DATA),
        Figure::new("storage", "solid state"),
    ])
}

fn describe((value, _): &(i64, Size)) -> Draft {
    Draft::new(format!("Raise effective_io_concurrency from {value} to 200"))
        .set("effective_io_concurrency", "200", Effort::Reload)
        .confidence(Confidence::Medium)
        .because("The disks of the host are solid-state disks, which serve many requests at once.")
        .impact("Bitmap heap scans request more pages in advance.")
}
