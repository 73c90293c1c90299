//! How much WAL is written, what of it is in `pg_wal`, and how long the disk lasts.

use jiff::Timestamp;
use pgdba_pg::{Bytes, Lsn, Millis, Ratio, display};
use pgdba_snapshot::sections::pg_stat_wal::PgStatWal;
use pgdba_snapshot::sections::pg_wal_position::PgWalPosition;
use pgdba_snapshot::sections::wal_directory::WalDirectory;

use super::Facts;
use super::growth::Growth;
use super::time::Window;
use crate::format::{Checked, Figure, NotAssessed, Quantity};

/// Over less than this a rate says little.
const SHORTEST: Millis = Millis(600_000.0);

/// Size of a WAL file, unless initdb was told another.
const SEGMENT: i64 = 16 << 20;

/// The WAL of a server.
#[derive(Debug)]
pub struct Wal {
    /// Its positions.
    pub position: PgWalPosition,
    growth: Growth<PgWalPosition>,
    counters: Option<PgStatWal>,
    counters_growth: Growth<PgStatWal>,
    window: Window,
    /// When the server started.
    started: Option<Timestamp>,
    /// What is in `pg_wal`, where the collecting role can see it.
    pub directory: Option<WalDirectory>,
    /// The free space of the file system that holds it.
    pub free: Option<Bytes>,
    /// The size of a WAL file.
    pub segment: Bytes,
}

/// How fast WAL is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WalRate {
    /// Bytes per second.
    pub per_second: f64,
    /// The time over which it was measured.
    pub over: Millis,
    /// When that began; none in the window of a delta.
    pub since: Option<Timestamp>,
}

