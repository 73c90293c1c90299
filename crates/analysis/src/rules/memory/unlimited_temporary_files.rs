//! A single query can fill the disk with temporary files.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `temp_file_limit`, how much is written to temporary files, and the free disk space where it is
    /// known.
    ///
    /// ## Why it matters
    ///
    /// Temporary files are in the data directory. One query with a wrong plan can fill the disk in minutes, and then the
    /// server stops.
    ///
    /// ## Threshold
    ///
    /// No limit is set, at least {MIN_PER_DAY} of temporary files are written per day since the counters were reset,
    /// which is at least {MIN_WINDOW} ago, and the free disk space is known.
    ///
    /// ## Remedy
    ///
    /// Set `temp_file_limit` to a quarter of the free space. It limits each session; a query that exceeds it fails.
    ///
    /// ## When to ignore this
    ///
    /// If temporary files have a file system of their own (`temp_tablespaces`).
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "temp_file_limit", "setting": "-1", "unit": "kB" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "temp_bytes": 536870912000, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "host": [ { "data_free_bytes": 96636764160 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "temp_file_limit", "setting": "-1", "unit": "kB" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "temp_bytes": 5368709120, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "host": [ { "data_free_bytes": 96636764160 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "temp_file_limit", "setting": "10485760", "unit": "kB" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "temp_bytes": 536870912000, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "host": [ { "data_free_bytes": 96636764160 } ] }
    /// ```
    rule unlimited_temporary_files {
        code: PGD1008,
        title: "Temporary files are not limited",
        passed: "Temporary files are limited or small",
        worst: Notice,
        reads: [server_settings, databases, hardware, system],
        source: "PostgreSQL manual, temp_file_limit; the thresholds are our own",
        thresholds: {
            /// Less than this per day is negligible.
            MIN_PER_DAY: Bytes = Bytes::megabytes(10 * 1024),
            /// A shorter time says little.
            MIN_WINDOW: Millis = Millis(86_400_000.0),
        },
    }
}

struct Unlimited {
    per_day: Bytes,
    free: Bytes,
    proposed: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Unlimited>> {
    let is_unlimited = view.server_settings()?.text("temp_file_limit") == Some("-1");
    let databases = view.databases()?;
    let window = databases.whole_window(view.system()?.start_time, view.now()?);
    let per_hour = window.per_hour(databases.sum(|row| row.temp_bytes)).filter(|_| window.length >= Some(MIN_WINDOW));
    let per_day = per_hour.map(|bytes| Bytes((bytes * 24.0) as i64)).filter(|per_day| is_unlimited && *per_day >= MIN_PER_DAY);
    let Some(per_day) = per_day else { return Ok(None) };
    let free = view.hardware()?.require_data_disk()?.free;
    let proposed = Bytes::megabytes((free.0 / 4 / Bytes::MB.0).max(1024));
    Ok(Some(Unlimited { per_day, free, proposed }))
}

fn subject(found: &Unlimited) -> About {
    About::parameter("temp_file_limit", found.per_day).figures([
        Figure::new("per_day", found.per_day).against(MIN_PER_DAY).labelled("temporary files per day"),
        Figure::new("free", found.free).labelled("free disk space"),
        Figure::parameter("temp_file_limit", "-1"),
    ])
}

fn describe(found: &Unlimited) -> Draft {
    let (per_day, to) = (display::bytes(found.per_day), display::bytes(found.proposed));
    Draft::new(format!("Limit temporary files to {to} per session"))
        .set("temp_file_limit", found.proposed.to_parameter(), Effort::Reload)
        .because(format!("Queries write {per_day} of temporary files per day, and nothing stops one that fills the disk."))
        .impact("A query that exceeds the limit fails.")
}
