//! Checkpoints, from the view that counts them.

use pgdba_pg::Ratio;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;

use super::Facts;
use super::time::Window;
use crate::format::{Checked, NotAssessed};

/// Checkpoints since the counters were reset.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Started because `checkpoint_timeout` had passed.
    pub timed: i64,
    /// Requested: by WAL volume, CHECKPOINT, base backups.
    pub requested: i64,
    /// The time over which they were counted.
    pub window: Window,
}

impl Checkpoints {
    /// From 17 on the checkpointer has a view of its own.
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let bgwriter = facts.reader().rows::<PgStatBgwriter>()?.rows;
        let checkpointer = facts.reader().rows::<PgStatCheckpointer>()?.rows;
        let own = checkpointer.first().and_then(|row| Some((row.num_timed?, row.num_requested?, row.stats_reset)));
        let shared =
            bgwriter.first().and_then(|row| Some((row.checkpoints_timed?, row.checkpoints_req?, row.stats_reset)));
        let counters = own.or(shared);
        let (timed, requested, since) =
            counters.ok_or_else(|| NotAssessed::because("checkpoint counters are missing"))?;
        Ok(Self { timed, requested, window: Window::until(facts.now().ok(), since) })
    }

    /// All checkpoints.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.timed.saturating_add(self.requested)
    }

    /// The share of requested checkpoints; none if there were no checkpoints.
    #[must_use]
    pub fn requested_ratio(&self) -> Option<Ratio> {
        Ratio::of(self.requested, self.total())
    }

    /// Requested checkpoints per hour of the window.
    #[must_use]
    pub fn requested_per_hour(&self) -> Option<f64> {
        self.window.per_hour(self.requested)
    }
}