impl Wal {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let position = facts.reader().rows::<PgWalPosition>()?.grown();
        let (position, growth) = position.rows.into_iter().next().ok_or_else(unknown)?;
        let is_standby = position.is_in_recovery == Some(true);
        // A standby shows what its primary had counted when it was copied.
        let counters = facts.reader().rows::<PgStatWal>().ok().and_then(|read| read.grown().rows.into_iter().next());
        let (counters, counters_growth) = counters.filter(|_| !is_standby).unzip();
        let since = counters.as_ref().and_then(|row| row.stats_reset);
        let directory = facts.reader().rows::<WalDirectory>().ok().and_then(|read| read.rows.into_iter().next());
        let segment = facts.system().ok().and_then(|system| system.wal_segment_size);
        Ok(Self {
            position,
            growth,
            counters,
            counters_growth: counters_growth.unwrap_or(Growth(None)),
            started: facts.system().ok().and_then(|system| system.start_time),
            window: Window::until(facts.now().ok(), since),
            directory,
            free: facts.hardware().ok().and_then(|hardware| hardware.wal_disk).map(|disk| disk.free),
            segment: Bytes(segment.filter(|size| *size > 0).unwrap_or(SEGMENT)),
        })
    }

    /// The newest position: what the primary has inserted, or the standby has received or replayed.
    #[must_use]
    pub fn newest(&self) -> Option<Lsn> {
        if self.position.is_in_recovery == Some(true) { self.received() } else { self.position.insert_lsn }
    }

    /// What a standby has received: it replays from the archive too.
    #[must_use]
    pub fn received(&self) -> Option<Lsn> {
        self.position.receive_lsn.as_deref().and_then(|lsn| lsn.parse().ok()).max(self.position.replay_lsn)
    }

    /// The bytes between a position, as the server prints it, and the newest.
    #[must_use]
    pub fn behind(&self, lsn: Option<&str>) -> Option<Bytes> {
        let lsn: Lsn = lsn?.parse().ok()?;
        self.newest().map(|newest| distance(newest, lsn))
    }

    /// The bytes that a standby has received but not replayed.
    #[must_use]
    pub fn not_replayed(&self) -> Option<Bytes> {
        Some(distance(self.received()?, self.position.replay_lsn?))
    }

    /// The most WAL that can have been written since `since`: as much as was counted, or else everything since initdb.
    /// Forced switches of files are not counted, so a server that switches them regularly has only the latter.
    #[must_use]
    pub fn written_since(&self, since: Window, switches_files: bool) -> Option<Bytes> {
        let counted = self.counters.as_ref().filter(|_| !switches_files && self.window.since <= since.since);
        let counted = counted.and_then(|row| row.wal_bytes).map(|bytes| Bytes(bytes.saturating_add(bytes / 10)));
        counted.or_else(|| self.newest().map(|lsn| distance(lsn, Lsn(0))))
    }

    /// How fast WAL is written: over the window of a delta, else since the counters were reset.
    #[must_use]
    pub fn rate(&self) -> Option<WalRate> {
        self.sampled().or_else(|| {
            let over = self.window.length.filter(|over| *over >= SHORTEST)?;
            let bytes = self.counters.as_ref()?.wal_bytes?;
            Some(WalRate { per_second: bytes as f64 / over.seconds(), over, since: self.window.since })
        })
    }

    fn sampled(&self) -> Option<WalRate> {
        let change = self.growth.0.as_ref()?.as_ref().ok()?;
        let per_second = change.per_second(|row| row.insert_lsn)?;
        Some(WalRate { per_second, over: Millis::from_seconds(change.seconds), since: None })
    }

    /// How long the free space of its disk lasts at its [rate](Self::rate), if WAL is not removed.
    #[must_use]
    pub fn full_in(&self) -> Option<Millis> {
        let rate = self.rate().filter(|rate| rate.per_second >= 1.0)?;
        Some(Millis::from_seconds(self.free?.0 as f64 / rate.per_second))
    }

    /// Its rate, the free space and how long that lasts, where they are known.
    #[must_use]
    pub fn figures(&self) -> [Figure; 3] {
        let rate = self.rate();
        let label = rate
            .map_or_else(|| "WAL rate".to_owned(), |rate| format!("WAL rate over {}", display::duration(rate.over)));
        [
            Figure::new("wal_rate", rate.map_or(Quantity::Unknown, WalRate::quantity)).labelled(&label),
            Figure::new("free_for_wal", self.free).labelled("free space for WAL"),
            Figure::new("full_in", self.full_in()).labelled("full at this rate in"),
        ]
    }

    /// WAL records and full page images since the counters were reset.
    ///
    /// # Errors
    /// The server does not count them, or is a standby.
    pub fn counters(&self) -> Checked<&PgStatWal> {
        self.counters.as_ref().ok_or_else(|| {
            NotAssessed::expected(
                "pg_stat_wal does not count WAL here: a standby writes none, and it is new in version 14",
            )
        })
    }

    /// The same with the time over which they were counted, as far as the server had its present settings in it: in the window of
    /// a delta, else since a reset after its start.
    ///
    /// # Errors
    /// They were reset before the start, which they survive, or it is unknown when.
    pub fn counted_since_start(&self) -> Checked<(&PgStatWal, Window)> {
        let counters = self.counters()?;
        if let Some(Ok(change)) = &self.counters_growth.0 {
            let length = Some(Millis::from_seconds(change.seconds));
            return Ok((&change.growth, Window { since: None, length }));
        }
        if self.window.since.zip(self.started).is_some_and(|(since, started)| since >= started) {
            return Ok((counters, self.window));
        }
        Err(NotAssessed::expected(
            "the counters of pg_stat_wal were not reset since the server started, so they also count what happened with \
             former settings; a delta (--delta) counts only the present",
        ))
    }

    /// The time over which they were counted.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// The share of WAL that full page images take, at most; they are at most as large as a page.
    #[must_use]
    pub fn full_page_share(&self) -> Option<Ratio> {
        let counters = self.counters.as_ref()?;
        let images = counters.wal_fpi?.saturating_mul(8192);
        Ratio::of(images.min(counters.wal_bytes?), counters.wal_bytes?)
    }
}

impl WalRate {
    /// The rate per hour, as displayed.
    #[must_use]
    pub fn words(self) -> String {
        format!("{} per hour", display::bytes(self.in_time(Millis(3_600_000.0))))
    }

    /// The bytes written in `time`.
    #[must_use]
    pub fn in_time(self, time: Millis) -> Bytes {
        Bytes((self.per_second * time.seconds()) as i64)
    }

    fn quantity(self) -> Quantity {
        Quantity::Text(self.words())
    }
}

