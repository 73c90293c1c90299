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
    /// More than {MAX_SHARE} of the records, and at least {MIN_TIMES} times, in the window of a delta of at least {MIN_DELTA}, or
    /// since a reset at least {MIN_WINDOW} ago and after the last start of the server. Counters from before the start count what
    /// happened with a former value, so without a delta the rule is not assessed then.
    ///
    /// ## Remedy
    ///
    /// Raise `wal_buffers`. The default is 1/32 of `shared_buffers`, at most 16 MB; four times as much helps servers with
    /// many concurrent writes, up to {MAX_BUFFERS}. It requires a restart. Then run
    /// `SELECT pg_stat_reset_shared('wal')`, or collect a delta: only what is counted from then on tells whether it suffices.
    ///
    /// ## When to ignore this
    ///
    /// If only single bulk loads fill the buffers.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ], "system": [ { "start_time": "2025-12-25T11:00:00Z" } ],
    ///   "pg_settings": [ { "name": "wal_buffers", "setting": "2048", "unit": "8kB" } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 0, "wal_bytes": 900000000, "wal_buffers_full": 40000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ], "system": [ { "start_time": "2025-12-25T11:00:00Z" } ],
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
            /// Over a shorter time since the reset, a single bulk load decides.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
            /// A shorter delta says little.
            MIN_DELTA: Millis = Millis(60_000.0),
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
    if wal.counters()?.wal_buffers_full.unwrap_or(0) < MIN_TIMES {
        return Ok(None);
    }
    let (counters, window) = wal.counted_since_start()?;
    let least = if window.since.is_some() { MIN_WINDOW } else { MIN_DELTA };
    let times = counters.wal_buffers_full.unwrap_or(0);
    let share = counters.wal_records.and_then(|records| Ratio::of(times, records));
    let share = share.filter(|share| *share > MAX_SHARE && times >= MIN_TIMES && wal_buffers < MAX_BUFFERS);
    match window.length {
        Some(length) if share.is_some() && length < least => Err(NotAssessed::expected(format!(
            "WAL was counted for {} only; a longer time decides",
            display::duration(length)
        ))),
        _ => Ok(share.map(|share| Full { times, share, window, wal_buffers })),
    }
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
        .advise("After the restart, run SELECT pg_stat_reset_shared('wal') or collect a delta: the former counts say nothing about the new value.")
        .impact("A restart terminates all sessions. The server uses that much more shared memory.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::format::Outcome;
    use crate::{Options, analyze, example};

    /// What becomes of the rule where the buffers were full 40,000 times since `reset`, and the server was started at 10:00.
    fn outcome(reset: &str, earlier: Option<i64>) -> Outcome {
        let columns = ["wal_records", "wal_buffers_full", "stats_reset"];
        let mut wal = json!({ "available": true, "collected_at": "2026-01-01T12:00:00Z", "columns": columns,
                              "rows": [[9_000_000, 40_000, reset]] });
        if let Some(times) = earlier {
            wal["earlier"] = json!({ "collected_at": "2026-01-01T11:50:00Z", "rows": [[8_000_000, times, reset]] });
        }
        let document = json!({
            "pg_wal_position": [{ "insert_lsn": "FF/0" }], "system": [{ "start_time": "2026-01-01T10:00:00Z" }],
            "pg_settings": [{ "name": "wal_buffers", "setting": "512", "unit": "8kB" }], "pg_stat_wal": wal,
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.assessments.into_iter().find(|assessment| assessment.code == "PGD302").unwrap().outcome
    }

    #[test]
    fn only_what_was_counted_with_the_present_value_decides() {
        let is_expected = |outcome| matches!(outcome, Outcome::NotAssessed { is_expected: true, .. });
        let (before, after) = ("2026-01-01T09:00:00Z", "2026-01-01T10:30:00Z");
        assert!(is_expected(outcome(before, None)), "the counters survive a restart, which may have changed the value");
        assert_eq!(outcome(after, None), Outcome::Found { subjects: 1 });
        assert!(is_expected(outcome("2026-01-01T11:59:06Z", None)), "a single bulk load decides");
        assert_eq!(outcome(before, Some(20_000)), Outcome::Found { subjects: 1 });
        assert_eq!(outcome(before, Some(39_900)), Outcome::Passed);
    }
}
