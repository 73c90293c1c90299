//! WAL buffers are too small.

use crate::engine::prelude::*;
use crate::facts::time::Window;

rule! {
    /// ## What it sees
    ///
    /// How often WAL had to be written because its buffers were full (`pg_stat_wal.wal_buffers_full`), compared with the
    /// number of WAL records. Version 14 and newer.
    ///
    /// ## Why it matters
    ///
    /// A session that finds the buffers full writes WAL itself, while it holds a lock that others need to insert theirs.
    /// Under concurrent writes all of them wait.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_SHARE} of the records, and at least {MIN_TIMES} times since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Raise `wal_buffers`. The default is 1/32 of `shared_buffers`, at most 16 MB; four times as much helps servers with
    /// many concurrent writes, up to {MAX_BUFFERS}. It requires a restart.
    ///
    /// ## When to ignore this
    ///
    /// If only single bulk loads fill the buffers.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_buffers", "setting": "2048", "unit": "8kB" } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 0, "wal_bytes": 900000000, "wal_buffers_full": 40000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_buffers", "setting": "2048", "unit": "8kB" } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 0, "wal_bytes": 900000000, "wal_buffers_full": 400, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule small_wal_buffers {
        code: PGD302,
        title: "WAL buffers are often full",
        passed: "WAL buffers are rarely full",
        worst: Notice,
        reads: [wal, settings],
        source: "PostgreSQL manual, wal_buffers and pg_stat_wal",
        thresholds: {
            /// Share of records that is still normal.
            MAX_SHARE: Ratio = Ratio(0.001),
            /// Fewer times than this are negligible.
            MIN_TIMES: i64 = 10_000,
            /// Larger buffers do not help.
            MAX_BUFFERS: Bytes = Bytes::megabytes(128),
        },
    }
}

struct Full {
    times: i64,
    share: Ratio,
    window: Window,
    wal_buffers: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Full>> {
    let (wal, wal_buffers) = (view.wal()?, view.settings()?.require_bytes("wal_buffers")?);
    let counters = wal.counters()?;
    let times = counters.wal_buffers_full.unwrap_or(0);
    let share = counters.wal_records.and_then(|records| Ratio::of(times, records));
    let share = share.filter(|share| *share > MAX_SHARE && times >= MIN_TIMES && wal_buffers < MAX_BUFFERS);
    Ok(share.map(|share| Full { times, share, window: wal.window(), wal_buffers }))
}

fn subject(full: &Full) -> About {
    About::parameter("wal_buffers", full.share).figures([
        Figure::new("buffers_full", full.share).against(MAX_SHARE).labelled("writes because of full buffers, per record"),
        Figure::new("times_full", full.times).against(MIN_TIMES),
        Figure::new("counted_for", full.window.length).labelled("measured over"),
        Figure::parameter("wal_buffers", full.wal_buffers),
    ])
}

fn describe(full: &Full) -> Draft {
    let to = Bytes(full.wal_buffers.0.saturating_mul(4)).clamp(Bytes::megabytes(32), MAX_BUFFERS);
    Draft::new(format!("Raise wal_buffers from {} to {}", display::bytes(full.wal_buffers), display::bytes(to)))
        .set("wal_buffers", to.to_parameter(), Effort::Restart)
        .confidence(full.window.confidence())
        .because(format!("WAL was written {} times because its buffers were full.", display::count(full.times)))
        .because("The session that writes it delays all others that insert WAL.")
        .impact("A restart terminates all sessions. The server uses that much more shared memory.")
}
