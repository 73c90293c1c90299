//! Checkpoints are requested rather than timed.

use crate::engine::prelude::*;
use crate::facts::checkpoints::ByWal;
use crate::facts::wal::WalRate;

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
    /// {MIN_PER_HOUR} requested checkpoints per hour on average since the counters were reset. Over less than {MIN_WINDOW} a single
    /// bulk load decides, so the rule is not assessed. Checkpoints that WAL cannot have requested do not count: each needs about
    /// half of `max_wal_size` of WAL, and the server has written only so much.
    ///
    /// ## Remedy
    ///
    /// Raise `max_wal_size` until most checkpoints are timed. The first value proposed is twice the WAL written in one
    /// `checkpoint_timeout`, at least twice the present value, at most eight times as much, in whole gigabytes, and at most half
    /// of the free disk space more than it is now. It is a soft limit on disk space and does not use memory.
    ///
    /// ## When to ignore this
    ///
    /// Base backups, `CREATE DATABASE`, promotions and manual `CHECKPOINT` commands also count as requested; in version 17 and
    /// newer, so do checkpoints that were skipped because nothing had changed. A single bulk load can explain a burst.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "insert_lsn": "FF/0" } ], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [], "pg_wal_position": [ { "insert_lsn": "FF/0" } ], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 300, "num_requested": 7, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    rule requested_checkpoints {
        code: PGD301,
        title: "Checkpoints are requested rather than timed",
        passed: "Few checkpoints are requested",
        worst: Warning,
        reads: [checkpoints, settings, wal],
        source: "PostgreSQL manual, WAL Configuration; the threshold is that of most comparable tools",
        thresholds: {
            /// Share of requested checkpoints that is still normal.
            MAX_REQUESTED: Ratio = Ratio(0.10),
            /// Checkpoints from which on the share is meaningful.
            MIN_CHECKPOINTS: i64 = 24,
            /// The shortest time over which the mean means something.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
            /// Requested checkpoints per hour from which on they are reported.
            MIN_PER_HOUR: f64 = 1.0,
        },
    }
}

struct Frequent<'a> {
    checkpoints: &'a Checkpoints,
    by_wal: ByWal,
    max_wal_size: Bytes,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Frequent<'a>>> {
    let (checkpoints, settings, wal) = (view.checkpoints()?, view.settings()?, view.wal()?);
    let max_wal_size = settings.require_bytes("max_wal_size")?;
    let is_enough = checkpoints.total() >= MIN_CHECKPOINTS;
    let by_wal = is_enough.then(|| checkpoints.by_wal(wal, settings)).transpose()?.flatten();
    let by_wal = by_wal.filter(|by_wal| by_wal.ratio > MAX_REQUESTED && by_wal.per_hour >= MIN_PER_HOUR);
    match checkpoints.window.length {
        Some(length) if by_wal.is_some() && length < MIN_WINDOW => {
            Err(NotAssessed::expected(format!("checkpoints were counted for {} only", display::duration(length))))
        }
        _ => Ok(by_wal.map(|by_wal| Frequent { checkpoints, by_wal, max_wal_size })),
    }
}

fn subject(Frequent { checkpoints, by_wal, max_wal_size }: &Frequent<'_>) -> About {
    let share = Figure::new("requested_checkpoints", by_wal.ratio).against(MAX_REQUESTED);
    About::parameter("max_wal_size", by_wal.ratio).figures([
        share.labelled("share of requested checkpoints"),
        Figure::new("requested_checkpoints_per_hour", Quantity::Number(by_wal.per_hour)),
        Figure::new("counted_for", checkpoints.window.length).labelled("measured over"),
        Figure::parameter("max_wal_size", *max_wal_size),
    ])
}

