//! Checkpoints are begun by WAL volume instead of by time.

use pgdba_pg::{Bytes, Ratio, display};

use crate::engine::remedy::set_parameter;
use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::facts::checkpoints::Checkpoints;
use crate::finding::{Confidence, Effort, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// Many checkpoints are begun because WAL reached `max_wal_size`, not because `checkpoint_timeout` had passed.
    ///
    /// ## Why it matters
    ///
    /// After every checkpoint the first change of a page writes the whole page into WAL. Checkpoints in quick
    /// succession therefore multiply the WAL, and that brings the next checkpoint even sooner. Commits wait while the
    /// storage is busy with both.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_REQUESTED} of at least {MIN_CHECKPOINTS} checkpoints were requested, and at least
    /// {MIN_PER_HOUR} an hour on average since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Raise `max_wal_size` until checkpoints are begun by time: twice the WAL that is written in one
    /// `checkpoint_timeout` is a good first value. It is a soft limit of disk space, not of memory.
    ///
    /// ## When it is no fault
    ///
    /// Base backups, `CREATE DATABASE`, promotions and a `CHECKPOINT` by hand count as requested too; from 17 on,
    /// checkpoints that were skipped because nothing had changed count as well. A single bulk load explains a burst.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "WAL Configuration"; the share is the one most peers use.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 30, "num_requested": 70, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    /// ```json clean
    /// { "pg_stat_bgwriter": [], "pg_settings": [ { "name": "max_wal_size", "setting": "1024", "unit": "MB" } ],
    ///   "pg_stat_checkpointer": [ { "num_timed": 300, "num_requested": 7, "stats_reset": "2025-12-30T12:00:00Z" } ] }
    /// ```
    rule requested_checkpoints {
        code: "PGD301",
        title: "Checkpoints are begun by WAL volume instead of by time",
        area: Checkpoints,
        needs: [pg_stat_bgwriter, pg_stat_checkpointer, pg_settings],
        thresholds: {
            /// Share of requested checkpoints that is still ordinary.
            MAX_REQUESTED: Ratio = Ratio(0.10),
            /// Below this many checkpoints the share says nothing.
            MIN_CHECKPOINTS: i64 = 24,
            /// Requested checkpoints an hour below which nobody is hurt.
            MIN_PER_HOUR: f64 = 1.0,
        },
    }
}

#[derive(Debug)]
struct Found {
    checkpoints: Checkpoints,
    per_hour: f64,
    max_wal_size: Bytes,
    confidence: Confidence,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let Some(checkpoints) = &facts.checkpoints else {
        return Err(NotAssessed::because("the counters of checkpoints are missing"));
    };
    let Some(max_wal_size) = facts.settings.bytes("max_wal_size") else {
        return Err(NotAssessed::because("pg_settings does not show max_wal_size"));
    };
    if checkpoints.total() < MIN_CHECKPOINTS || checkpoints.requested_ratio() <= MAX_REQUESTED {
        return Ok(Vec::new());
    }
    let Some(per_hour) = checkpoints.requested_per_hour() else {
        return Err(NotAssessed::because("it is not known since when checkpoints are counted"));
    };
    if per_hour < MIN_PER_HOUR {
        return Ok(Vec::new());
    }
    let confidence = facts.confidence_since(checkpoints.since);
    Ok(vec![Found { checkpoints: checkpoints.clone(), per_hour, max_wal_size, confidence }])
}

fn describe(found: &Found) -> Parts {
    let checkpoints = &found.checkpoints;
    let doubled = Bytes(found.max_wal_size.0.saturating_mul(2));
    let value = format!("{}MB", doubled.0 / Bytes::MB.0);
    Parts {
        severity: Severity::Warning,
        confidence: found.confidence,
        subject: Subject::Parameter("max_wal_size".to_owned()),
        summary: format!("Raise max_wal_size from {} to {}", display::bytes(found.max_wal_size), display::bytes(doubled)),
        rationale: format!(
            "{} of {} were begun before their time, because WAL had reached max_wal_size. Each one makes the server \
             write full pages into WAL again.",
            display::count(checkpoints.requested),
            display::counted(checkpoints.total(), "checkpoint", "checkpoints"),
        ),
        evidence: vec![
            evidence_against("requested checkpoints", checkpoints.requested_ratio(), MAX_REQUESTED),
            evidence("requested checkpoints per hour", crate::Quantity::Number(found.per_hour)),
            evidence("counted for", checkpoints.window),
            evidence("max_wal_size", found.max_wal_size),
        ],
        details: Vec::new(),
        remedy: set_parameter(
            "max_wal_size",
            &value,
            Effort::Reload,
            "Look again after a day of ordinary load, and double it again until most checkpoints are begun by time.",
            "Up to that much disk space is used for WAL, and crash recovery takes longer.",
        ),
        source: "PostgreSQL manual, WAL Configuration",
    }
}
