//! Which processes write pages, and the SLRU caches.

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
    /// The time over which they were counted.
    pub window: Window,
}

impl Writes {
    /// From 16 on `pg_stat_io` counts writes by process; before, the background writer's view does.
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let bgwriter = facts.reader().rows::<PgStatBgwriter>()?.rows;
        let bgwriter = bgwriter.first().ok_or_else(|| NotAssessed::because("section pg_stat_bgwriter has no row"))?;
        let io = facts.reader().rows::<PgStatIo>()?.rows;
        let now = facts.now().ok();
        let stopped_rounds = bgwriter.maxwritten_clean.unwrap_or(0);
        let Some(first) = io.first() else {
            return Ok(Self {
                checkpointer: bgwriter.buffers_checkpoint.unwrap_or(0),
                bgwriter: bgwriter.buffers_clean.unwrap_or(0),
                backends: bgwriter.buffers_backend.unwrap_or(0),
                with_extensions: true,
                backend_fsyncs: bgwriter.buffers_backend_fsync.unwrap_or(0),
                stopped_rounds,
                window: Window::until(now, bgwriter.stats_reset),
            });
        };
        let by = |process: &str| io.iter().filter(|row| is_of(row, process)).map(pages).fold(0, i64::saturating_add);
        let syncs = io.iter().filter(|row| is_of(row, "client backend")).filter_map(|row| row.fsyncs);
        Ok(Self {
            checkpointer: by("checkpointer"),
            bgwriter: by("background writer"),
            backends: by("client backend"),
            with_extensions: false,
            backend_fsyncs: syncs.fold(0, i64::saturating_add),
            stopped_rounds,
            window: Window::until(now, first.stats_reset),
        })
    }

    /// The share of rounds, at least, that the background writer ended at its limit: it sleeps longer when there is nothing to do.
    #[must_use]
    pub fn limited_rounds(&self, delay: Millis) -> Option<Ratio> {
        let rounds = self.window.length?.0 / delay.0.max(1.0);
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
