//! Timed checkpoints follow each other so closely that WAL is mostly full pages.

use crate::engine::prelude::*;
use crate::facts::time::Window;
use crate::facts::wal::WalRate;

rule! {
    /// ## What it sees
    ///
    /// The share of WAL that copies of whole pages take, the rate of WAL, and `checkpoint_timeout`, on a server whose
    /// checkpoints are mostly timed. Version 14 and newer.
    ///
    /// ## Why it matters
    ///
    /// Each checkpoint makes the first change of every page write the whole page again. With a longer time between
    /// checkpoints, more changes share one copy.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SHARE} of WAL is full pages, at least {MIN_PER_HOUR} of WAL is written per hour, and
    /// `checkpoint_timeout` is less than {MAX_TIMEOUT}. Not if `wal_compression` is on: the size of compressed pages is
    /// not counted.
    ///
    /// ## Remedy
    ///
    /// Set `checkpoint_timeout` to 15 minutes, and `max_wal_size` so that checkpoints stay timed.
    ///
    /// ## When to ignore this
    ///
    /// If crash recovery must be short: it replays the WAL since the last checkpoint.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
    ///                    { "name": "checkpoint_timeout", "setting": "300", "unit": "s" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 2000, "num_requested": 0, "buffers_written": 1, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "pg_stat_wal": [ { "wal_records": 900000000.0, "wal_fpi": 30000000, "wal_bytes": 400000000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
    ///                    { "name": "checkpoint_timeout", "setting": "300", "unit": "s" },
    ///                    { "name": "wal_compression", "setting": "lz4" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 2000, "num_requested": 0, "buffers_written": 1, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "pg_stat_wal": [ { "wal_records": 900000000.0, "wal_fpi": 30000000, "wal_bytes": 400000000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
    ///                    { "name": "checkpoint_timeout", "setting": "900", "unit": "s" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 2000, "num_requested": 0, "buffers_written": 1, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "pg_stat_wal": [ { "wal_records": 900000000.0, "wal_fpi": 30000000, "wal_bytes": 400000000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule short_checkpoint_timeout {
        code: PGD306,
        title: "Checkpoints are close to each other",
        passed: "Checkpoints are far enough apart",
        worst: Notice,
        reads: [checkpoints, wal, settings],
        source: "PostgreSQL manual, WAL Configuration; the thresholds are our own",
        thresholds: {
            /// Share of WAL from which on it is reported.
            MIN_SHARE: Ratio = Ratio(0.50),
            /// Less WAL than this per hour is negligible.
            MIN_PER_HOUR: Bytes = Bytes::megabytes(1024),
            /// Checkpoints that are at least this far apart are not reported.
            MAX_TIMEOUT: Millis = Millis(600_000.0),
        },
    }
}

struct Close {
    share: Ratio,
    rate: WalRate,
    timeout: Millis,
    window: Window,
}

fn check(view: &View<'_>) -> Checked<Option<Close>> {
    let (checkpoints, settings, wal) = (view.checkpoints()?, view.settings()?, view.wal()?);
    wal.counters()?;
    let requested = checkpoints.requested_by_wal(wal, settings);
    // The size of compressed pages is not counted.
    let is_known = settings.text("wal_compression").is_none_or(|method| method == "off");
    let is_timed = Ratio::of(requested, checkpoints.total()).is_some_and(|share| share.0 <= 0.1);
    let close = || {
        let rate = wal.rate().filter(|rate| is_timed && rate.in_time(Millis(3_600_000.0)) >= MIN_PER_HOUR)?;
        let timeout = settings.millis("checkpoint_timeout").filter(|timeout| *timeout < MAX_TIMEOUT)?;
        let share = wal.full_page_share().filter(|share| is_known && *share >= MIN_SHARE)?;
        Some(Close { share, rate, timeout, window: wal.window() })
    };
    Ok(close())
}

fn subject(close: &Close) -> About {
    About::parameter("checkpoint_timeout", close.share).figures([
        Figure::new("full_pages", close.share).against(MIN_SHARE).labelled("full pages, at most"),
        Figure::parameter("checkpoint_timeout", close.timeout).against(MAX_TIMEOUT),
        Figure::new("counted_for", close.window.length).labelled("measured over"),
    ])
}

fn describe(close: &Close) -> Draft {
    let (share, timeout) = (display::percent(close.share), display::duration(close.timeout));
    Draft::new(format!("Raise checkpoint_timeout from {timeout} to 15 min: up to {share} of WAL is full pages"))
        .set("checkpoint_timeout", "15min", Effort::Reload)
        .confidence(close.window.confidence())
        .because(format!("WAL is written at about {}, up to {share} of it full pages.", close.rate.words()))
        .advise("Watch whether checkpoints stay timed, and raise max_wal_size if they do not.")
        .impact("Crash recovery takes longer, and WAL takes up to three times the disk space.")
}
