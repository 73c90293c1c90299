//! Checkpoints are requested rather than timed.

use pgdba_pg::{Bytes, Ratio, display};

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::checkpoints::Checkpoints;
use crate::format::{Effort, Subject};
use crate::{Checked, Figure, NotAssessed, Quantity, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// The share of checkpoints that were requested because WAL reached `max_wal_size`, instead of timed by
    /// `checkpoint_timeout`.
    ///
    /// ## Why it matters
    ///
    /// After each checkpoint, the first change of a page writes the whole page to WAL. Frequent checkpoints therefore
    /// multiply the amount of WAL, which triggers the next checkpoint even sooner. Commits slow down while the storage
    /// handles both.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_REQUESTED} of at least {MIN_CHECKPOINTS} checkpoints were requested, and there were at least
    /// {MIN_PER_HOUR} requested checkpoints per hour on average since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Raise `max_wal_size` until most checkpoints are timed. Twice the WAL written in one `checkpoint_timeout` is a good
    /// first value. It is a soft limit on disk space and does not use memory.
    ///
    /// ## When to ignore this
    ///
    /// Base backups, `CREATE DATABASE`, promotions and manual `CHECKPOINT` commands also count as requested; in version 17 and
    /// newer, so do checkpoints that were skipped because nothing had changed. A single bulk load can explain a burst.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "WAL Configuration". The threshold is the one used by most comparable tools.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 300, "num_requested": 7, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    rule requested_checkpoints {
        code: PGD301,
        title: "Checkpoints are requested rather than timed",
        passed: "Few checkpoints are requested",
        worst: Warning,
        reads: [checkpoints, settings],
        source: "PostgreSQL manual, WAL Configuration",
        thresholds: {
            /// Share of requested checkpoints that is still normal.
            MAX_REQUESTED: Ratio = Ratio(0.10),
            /// Checkpoints from which on the share is meaningful.
            MIN_CHECKPOINTS: i64 = 24,
            /// Requested checkpoints per hour from which on they are reported.
            MIN_PER_HOUR: f64 = 1.0,
        },
    }
}

struct Found {
    checkpoints: Checkpoints,
    requested: Ratio,
    per_hour: f64,
    max_wal_size: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Found>> {
    let checkpoints = view.checkpoints()?;
    let max_wal_size = view.settings()?.bytes("max_wal_size");
    let max_wal_size = max_wal_size.ok_or_else(|| NotAssessed::because("pg_settings does not show max_wal_size"))?;
    let requested = checkpoints.requested_ratio().filter(|requested| *requested > MAX_REQUESTED);
    let Some(requested) = requested.filter(|_| checkpoints.total() >= MIN_CHECKPOINTS) else { return Ok(None) };
    let per_hour = checkpoints.requested_per_hour();
    let per_hour = per_hour.ok_or_else(|| NotAssessed::because("the reset time of the checkpoint counters is unknown"))?;
    let found = || Found { checkpoints: checkpoints.clone(), requested, per_hour, max_wal_size };
    Ok((per_hour >= MIN_PER_HOUR).then(found))
}

fn describe(found: &Found) -> Draft {
    let checkpoints = &found.checkpoints;
    let doubled = Bytes(found.max_wal_size.0.saturating_mul(2));
    let (from, to) = (display::bytes(found.max_wal_size), display::bytes(doubled));
    let in_window = checkpoints.sampled.as_ref().map(|(sampled, growth)| {
        Figure::new("requested_in_window", growth.per_second(|row| Some(row.requested)))
            .labelled(&format!("requested checkpoints over the {} of the delta", sampled.words()))
    });
    let draft = Draft::new(Severity::Warning, format!("Raise max_wal_size from {from} to {to}"))
        .confidence(checkpoints.window.confidence())
        .because(format!(
            "{} of {} were requested, usually because WAL reached max_wal_size. After each checkpoint the server \
             writes full pages to WAL again.",
            display::count(checkpoints.requested),
            display::counted(checkpoints.total(), "checkpoint", "checkpoints"),
        ))
        .set("max_wal_size", format!("{}MB", doubled.0 / Bytes::MB.0), Effort::Reload)
        .advise("Check again after a day of normal load, and double it again until most checkpoints are timed.")
        .impact("WAL can use that much disk space, and crash recovery takes longer.");
    in_window.into_iter().fold(draft, Draft::evidence)
}

impl Affects for Found {
    fn about(&self) -> About {
        About::new(Subject::parameter("max_wal_size"), self.requested)
            .figure(Figure::new("requested_checkpoints", self.requested).labelled("share of requested checkpoints").against(MAX_REQUESTED))
            .figure(Figure::new("requested_checkpoints_per_hour", Quantity::Number(self.per_hour)))
            .figure(Figure::new("counted_for", self.checkpoints.window.length).labelled("measured over"))
            .figure(Figure::parameter("max_wal_size", self.max_wal_size))
    }
}
