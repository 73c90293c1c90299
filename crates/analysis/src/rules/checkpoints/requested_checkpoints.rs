//! Checkpoints are requested rather than timed.

use crate::engine::prelude::*;

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
        source: "PostgreSQL manual, WAL Configuration; the threshold is that of most comparable tools",
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

struct Frequent<'a> {
    checkpoints: &'a Checkpoints,
    ratio: Ratio,
    per_hour: f64,
    max_wal_size: Bytes,
    /// Twice that, or the greatest value that the server accepts.
    proposed: Bytes,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Frequent<'a>>> {
    let (checkpoints, max_wal_size) = (view.checkpoints()?, view.settings()?.require_bytes("max_wal_size")?);
    let proposed = view.settings()?.doubled_bytes("max_wal_size")?;
    let ratio = checkpoints.requested_ratio().filter(|_| checkpoints.total() >= MIN_CHECKPOINTS);
    let Some(ratio) = ratio.filter(|ratio| *ratio > MAX_REQUESTED) else { return Ok(None) };
    let per_hour = checkpoints.requested_per_hour()?;
    Ok((per_hour >= MIN_PER_HOUR).then_some(Frequent { checkpoints, ratio, per_hour, max_wal_size, proposed }))
}

fn subject(Frequent { checkpoints, ratio, per_hour, max_wal_size, .. }: &Frequent<'_>) -> About {
    About::parameter("max_wal_size", *ratio).figures([
        Figure::new("requested_checkpoints", *ratio).against(MAX_REQUESTED).labelled("share of requested checkpoints"),
        Figure::new("requested_checkpoints_per_hour", Quantity::Number(*per_hour)),
        Figure::new("counted_for", checkpoints.window.length).labelled("measured over"),
        Figure::parameter("max_wal_size", *max_wal_size),
    ])
}

fn describe(found: &Frequent<'_>) -> Draft {
    let checkpoints = found.checkpoints;
    let (from, to) = (display::bytes(found.max_wal_size), display::bytes(found.proposed));
    let (requested, all) = (display::count(checkpoints.requested), display::count(checkpoints.total()));
    let draft = if found.proposed > found.max_wal_size {
        Draft::new(format!("Raise max_wal_size from {from} to {to}"))
            .set("max_wal_size", format!("{}MB", found.proposed.0 / Bytes::MB.0), Effort::Reload)
            .advise("Check again after a day of normal load, and double it again until most checkpoints are timed.")
            .impact("WAL can use that much disk space, and crash recovery takes longer.")
    } else {
        Draft::new(format!("Find out what requests checkpoints: max_wal_size already has its maximum of {from}"))
            .advise("Look for frequent CHECKPOINT commands, base backups or CREATE DATABASE in the server log.")
    };
    draft
        .confidence(checkpoints.window.confidence())
        .because(format!("{requested} of {all} checkpoints were requested, usually because WAL reached max_wal_size."))
        .because("After each checkpoint the server writes full pages to WAL again.")
        .evidence(checkpoints.requested_in_window())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Finding, Options, analyze, example};

    fn found(megabytes: i64) -> Finding {
        let document = json!({
            "pg_settings": [{ "name": "max_wal_size", "setting": megabytes.to_string(), "unit": "MB", "vartype": "integer",
                              "min_val": "2", "max_val": "2147483647", "context": "sighup" }],
            "pg_stat_bgwriter": [],
            "pg_stat_checkpointer": [{ "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-30T12:00:00Z" }],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().find(|finding| finding.code == "PGD301").unwrap()
    }

    #[test]
    fn no_value_is_proposed_that_the_server_would_reject() {
        let value = |megabytes: i64| found(megabytes).remedy.sets.map(|sets| sets.value);
        assert_eq!(value(1024).as_deref(), Some("2048MB"));
        assert_eq!(value(2_000_000_000).as_deref(), Some("2147483647MB"));
        assert_eq!(value(2_147_483_647), None);
        assert!(found(2_147_483_647).summary.starts_with("Find out what requests checkpoints"));
    }
}
