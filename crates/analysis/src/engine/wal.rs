//! The family of rules about WAL that is kept.

use pgdba_pg::display;

use super::draft::Draft;
use crate::facts::time::rate_words;
use crate::facts::wal::Wal;

impl Draft {
    /// When the WAL that is kept fills its disk, where that is known.
    #[must_use]
    pub fn fills_disk<'w>(self, wal: impl Into<Option<&'w Wal>>) -> Self {
        match wal.into().and_then(|wal| wal.rate().zip(wal.full_in())) {
            Some((rate, full_in)) => {
                self.because(format!("{}, the disk is full in {}.", rate_words(rate.since), display::duration(full_in)))
            }
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{Options, analyze, example};

    /// Why archiving without a method matters.
    fn rationale(position: &Value) -> String {
        let setting = |name: &str, setting: &str| json!({ "name": name, "setting": setting });
        let document = json!({
            "pg_wal_position": position, "host": [{ "wal_free_bytes": 36_i64 << 30 }],
            "pg_stat_wal": [{ "wal_bytes": 36_i64 << 30, "stats_reset": "2026-01-01T10:00:00Z" }],
            "system": [{ "is_in_recovery": false }], "pg_stat_archiver": [{ "archived_count": 0, "failed_count": 0 }],
            "pg_settings": [setting("archive_mode", "on"), setting("archive_command", ""), setting("archive_library", "")],
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.name == "archive_method_missing").unwrap().rationale
    }

    #[test]
    fn an_average_is_not_called_the_present_rate() {
        let average = rationale(&json!([{ "is_in_recovery": false, "insert_lsn": "0/4000000" }]));
        assert!(
            average.ends_with("At the average rate since 1 Jan 2026 10:00 UTC, the disk is full in 2 h."),
            "{average}"
        );
        let present = rationale(&json!({
            "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": ["is_in_recovery", "insert_lsn"],
            "rows": [[false, "0/4000000"]],
            "earlier": { "collected_at": "2026-01-01T12:00:00Z", "rows": [[false, "0/2200000"]] },
        }));
        assert!(present.ends_with("At the present rate, the disk is full in 10 h 14 min."), "{present}");
    }
}
