//! Which processes write pages, and the SLRU caches.

use jiff::Timestamp;
use pgdba_pg::{Millis, Ratio};
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_io::PgStatIo;
use pgdba_snapshot::sections::pg_stat_slru::PgStatSlru;

use super::Facts;
use super::time::Window;
use crate::format::{Checked, NotAssessed};

/// Pages of tables and indexes that were written from shared buffers.
#[derive(Debug, Clone)]
pub struct Writes {
    /// By the checkpointer.
    pub checkpointer: i64,
    /// By the background writer.
    pub bgwriter: i64,
    /// By sessions. Up to version 15 pages that they added to relations are included.
    pub backends: i64,
    /// Whether pages that sessions added to relations are included.
    pub with_extensions: bool,
    /// Times a session had to sync a file itself.
    pub backend_fsyncs: i64,
    /// Rounds that the background writer ended at `bgwriter_lru_maxpages`.
    pub stopped_rounds: i64,
    /// The time over which pages were counted.
    pub window: Window,
    /// The time over which the rounds were counted, whose counters are reset apart from version 16 on.
    pub rounds_window: Window,
    /// When the settings in force were loaded.
    loaded: Option<Timestamp>,
    /// The same in the window of a delta, where all counters have grown in it.
    in_delta: Option<Box<Self>>,
}

impl Writes {
    /// From 16 on `pg_stat_io` counts writes by process; before, the background writer's view does.
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let bgwriter = facts.reader().rows::<PgStatBgwriter>()?.grown().rows.into_iter().next();
        let (bgwriter, growth) = bgwriter.ok_or_else(|| NotAssessed::because("section pg_stat_bgwriter has no row"))?;
        let io = facts.reader().rows::<PgStatIo>()?.grown();
        let (now, system) = (facts.now().ok(), facts.system().ok());
        let started = system.and_then(|system| system.start_time);
        let loaded = started.max(system.and_then(|system| system.conf_load_time));
        let rounds_window = Window::until(now, bgwriter.stats_reset);
        let window = io.rows.first().map_or(rounds_window, |(row, _)| Window::until(now, row.stats_reset));
        let length = growth.0.as_ref().and_then(|change| Some(Millis::from_seconds(change.as_ref().ok()?.seconds)));
        let sampled = Window { since: None, length };
        let grown: Option<Vec<&PgStatIo>> = io.rows.iter().map(|(_, growth)| growth.row()).collect();
        let in_delta = growth.row().zip(grown).map(|(row, io)| Box::new(Self::new(row, &io, [sampled; 2], loaded)));
        let io: Vec<&PgStatIo> = io.rows.iter().map(|(row, _)| row).collect();
        Ok(Self { in_delta, ..Self::new(&bgwriter, &io, [window, rounds_window], loaded) })
    }

    fn new(
        bgwriter: &PgStatBgwriter,
        io: &[&PgStatIo],
        [window, rounds_window]: [Window; 2],
        loaded: Option<Timestamp>,
    ) -> Self {
        let number = |count: Option<i64>| count.unwrap_or(0);
        let by = |process: &str| {
            io.iter().filter(|row| is_of(row, process)).map(|row| pages(row)).fold(0, i64::saturating_add)
        };
        let syncs = || io.iter().filter(|row| is_of(row, "client backend")).filter_map(|row| row.fsyncs);
        let by_view = [bgwriter.buffers_checkpoint, bgwriter.buffers_clean, bgwriter.buffers_backend];
        let with_extensions = io.is_empty();
        let [checkpointer, written, backends] = match with_extensions {
            true => by_view.map(number),
            false => ["checkpointer", "background writer", "client backend"].map(by),
        };
        let backend_fsyncs = match with_extensions {
            true => number(bgwriter.buffers_backend_fsync),
            false => syncs().fold(0, i64::saturating_add),
        };
        let stopped_rounds = number(bgwriter.maxwritten_clean);
        let in_delta = None;
        Self {
            checkpointer,
            bgwriter: written,
            backends,
            with_extensions,
            backend_fsyncs,
            stopped_rounds,
            window,
            rounds_window,
            loaded,
            in_delta,
        }
    }

    /// The same in the window of a delta, where it is one; else since the resets.
    #[must_use]
    pub fn latest(&self) -> &Self {
        self.in_delta.as_deref().unwrap_or(self)
    }

    /// Requires that nothing was counted with former settings: in a delta, or since resets after the configuration was loaded.
    ///
    /// # Errors
    /// It might have been.
    pub fn require_present_settings(&self) -> Checked<()> {
        let is_since = |window: Window| window.since.zip(self.loaded).is_some_and(|(since, loaded)| since >= loaded);
        if self.in_delta.is_some() || is_since(self.window) && is_since(self.rounds_window) {
            return Ok(());
        }
        Err(NotAssessed::expected(
            "the counters of written pages were not reset since the configuration was last loaded, so they also count what \
             happened with former settings; a delta (--delta) counts only the present",
        ))
    }

    /// The share of rounds, at least, that the background writer ended at its limit: it sleeps longer when there is nothing to do.
    #[must_use]
    pub fn limited_rounds(&self, delay: Millis) -> Option<Ratio> {
        let rounds = self.rounds_window.length?.0 / delay.0.max(1.0);
        Ratio::of(self.stopped_rounds, rounds as i64)
    }

    /// Whether the limit of the background writer is why sessions write pages.
    #[must_use]
    pub fn is_limited(&self, delay: Millis) -> bool {
        const OFTEN: Ratio = Ratio(0.10);
        self.limited_rounds(delay).is_some_and(|rounds| rounds > OFTEN)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.checkpointer.saturating_add(self.bgwriter).saturating_add(self.backends)
    }

    /// The share that sessions wrote themselves.
    #[must_use]
    pub fn backend_share(&self) -> Option<Ratio> {
        Ratio::of(self.backends, self.total())
    }
}

