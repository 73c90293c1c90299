//! Checkpoints, from the view that counts them.

use jiff::Timestamp;
use pgdba_pg::Ratio;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;

use super::Facts;
use super::growth::{Grown, Growth, Sampled};
use super::sections::Rows;
use super::time::Window;
use crate::format::{Checked, Figure, NotAssessed};

/// Checkpoints since the counters were reset.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Started because `checkpoint_timeout` had passed.
    pub timed: i64,
    /// Requested: by WAL volume, CHECKPOINT, base backups.
    pub requested: i64,
    /// The time over which they were counted.
    pub window: Window,
    /// The window of a delta, where the snapshot is one, and what they grew by in it.
    pub sampled: Option<(Sampled, Growth<Counted>)>,
}

/// Checkpoints that were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Started because `checkpoint_timeout` had passed.
    pub timed: i64,
    /// Requested.
    pub requested: i64,
}

impl Checkpoints {
    /// From 17 on the checkpointer has a view of its own.
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let bgwriter = facts.reader().rows::<PgStatBgwriter>()?;
        let checkpointer = facts.reader().rows::<PgStatCheckpointer>()?;
        let own = || of(checkpointer, |row| Some((row.num_timed?, row.num_requested?)), |row| row.stats_reset);
        let shared = || of(bgwriter, |row| Some((row.checkpoints_timed?, row.checkpoints_req?)), |row| row.stats_reset);
        own().or_else(shared).ok_or_else(|| NotAssessed::because("checkpoint counters are missing"))
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

    /// Requested checkpoints per second of a delta; none where the snapshot is not one.
    #[must_use]
    pub fn requested_in_window(&self) -> Option<Figure> {
        let (sampled, growth) = self.sampled.as_ref()?;
        let label = format!("requested checkpoints over the {} of the delta", sampled.words());
        growth.figure("requested_in_window", &label, |row| Some(row.requested))
    }

    /// Requested checkpoints per hour of the window.
    ///
    /// # Errors
    /// The time over which they were counted is unknown.
    pub fn requested_per_hour(&self) -> Checked<f64> {
        let per_hour = self.window.per_hour(self.requested);
        per_hour.ok_or_else(|| NotAssessed::because("the reset time of the checkpoint counters is unknown"))
    }
}

/// What the only row of a view counts; none where it does not count checkpoints.
fn of<R>(
    view: Rows<R>,
    counters: impl Fn(&R) -> Option<(i64, i64)>,
    since: impl Fn(&R) -> Option<Timestamp>,
) -> Option<Checkpoints> {
    let until = view.read_at;
    let Grown { rows, sampled } = view.grown();
    let (row, growth) = rows.first()?;
    let (timed, requested) = counters(row)?;
    let growth = growth.map(|row| counters(row).map(|(timed, requested)| Counted { timed, requested }));
    Some(Checkpoints { timed, requested, window: Window::until(until, since(row)), sampled: sampled.zip(growth) })
}

#[cfg(test)]
mod tests {
    use pgdba_pg::Millis;
    use serde_json::json;

    use crate::{Facts, example};

    #[test]
    fn counters_are_compared_with_the_time_at_which_they_were_read() {
        // A delta of 30 s, by a clock that is a minute behind, on a server that was reset 20 s before its end and restarted then.
        let section = |columns: &[&str], row: serde_json::Value| json!({ "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": columns, "rows": [row] });
        let reset = "2026-01-01T12:01:10Z";
        let document = json!({
            "collected_at": "2026-01-01T12:00:00Z",
            "system": section(&["start_time", "server_time"], json!([reset, "2026-01-01T12:01:30Z"])),
            "pg_stat_bgwriter": section(&["checkpoints_timed", "checkpoints_req", "stats_reset"], json!([1, 2, reset])),
            "pg_stat_statements_info": section(&["stats_reset"], json!([reset])),
            "pg_stat_statements": section(&["queryid", "calls"], json!(["1", 1])),
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let expected = Some(Millis(20_000.0));
        assert_eq!(facts.statements().unwrap().window.length, expected);
        assert_eq!(facts.uptime().ok().copied(), expected);
        let version = document.to_string().replacen('{', "{ \"version\": 15,", 1);
        let snapshot = example::snapshot(&version).unwrap();
        assert_eq!(Facts::of(&snapshot).checkpoints().unwrap().window.length, expected);
    }
}
