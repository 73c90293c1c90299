//! Nobody can tell how long reads take.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `track_io_timing`, and how many pages were read from the operating system.
    ///
    /// ## Why it matters
    ///
    /// Without it, neither `pg_stat_statements` nor `EXPLAIN (ANALYZE, BUFFERS)` shows whether a query waits for the
    /// storage or for the CPU.
    ///
    /// ## Threshold
    ///
    /// It is off, and at least {MIN_PER_DAY} are read per day since the counters were reset, which is at least
    /// {MIN_WINDOW} ago.
    ///
    /// ## Remedy
    ///
    /// Set it to `on`. Check with `pg_test_timing` that reading the clock is fast, as it is on most machines: well below
    /// 100 ns.
    ///
    /// ## When to ignore this
    ///
    /// If the clock is slow, as on some virtual machines.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "track_io_timing", "setting": "off" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "blks_read": 100000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "track_io_timing", "setting": "on" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "blks_read": 100000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "track_io_timing", "setting": "off" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "blks_read": 1000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule io_timing_off {
        code: PGD1011,
        title: "track_io_timing is off",
        passed: "track_io_timing is on, or little is read",
        worst: Info,
        reads: [server_settings, databases, system],
        source: "PostgreSQL manual, track_io_timing and pg_test_timing",
        thresholds: {
            /// Less than this per day is negligible.
            MIN_PER_DAY: Bytes = Bytes::megabytes(10 * 1024),
            /// A shorter time says little.
            MIN_WINDOW: Millis = Millis(86_400_000.0),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<Bytes>> {
    let is_off = view.server_settings()?.is_on("track_io_timing") == Some(false);
    let databases = view.databases()?;
    let window = databases.whole_window(view.system()?.start_time, view.now()?);
    let read = databases.sum(|row| row.blks_read);
    let per_day = window.per_hour(read).filter(|_| window.length >= Some(MIN_WINDOW));
    let per_day = per_day.map(|pages| Bytes::from_pages((pages * 24.0) as i64, 8192));
    Ok(per_day.filter(|per_day| is_off && *per_day >= MIN_PER_DAY))
}

fn subject(per_day: &Bytes) -> About {
    About::parameter("track_io_timing", *per_day).figures([
        Figure::new("read_per_day", *per_day).against(MIN_PER_DAY),
        Figure::parameter("track_io_timing", "off").against("on"),
    ])
}

fn describe(per_day: &Bytes) -> Draft {
    Draft::new("Enable track_io_timing")
        .set("track_io_timing", "on", Effort::Reload)
        .because(format!("{} are read per day, and the server does not record how long that takes.", display::bytes(*per_day)))
        .advise("Check with pg_test_timing that reading the clock takes less than 100 ns.")
        .impact("Each read and write takes two readings of the clock.")
}
