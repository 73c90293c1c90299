//! Checkpoints, from the view that counts them.

use jiff::Timestamp;
use pgdba_pg::{Bytes, Millis, Ratio};
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_checkpointer::PgStatCheckpointer;

use super::Facts;
use super::growth::{Grown, Growth, Sampled};
use super::sections::Rows;
use super::settings::Settings;
use super::time::Window;
use super::wal::{Wal, WalRate};
use crate::format::{Checked, Figure, NotAssessed};

/// Checkpoints since the counters were reset.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    /// Started because `checkpoint_timeout` had passed.
    pub timed: i64,
    /// Requested: by WAL volume, CHECKPOINT, base backups.
    pub requested: i64,
    /// Pages that they wrote.
    pub written: Option<i64>,
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

/// Checkpoints that WAL can have requested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByWal {
    /// How many.
    pub number: i64,
    /// Their share of all checkpoints.
    pub ratio: Ratio,
    /// How many per hour.
    pub per_hour: f64,
    /// The rate at which WAL is written.
    pub rate: Option<WalRate>,
    /// A value for `max_wal_size`, if there is room for more.
    pub proposed: Option<Bytes>,
}

impl Checkpoints {
    /// From 17 on the checkpointer has a view of its own.
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let bgwriter = facts.reader().rows::<PgStatBgwriter>()?;
        let checkpointer = facts.reader().rows::<PgStatCheckpointer>()?;
        let own = || {
            let counters = |row: &PgStatCheckpointer| Some((row.num_timed?, row.num_requested?));
            of(checkpointer, counters, |row| (row.buffers_written, row.stats_reset))
        };
        let shared = || {
            let counters = |row: &PgStatBgwriter| Some((row.checkpoints_timed?, row.checkpoints_req?));
            of(bgwriter, counters, |row| (row.buffers_checkpoint, row.stats_reset))
        };
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

    /// As many of the requested checkpoints as WAL can have caused: each of those needs a [distance] of WAL, and there was
    /// only so much.
    #[must_use]
    pub fn requested_by_wal(&self, wal: &Wal, settings: &Settings) -> i64 {
        let switches_files = settings.integer("archive_timeout").is_none_or(|seconds| seconds > 0);
        let written = wal.written_since(self.window, switches_files);
        let most = written.zip(distance(settings, wal.segment)).map(|(written, distance)| written.0 / distance.0);
        most.map_or(self.requested, |most| self.requested.min(most))
    }

    /// How many of them WAL can have requested, as shares and rates; none if there were no checkpoints.
    ///
    /// # Errors
    /// The time over which they were counted is unknown.
    pub fn by_wal(&self, wal: &Wal, settings: &Settings) -> Checked<Option<ByWal>> {
        let number = self.requested_by_wal(wal, settings);
        let Some(ratio) = Ratio::of(number, self.total()) else { return Ok(None) };
        let rate = self.wal_rate(number, wal, settings);
        let proposed = proposed_max_wal_size(settings, wal, rate);
        Ok(Some(ByWal { number, ratio, per_hour: self.per_hour(number)?, rate, proposed }))
    }

    /// The rate at which WAL is written, or at least must have been written to cause `requested` checkpoints.
    fn wal_rate(&self, requested: i64, wal: &Wal, settings: &Settings) -> Option<WalRate> {
        let over = self.window.length.filter(|over| over.seconds() >= 1.0)?;
        let written = distance(settings, wal.segment)?.0.saturating_mul(requested);
        let caused = WalRate { per_second: written as f64 / over.seconds(), over, since: self.window.since };
        wal.rate().into_iter().chain([caused]).max_by(|a, b| a.per_second.total_cmp(&b.per_second))
    }

    /// Pages written per checkpoint.
    #[must_use]
    pub fn pages_per_checkpoint(&self) -> Option<i64> {
        self.written?.checked_div(self.total())
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
        self.per_hour(self.requested)
    }

    fn per_hour(&self, requested: i64) -> Checked<f64> {
        let per_hour = self.window.per_hour(requested);
        per_hour.ok_or_else(|| NotAssessed::because("the reset time of the checkpoint counters is unknown"))
    }
}

/// The WAL after which a checkpoint is requested, at least: `max_wal_size` is to suffice until that checkpoint is complete, and
/// the server counts whole files.
#[must_use]
pub fn distance(settings: &Settings, segment: Bytes) -> Option<Bytes> {
    let files = settings.bytes("max_wal_size")?.0 / segment.0;
    let until_complete = 1.0 + settings.float("checkpoint_completion_target").unwrap_or(0.9).clamp(0.0, 1.0);
    let files = (files as f64 / until_complete) as i64;
    Some(Bytes(files.saturating_sub(1).max(1).saturating_mul(segment.0)))
}

/// A size for `max_wal_size` that lasts two `checkpoint_timeout` at this rate: at least twice and at most eight times what it is now,
/// in whole gigabytes, and no more than half of the free disk in addition. None if that is not more than it is now. A rate counts
/// the full pages after each checkpoint, of which there are fewer with a greater size, so a multiple would be far too much.
#[must_use]
pub fn proposed_max_wal_size(settings: &Settings, wal: &Wal, rate: Option<WalRate>) -> Option<Bytes> {
    const GIGABYTE: i64 = 1 << 30;
    let now = settings.bytes("max_wal_size")?;
    let timeout = settings.millis("checkpoint_timeout").unwrap_or(Millis(300_000.0));
    let needed = rate.map_or(0, |rate| rate.in_time(timeout).0.saturating_mul(2));
    let wanted = needed.min(now.0.saturating_mul(8)).max(now.0.saturating_mul(2));
    let room = wal.free.map_or(i64::MAX, |free| now.0.saturating_add(free.0 / 2));
    let greatest = settings.greatest_bytes("max_wal_size").map_or(i64::MAX, |greatest| greatest.0);
    let gigabytes = wanted.saturating_add(GIGABYTE - 1) / GIGABYTE;
    let proposed = gigabytes.saturating_mul(GIGABYTE).min(room).min(greatest) / Bytes::MB.0 * Bytes::MB.0;
    (proposed > now.0).then_some(Bytes(proposed))
}

/// What the only row of a view counts; none where it does not count checkpoints.
fn of<R>(
    view: Rows<R>,
    counters: impl Fn(&R) -> Option<(i64, i64)>,
    written_since: impl Fn(&R) -> (Option<i64>, Option<Timestamp>),
) -> Option<Checkpoints> {
    let until = view.read_at;
    let Grown { rows, sampled } = view.grown();
    let (row, growth) = rows.first()?;
    let (timed, requested) = counters(row)?;
    let (written, since) = written_since(row);
    let growth = growth.map(|row| counters(row).map(|(timed, requested)| Counted { timed, requested }));
    Some(Checkpoints { timed, requested, written, window: Window::until(until, since), sampled: sampled.zip(growth) })
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