/// Ordinary writes of permanent relations: a bulk load and VACUUM write through rings of their own.
fn is_of(row: &PgStatIo, process: &str) -> bool {
    row.backend_type == process && row.object == "relation" && row.context == "normal"
}

/// From 18 on one write can be of several pages.
fn pages(row: &PgStatIo) -> i64 {
    row.write_bytes.map(|bytes| bytes / 8192).or(row.writes).unwrap_or(0)
}

/// An SLRU cache.
#[derive(Debug)]
pub struct Slru {
    /// Its counters.
    pub row: PgStatSlru,
    /// The time over which they were counted.
    pub window: Window,
}

impl Slru {
    /// The share of requests that were answered without reading a file.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<Ratio> {
        let (hit, read) = self.row.blks_hit.zip(self.row.blks_read)?;
        Ratio::of(hit, hit.saturating_add(read))
    }

    /// Pages read from files per hour.
    #[must_use]
    pub fn reads_per_hour(&self) -> Option<f64> {
        self.window.per_hour(self.row.blks_read?)
    }

    /// The parameter that sets its size (17).
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        Some(match self.row.name.as_str() {
            "commit_timestamp" => "commit_timestamp_buffers",
            "multixact_member" => "multixact_member_buffers",
            "multixact_offset" => "multixact_offset_buffers",
            "notify" => "notify_buffers",
            "serializable" => "serializable_buffers",
            "subtransaction" => "subtransaction_buffers",
            "transaction" => "transaction_buffers",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::example;
    use crate::facts::Facts;

    /// Pages by checkpoints, the background writer and sessions, and the syncs of sessions.
    fn of(version: i64, bgwriter: &Value, io: &Value) -> [i64; 4] {
        let document = json!({ "version": version, "pg_stat_bgwriter": [bgwriter], "pg_stat_io": io });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let writes = facts.writes().unwrap();
        [writes.checkpointer, writes.bgwriter, writes.backends, writes.backend_fsyncs]
    }

    #[test]
    fn each_version_counts_in_its_own_view() {
        let bgwriter =
            json!({ "buffers_checkpoint": 1, "buffers_clean": 2, "buffers_backend": 3, "buffers_backend_fsync": 4 });
        assert_eq!(of(15, &bgwriter, &json!([])), [1, 2, 3, 4]);
        let row = |process: &str, context: &str, object: &str| json!({ "backend_type": process, "object": object, "context": context, "writes": 5, "write_bytes": null, "fsyncs": 6 });
        let mut io = json!([
            row("client backend", "normal", "relation"),
            row("client backend", "bulkwrite", "relation"),
            row("client backend", "normal", "wal"),
            row("checkpointer", "normal", "relation"),
        ]);
        assert_eq!(of(17, &json!({}), &io), [5, 0, 5, 6]);
        io[0]["write_bytes"] = json!(64 * 8192);
        assert_eq!(of(18, &json!({}), &io), [5, 0, 64, 6], "one write can be of many pages");
    }
}
