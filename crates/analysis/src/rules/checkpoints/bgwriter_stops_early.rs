//! The background writer stops at its limit.

use crate::engine::prelude::*;
use crate::facts::io::Writes;

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
    /// {MIN_PAGES} pages. Up to version 15, pages that sessions add to relations count too.
    ///
    /// ## Remedy
    ///
    /// Raise `bgwriter_lru_maxpages`.
    ///
    /// ## When to ignore this
    ///
    /// If the storage is busy with checkpoints already.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 900000 } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" },
    ///                    { "name": "bgwriter_lru_maxpages", "setting": "100" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "background writer", "object": "relation", "context": "normal", "writes": 90000000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 900 } ],
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
    let (writes, settings) = (view.writes()?, view.settings()?);
    let delay = settings.millis("bgwriter_delay").unwrap_or(Millis(200.0));
    let limited = || {
        let rounds = writes.limited_rounds(delay).filter(|rounds| *rounds > MAX_ROUNDS && writes.total() >= MIN_PAGES)?;
        let share = writes.backend_share().filter(|share| *share > MAX_SHARE)?;
        Some(Limited { writes, rounds, share, max_pages: settings.integer("bgwriter_lru_maxpages")? })
    };
    Ok(limited())
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
        .impact("The background writer may write a page more often.")
}
