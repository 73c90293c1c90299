//! WAL reaches its limit before the checkpoint is due.

use crate::engine::prelude::*;
use crate::facts::checkpoints::{distance, proposed_max_wal_size};
use crate::facts::wal::WalRate;

rule! {
    /// ## What it sees
    ///
    /// The rate at which WAL is written, over the window of a delta or since the counters of `pg_stat_wal` were reset,
    /// compared with `max_wal_size`. While there are too few checkpoints to judge by how they started.
    ///
    /// ## Why it matters
    ///
    /// If more WAL is written in one `checkpoint_timeout` than `max_wal_size` allows for, checkpoints are requested
    /// early, and each multiplies the WAL that follows.
    ///
    /// ## Threshold
    ///
    /// The WAL of one `checkpoint_timeout` exceeds what requests a checkpoint, about half of `max_wal_size`, over a
    /// window of at least {MIN_WINDOW}, with fewer than {MAX_CHECKPOINTS} checkpoints counted, or over less than {MAX_COUNTED}.
    /// Otherwise PGD301 judges.
    ///
    /// ## Remedy
    ///
    /// Raise `max_wal_size` to twice the WAL of one `checkpoint_timeout`, at most to eight times the present value, then check again.
    /// It is a soft limit on disk space and does not use memory.
    ///
    /// ## When to ignore this
    ///
    /// If the window covers a single bulk load.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
    ///                    { "name": "checkpoint_timeout", "setting": "300", "unit": "s" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 3, "num_requested": 7, "stats_reset": "2026-01-01T11:00:00Z" } ],
    ///   "pg_stat_wal": [ { "wal_bytes": 12000000000, "stats_reset": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
    ///                    { "name": "checkpoint_timeout", "setting": "300", "unit": "s" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 9, "num_requested": 0, "stats_reset": "2026-01-01T11:00:00Z" } ],
    ///   "pg_stat_wal": [ { "wal_bytes": 120000000, "stats_reset": "2026-01-01T11:00:00Z" } ] }
    /// ```
    rule small_max_wal_size {
        code: PGD305,
        title: "max_wal_size is small for the rate of WAL",
        passed: "max_wal_size suffices for the rate of WAL",
        worst: Notice,
        reads: [checkpoints, wal, settings],
        source: "PostgreSQL manual, WAL Configuration",
        thresholds: {
            /// A shorter window says little.
            MIN_WINDOW: Millis = Millis(60_000.0),
            /// From this number of checkpoints on, PGD301 judges.
            MAX_CHECKPOINTS: i64 = 24,
            /// From this time on, PGD301 judges.
            MAX_COUNTED: Millis = Millis(3_600_000.0),
        },
    }
}

struct Small {
    rate: WalRate,
    per_timeout: Bytes,
    max_wal_size: Bytes,
    proposed: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Small>> {
    let (checkpoints, settings, wal) = (view.checkpoints()?, view.settings()?, view.wal()?);
    let max_wal_size = settings.require_bytes("max_wal_size")?;
    let is_judged_otherwise =
        checkpoints.total() >= MAX_CHECKPOINTS && checkpoints.window.length.is_none_or(|length| length >= MAX_COUNTED);
    let rate = wal.rate().filter(|rate| rate.over >= MIN_WINDOW && !is_judged_otherwise);
    let small = || {
        let rate = rate?;
        let per_timeout = rate.in_time(settings.millis("checkpoint_timeout")?);
        let proposed = proposed_max_wal_size(settings, wal, Some(rate))?;
        let is_small = per_timeout > distance(settings, wal.segment)?;
        is_small.then_some(Small { rate, per_timeout, max_wal_size, proposed })
    };
    Ok(small())
}

fn subject(small: &Small) -> About {
    About::parameter("max_wal_size", small.per_timeout).figures([
        Figure::new("wal_per_timeout", small.per_timeout).labelled("WAL per checkpoint_timeout"),
        Figure::parameter("max_wal_size", small.max_wal_size),
        Figure::new("measured_over", small.rate.over),
    ])
}

fn describe(small: &Small) -> Draft {
    let (from, to) = (display::bytes(small.max_wal_size), display::bytes(small.proposed));
    Draft::new(format!("Raise max_wal_size from {from} to {to}"))
        .set("max_wal_size", small.proposed.to_parameter(), Effort::Reload)
        .confidence(Confidence::Medium)
        .because(format!("WAL is written at about {}.", small.rate.words()))
        .because(format!("In one checkpoint_timeout that is {}, so WAL requests checkpoints early.", display::bytes(small.per_timeout)))
        .impact("WAL can use that much disk space, and crash recovery takes longer.")
}