fn distance(newest: Lsn, lsn: Lsn) -> Bytes {
    Bytes(i64::try_from(newest.since(lsn).unwrap_or(0)).unwrap_or(i64::MAX))
}

fn unknown() -> NotAssessed {
    NotAssessed::because("section pg_wal_position has no row")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::example;

    fn of<T>(document: &Value, answer: impl Fn(&Wal) -> T) -> T {
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        answer(Facts::of(&snapshot).wal().unwrap())
    }

    #[test]
    fn the_rate_of_a_delta_is_that_of_its_window() {
        let position = json!({
            "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": ["is_in_recovery", "insert_lsn"],
            "rows": [[false, "0/4000000"]],
            "earlier": { "collected_at": "2026-01-01T12:00:00Z", "rows": [[false, "0/2200000"]] },
        });
        let document = json!({ "pg_wal_position": position, "host": [{ "wal_free_bytes": 1 << 30 }] });
        let (rate, full_in) = of(&document, |wal| (wal.rate().unwrap(), wal.full_in().unwrap()));
        assert_eq!((rate.in_time(Millis(1000.0)), rate.over), (Bytes(1 << 20), Millis(30_000.0)));
        assert!((full_in.seconds() - 1024.0).abs() < 1e-6);
    }

    #[test]
    fn counters_that_were_reset_a_moment_ago_give_no_rate() {
        let rate = |reset: &str, is_standby: bool| {
            let document = json!({
                "pg_wal_position": [{ "is_in_recovery": is_standby, "insert_lsn": "0/4000000" }],
                "pg_stat_wal": [{ "wal_bytes": 3600_i64 << 20, "stats_reset": reset }],
            });
            of(&document, |wal| wal.rate().map(|rate| rate.in_time(Millis(1000.0))))
        };
        assert_eq!(rate("2026-01-01T11:00:00Z", false), Some(Bytes(1 << 20)));
        assert_eq!(rate("2026-01-01T11:55:00Z", false), None);
        assert_eq!(rate("2026-01-01T11:00:00Z", true), None, "a standby shows what its primary counted once");
    }

    #[test]
    fn counters_from_before_the_start_count_for_other_settings() {
        let document = |started: &str, earlier: Value| {
            let mut wal = json!({
                "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": ["wal_buffers_full", "stats_reset"],
                "rows": [[70, "2026-01-01T10:00:00Z"]],
            });
            if !earlier.is_null() {
                wal["earlier"] =
                    json!({ "collected_at": "2026-01-01T11:58:30Z", "rows": [[earlier, "2026-01-01T10:00:00Z"]] });
            }
            json!({ "pg_wal_position": [{ "insert_lsn": "0/4000000" }], "system": [{ "start_time": started }], "pg_stat_wal": wal })
        };
        let counted = |started: &str, earlier: Value| {
            of(&document(started, earlier), |wal| {
                let counted = wal.counted_since_start();
                counted
                    .map(|(row, window)| (row.wal_buffers_full, window.length))
                    .map_err(|missing| missing.is_expected)
            })
        };
        let (before, after) = ("2026-01-01T09:00:00Z", "2026-01-01T11:00:00Z");
        let hours = Some(Millis(7_200_000.0));
        assert_eq!(counted(before, json!(null)), Ok((Some(70), hours)));
        assert_eq!(counted(after, json!(null)), Err(true));
        assert_eq!(counted(after, json!(60)), Ok((Some(10), Some(Millis(120_000.0)))));
    }

    #[test]
    fn a_standby_is_where_it_has_replayed_to_if_it_reads_the_archive() {
        let position = |receive: Value| {
            json!({ "pg_wal_position": [
            { "is_in_recovery": true, "receive_lsn": receive, "replay_lsn": "0/3000000" }] })
        };
        let of = |receive: Value| of(&position(receive), |wal| (wal.newest().map(|lsn| lsn.0), wal.not_replayed()));
        assert_eq!(of(json!(null)), (Some(0x300_0000), Some(Bytes(0))));
        assert_eq!(of(json!("0/1000000")), (Some(0x300_0000), Some(Bytes(0))));
        assert_eq!(of(json!("0/4000000")), (Some(0x400_0000), Some(Bytes(0x100_0000))));
    }
}
