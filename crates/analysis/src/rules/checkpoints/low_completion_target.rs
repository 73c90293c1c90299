//! Checkpoints write in bursts.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `checkpoint_completion_target`, and how many pages a checkpoint writes on average.
    ///
    /// ## Why it matters
    ///
    /// A checkpoint should be complete within this share of the time until the next one. The lower the value, the faster
    /// it writes, and the slower everything else becomes meanwhile.
    ///
    /// ## Threshold
    ///
    /// Less than {MIN_TARGET}, with at least {MIN_CHECKPOINTS} checkpoints that wrote {MIN_PAGES} pages on average.
    /// Versions 12 and 13 have a default of 0.5, which is reported only with that evidence.
    ///
    /// ## Remedy
    ///
    /// Set it to 0.9, the default since version 14.
    ///
    /// ## When to ignore this
    ///
    /// If checkpoints are deliberately short, for example to shorten crash recovery.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "checkpoint_completion_target", "setting": "0.5" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 500, "num_requested": 0, "buffers_written": 5000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "checkpoint_completion_target", "setting": "0.5" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 500, "num_requested": 0, "buffers_written": 5000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "checkpoint_completion_target", "setting": "0.9" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 500, "num_requested": 0, "buffers_written": 5000000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule low_completion_target {
        code: PGD304,
        title: "Checkpoints are completed in a hurry",
        passed: "Checkpoints are spread over time",
        worst: Notice,
        reads: [checkpoints, settings],
        source: "PostgreSQL manual, WAL Configuration",
        thresholds: {
            /// Lower values are reported.
            MIN_TARGET: f64 = 0.8,
            /// Fewer checkpoints than this say little.
            MIN_CHECKPOINTS: i64 = 24,
            /// Fewer pages than this per checkpoint are negligible.
            MIN_PAGES: i64 = 1000,
        },
    }
}

struct Hurried<'a> {
    checkpoints: &'a Checkpoints,
    target: f64,
    pages: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Hurried<'a>>> {
    let (checkpoints, settings) = (view.checkpoints()?, view.settings()?);
    let target = settings.float("checkpoint_completion_target").filter(|target| *target < MIN_TARGET);
    let pages = checkpoints.pages_per_checkpoint().filter(|pages| *pages >= MIN_PAGES);
    let found = target.zip(pages).filter(|_| checkpoints.total() >= MIN_CHECKPOINTS);
    Ok(found.map(|(target, pages)| Hurried { checkpoints, target, pages }))
}

fn subject(found: &Hurried<'_>) -> About {
    About::parameter("checkpoint_completion_target", Weight::Count(found.pages)).figures([
        Figure::parameter("checkpoint_completion_target", Quantity::Number(found.target)).against(Quantity::Number(MIN_TARGET)),
        Figure::new("pages_per_checkpoint", found.pages).against(MIN_PAGES),
        Figure::new("counted_for", found.checkpoints.window.length).labelled("measured over"),
    ])
}

fn describe(found: &Hurried<'_>) -> Draft {
    let (target, pages) = (found.target, display::count(found.pages));
    Draft::new(format!("Raise checkpoint_completion_target from {target} to 0.9"))
        .set("checkpoint_completion_target", "0.9", Effort::Reload)
        .confidence(found.checkpoints.window.confidence())
        .because(format!("Checkpoints write {pages} pages on average, in {target} of the time until the next one."))
        .because("Meanwhile, queries and commits compete with them for the storage.")
        .impact("Checkpoints take longer and write at a lower rate.")
}