fn describe(Frequent { checkpoints, by_wal, max_wal_size }: &Frequent<'_>) -> Draft {
    let from = display::bytes(*max_wal_size);
    let (requested, all) = (display::count(by_wal.number), display::count(checkpoints.total()));
    let draft = match by_wal.proposed {
        Some(to) => Draft::new(format!("Raise max_wal_size from {from} to {}", display::bytes(to)))
            .set("max_wal_size", to.to_parameter(), Effort::Reload)
            .advise("Check again after a day of normal load, and double it again until most checkpoints are timed.")
            .impact("WAL can use that much disk space, and crash recovery takes longer."),
        None => Draft::new(format!("Write less WAL: max_wal_size is {from} and cannot be raised"))
            .advise("Find the statements that write most WAL, and free or add disk space for pg_wal."),
    };
    draft
        .confidence(checkpoints.window.confidence())
        .because(format!("{requested} of {all} checkpoints were requested, usually because WAL reached max_wal_size."))
        .because("After each checkpoint the server writes full pages to WAL again.")
        .because_for(by_wal.rate.map(WalRate::words).as_ref(), "WAL is written at about")
        .evidence(checkpoints.requested_in_window())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{Finding, Options, analyze, example};

    /// A server that has requested 70 of 100 checkpoints in a day, with `max_wal_size` in MB.
    fn found(megabytes: i64, lsn: &str, host: &Value) -> Option<Finding> {
        let document = json!({
            "pg_settings": [{ "name": "max_wal_size", "setting": megabytes.to_string(), "unit": "MB", "vartype": "integer",
                              "min_val": "2", "max_val": "2147483647", "context": "sighup" },
                            { "name": "archive_timeout", "setting": "0", "unit": "s" },
                            { "name": "checkpoint_timeout", "setting": "300", "unit": "s" }],
            "pg_stat_bgwriter": [], "host": [host],
            "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": lsn }],
            "pg_stat_checkpointer": [{ "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-31T12:00:00Z" }],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().find(|finding| finding.code == "PGD301")
    }

    fn value(megabytes: i64, free: i64) -> Option<String> {
        let found = found(megabytes, "FFFFFFFF/0", &json!({ "wal_free_bytes": free }));
        found.unwrap().remedy.sets.map(|sets| sets.value)
    }

    #[test]
    fn a_value_is_at_least_a_gigabyte_and_within_the_free_disk() {
        assert_eq!(value(64, 1 << 40).as_deref(), Some("1GB"));
        assert_eq!(value(1024, 1 << 40).as_deref(), Some("2GB"));
        assert_eq!(value(1024, 100 << 20).as_deref(), Some("1074MB"));
    }

    #[test]
    fn a_burst_of_wal_neither_decides_nor_multiplies_the_value() {
        let found = |reset: &str| {
            let document = json!({
                "pg_settings": [{ "name": "max_wal_size", "setting": "2048", "unit": "MB" },
                                { "name": "checkpoint_timeout", "setting": "300", "unit": "s" }],
                "pg_stat_bgwriter": [], "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": "FFFF/0" }],
                "pg_stat_wal": [{ "wal_bytes": 9_000_i64 << 30, "stats_reset": reset }],
                "pg_stat_checkpointer": [{ "num_timed": 0, "num_requested": 4000, "stats_reset": reset }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            let value = |code: &str| {
                let finding = analysis.findings.iter().find(|finding| finding.code == code);
                finding.map(|finding| finding.remedy.sets.clone().unwrap().value)
            };
            [value("PGD301"), value("PGD305")]
        };
        assert_eq!(found("2026-01-01T11:59:53Z"), [None, None]);
        assert_eq!(found("2026-01-01T11:30:00Z"), [None, Some("16GB".to_owned())]);
        assert_eq!(found("2026-01-01T10:30:00Z"), [Some("16GB".to_owned()), None]);
    }

    #[test]
    fn no_value_is_proposed_that_the_server_would_reject() {
        assert_eq!(value(2_000_000_000, i64::MAX).as_deref(), Some("2147483647MB"));
        assert_eq!(value(2_147_483_647, 1 << 60), None);
    }

    #[test]
    fn checkpoints_that_wal_cannot_have_requested_do_not_count() {
        // 70 checkpoints of about 512 MB each would have taken 35 GB.
        assert!(found(1024, "0/30000000", &json!({})).is_none());
        assert!(found(1024, "9/0", &json!({})).is_some());
    }

    #[test]
    fn the_counted_wal_of_the_same_time_decides_where_there_is_such() {
        let found = |bytes: i64, timeout: &str| {
            let document = json!({
                "pg_settings": [{ "name": "max_wal_size", "setting": "1024", "unit": "MB" },
                                { "name": "archive_timeout", "setting": timeout, "unit": "s" }],
                "pg_stat_bgwriter": [],
                "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": "FF/0" }],
                "pg_stat_wal": [{ "wal_bytes": bytes, "stats_reset": "2025-12-31T12:00:00Z" }],
                "pg_stat_checkpointer": [{ "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-31T12:00:00Z" }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            analysis.findings.iter().any(|finding| finding.code == "PGD301")
        };
        assert_eq!([found(1 << 30, "0"), found(1 << 30, "60"), found(40 << 30, "0")], [false, true, true]);
    }
}
