//! Queries write pages themselves.

use crate::engine::prelude::*;
use crate::facts::io::Writes;

rule! {
    /// ## What it sees
    ///
    /// Which processes write pages from shared buffers (`pg_stat_io`), in ordinary context: bulk loads and VACUUM write
    /// through buffers of their own. Version 16 and newer: older servers count pages that are added to relations too.
    ///
    /// ## Why it matters
    ///
    /// A session that needs a buffer and finds only changed ones must write one before it can continue. The background
    /// writer exists to do that in advance.
    ///
    /// ## Threshold
    ///
    /// Sessions wrote more than {MAX_SHARE} of at least {MIN_PAGES} pages, and more than the background writer, which
    /// rarely reached `bgwriter_lru_maxpages`. If it did, PGD308 applies.
    ///
    /// ## Remedy
    ///
    /// Let the background writer run more often (`bgwriter_delay`). With a delay of at most {FREQUENT} it already does;
    /// then `shared_buffers` is too small for the pages that are changed.
    ///
    /// ## When to ignore this
    ///
    /// If few, large statements cause it, such as nightly jobs.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 0 } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "background writer", "object": "relation", "context": "normal", "writes": 1000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 0 } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 90, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "background writer", "object": "relation", "context": "normal", "writes": 1000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 0 } ],
    ///   "pg_settings": [ { "name": "bgwriter_delay", "setting": "200", "unit": "ms" } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "bulkwrite", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule backend_writes {
        code: PGD307,
        title: "Sessions write pages",
        passed: "The background writer and checkpoints write most pages",
        worst: Notice,
        reads: [writes, settings],
        source: "PostgreSQL manual, Background Writer and pg_stat_io",
        thresholds: {
            /// Share of pages that sessions may write.
            MAX_SHARE: Ratio = Ratio(0.20),
            /// Fewer pages than this say little.
            MIN_PAGES: i64 = 100_000,
            /// With this delay the background writer runs often.
            FREQUENT: Millis = Millis(50.0),
        },
    }
}

struct Busy<'a> {
    writes: &'a Writes,
    share: Ratio,
    delay: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Busy<'a>>> {
    let (writes, settings) = (view.writes()?, view.settings()?);
    if writes.with_extensions {
        return Err(NotAssessed::expected("up to version 15, pages added to relations count as written by sessions"));
    }
    let delay = settings.millis("bgwriter_delay").unwrap_or(Millis(200.0));
    let share = writes.backend_share().filter(|share| *share > MAX_SHARE && writes.backends > writes.bgwriter);
    let share = share.filter(|_| writes.total() >= MIN_PAGES && !writes.is_limited(delay));
    Ok(share.map(|share| Busy { writes, share, delay }))
}

fn subject(found: &Busy<'_>) -> About {
    About::parameter("bgwriter_delay", found.share).figures([
        Figure::new("written_by_sessions", found.share).against(MAX_SHARE),
        Figure::new("pages_by_sessions", found.writes.backends),
        Figure::new("pages_by_background_writer", found.writes.bgwriter),
        Figure::new("pages_by_checkpoints", found.writes.checkpointer),
        Figure::new("counted_for", found.writes.window.length).labelled("measured over"),
    ])
}

fn describe(found: &Busy<'_>) -> Draft {
    let share = display::percent(found.share);
    let draft = Draft::new(format!("Reduce writes by sessions: they write {share} of the pages"))
        .confidence(found.writes.window.confidence())
        .because("Sessions that need a free buffer write a changed page first, which the background writer should do.");
    if found.delay > FREQUENT {
        draft.set("bgwriter_delay", "50ms", Effort::Reload).impact("The background writer uses more CPU time and may write a page more often.")
    } else {
        draft.advise("The background writer already runs often: raise shared_buffers.").effort(Effort::Restart)
    }
}
