//! Checkpoints, whichever view counts them.

use jiff::Timestamp;
use pgdba_pg::{Millis, Ratio};
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;

/// Checkpoints since the counters were reset.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Begun because `checkpoint_timeout` had passed.
    pub timed: i64,
    /// Begun on request: WAL volume, CHECKPOINT, base backups.
    pub requested: i64,
    /// Since when they are counted.
    pub since: Option<Timestamp>,
    /// How long they are counted.
    pub window: Option<Millis>,
}

impl Checkpoints {
    /// From 17 on the checkpointer has a view of its own.
    pub(super) fn from_rows(
        bgwriter: Vec<PgStatBgwriter>,
        checkpointer: Vec<PgStatCheckpointer>,
        now: Option<Timestamp>,
    ) -> Option<Self> {
        let own = checkpointer.first().and_then(|row| Some((row.num_timed?, row.num_requested?, row.stats_reset)));
        let shared =
            bgwriter.first().and_then(|row| Some((row.checkpoints_timed?, row.checkpoints_req?, row.stats_reset)));
        let (timed, requested, since) = own.or(shared)?;
        Some(Self { timed, requested, since, window: super::age(now, since) })
    }

    /// All checkpoints.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.timed.saturating_add(self.requested)
    }

    /// The share of requested ones.
    #[must_use]
    pub fn requested_ratio(&self) -> Ratio {
        Ratio::of(self.requested, self.total())
    }

    /// Requested checkpoints per hour of the window.
    #[must_use]
    pub fn requested_per_hour(&self) -> Option<f64> {
        let hours = self.window?.seconds() / 3600.0;
        (hours > 0.0).then(|| self.requested as f64 / hours)
    }
}
