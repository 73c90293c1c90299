//! The background writer stops at its limit.

use crate::engine::prelude::*;
use crate::facts::io::Writes;
use crate::facts::time::Window;

rule! {
    /// ## What it sees
    ///
    /// How often the background writer ended a round because it had written `bgwriter_lru_maxpages` pages, and which
    /// share of pages sessions write.
    ///
    /// ## Why it matters
    ///
    /// The pages that it leaves are written by sessions, which wait meanwhile.
    ///
    /// ## Threshold
    ///
    /// It stopped early in more than {MAX_ROUNDS} of its rounds, and sessions wrote more than {MAX_SHARE} of at least
    /// {MIN_PAGES} pages. Up to version 15, pages that sessions add to relations count too. That is counted in the window of a
    /// delta of at least {MIN_DELTA}, or since resets at least {MIN_WINDOW} ago and after the configuration was last loaded.
    /// Counters from before count what happened with a former value, so without a delta the rule is not assessed then.
    ///
    /// ## Remedy
    ///
    /// Raise `bgwriter_lru_maxpages`. Then run `SELECT pg_stat_reset_shared('bgwriter')`, from version 16 on also
    /// `SELECT pg_stat_reset_shared('io')`, or collect a delta: only what is counted from then on tells whether it suffices.
    ///
    /// ## When to ignore this
    ///
    /// If the storage is busy with checkpoints already.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "start_time": "2025-12-25T11:00:00Z", "conf_load_time": "2025-12-25T11:30:00Z" } ],
    ///   "pg_stat_bgwriter": [ { "maxwritten_clean": 900000, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" },
    ///                    { "name": "bgwriter_lru_maxpages", "setting": "100" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "background writer", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "start_time": "2025-12-25T11:00:00Z", "conf_load_time": "2025-12-25T11:30:00Z" } ],
    ///   "pg_stat_bgwriter": [ { "maxwritten_clean": 900, "stats_reset": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" },
    ///                    { "name": "bgwriter_lru_maxpages", "setting": "100" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "background writer", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule bgwriter_stops_early {
        code: PGD308,
        title: "The background writer stops at bgwriter_lru_maxpages",
        passed: "The background writer rarely reaches its limit",
        worst: Notice,
        reads: [writes, settings],
        source: "PostgreSQL manual, Background Writer",
        thresholds: {
            /// Share of rounds that may end at the limit.
            MAX_ROUNDS: Ratio = Ratio(0.10),
            /// Share of pages that sessions may write.
            MAX_SHARE: Ratio = Ratio(0.20),
            /// Fewer pages than this say little.
            MIN_PAGES: i64 = 100_000,
            /// Over a shorter time since the resets, a single bulk load decides.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
            /// A shorter delta says little.
            MIN_DELTA: Millis = Millis(60_000.0),
        },
    }
}

struct Limited<'a> {
    writes: &'a Writes,
    rounds: Ratio,
    share: Ratio,
    max_pages: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Limited<'a>>> {
    let (writes, settings) = (view.writes()?.latest(), view.settings()?);
    let delay = settings.millis("bgwriter_delay").unwrap_or(Millis(200.0));
    let limited = || {
        let rounds = writes.limited_rounds(delay).filter(|rounds| *rounds > MAX_ROUNDS && writes.total() >= MIN_PAGES)?;
        let share = writes.backend_share().filter(|share| *share > MAX_SHARE)?;
        Some(Limited { writes, rounds, share, max_pages: settings.integer("bgwriter_lru_maxpages")? })
    };
    let Some(found) = limited() else { return Ok(None) };
    view.writes()?.require_present_settings()?;
    let windows = [writes.window, writes.rounds_window];
    let is_short = |window: &Window| {
        let least = if window.since.is_some() { MIN_WINDOW } else { MIN_DELTA };
        window.length.is_none_or(|length| length < least)
    };
    match windows.iter().find(|window| is_short(window)) {
        Some(short) => Err(NotAssessed::expected(format!(
            "writes were counted for {} only; a longer time decides",
            display::duration(short.length.unwrap_or(Millis(0.0)))
        ))),
        None => Ok(Some(found)),
    }
}

fn subject(found: &Limited<'_>) -> About {
    About::parameter("bgwriter_lru_maxpages", found.share).figures([
        Figure::new("rounds_at_limit", found.rounds).against(MAX_ROUNDS),
        Figure::new("written_by_sessions", found.share).against(MAX_SHARE),
        Figure::parameter("bgwriter_lru_maxpages", found.max_pages),
        Figure::new("counted_for", found.writes.window.length).labelled("measured over"),
    ])
}

fn describe(found: &Limited<'_>) -> Draft {
    let to = found.max_pages.saturating_mul(4);
    let (rounds, share) = (display::percent(found.rounds), display::percent(found.share));
    Draft::new(format!("Raise bgwriter_lru_maxpages from {} to {to}", found.max_pages))
        .set("bgwriter_lru_maxpages", to.to_string(), Effort::Reload)
        .confidence(found.writes.window.confidence())
        .because(format!("The background writer ended at least {rounds} of its rounds at this limit, and sessions wrote {share} of the pages."))
        .advise("After the change, run SELECT pg_stat_reset_shared('bgwriter') and, from version 16 on, SELECT pg_stat_reset_shared('io'), or collect a delta: the former counts say nothing about the new value.")
        .impact("The background writer may write a page more often.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::Outcome;
    use crate::{Options, analyze, example};

    /// What becomes of the rule where the counters were reset then, and the configuration was loaded at 10:00; with these stopped
    /// rounds ten minutes earlier, if it is a delta.
    fn outcome(reset: &str, earlier: Option<i64>) -> Outcome {
        let columns = ["maxwritten_clean", "buffers_checkpoint", "buffers_clean", "buffers_backend", "stats_reset"];
        let row = |stopped: i64, written: i64| json!([[stopped, written, written, written, reset]]);
        let mut bgwriter = json!({ "available": true, "collected_at": "2026-01-01T12:00:00Z", "columns": columns,
                                   "rows": row(40_000, 9_000_000) });
        if let Some(stopped) = earlier {
            bgwriter["earlier"] = json!({ "collected_at": "2026-01-01T11:50:00Z", "rows": row(stopped, 8_000_000) });
        }
        let times = json!([{ "start_time": "2026-01-01T09:00:00Z", "conf_load_time": "2026-01-01T10:00:00Z" }]);
        let settings: Vec<Value> = vec![
            json!({ "name": "bgwriter_delay", "setting": "200", "unit": "ms" }),
            json!({ "name": "bgwriter_lru_maxpages", "setting": "100" }),
        ];
        let document = json!({ "version": 15, "system": times, "pg_settings": settings, "pg_stat_bgwriter": bgwriter, "pg_stat_io": [] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.assessments.into_iter().find(|assessment| assessment.code == "PGD308").unwrap().outcome
    }

    #[test]
    fn only_what_was_counted_with_the_present_value_decides() {
        let is_expected = |outcome| matches!(outcome, Outcome::NotAssessed { is_expected: true, .. });
        let (before, after) = ("2026-01-01T09:30:00Z", "2026-01-01T10:30:00Z");
        assert!(is_expected(outcome(before, None)), "the value may have been changed since");
        assert_eq!(outcome(after, None), Outcome::Found { subjects: 1 });
        assert!(is_expected(outcome("2026-01-01T11:59:45Z", None)), "a single bulk load decides");
        assert_eq!(outcome(before, Some(20_000)), Outcome::Found { subjects: 1 });
        assert_eq!(outcome(before, Some(39_990)), Outcome::Passed);
    }
}
