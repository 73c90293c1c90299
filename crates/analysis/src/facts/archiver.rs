//! WAL archiving.

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_snapshot::sections::pg_stat_archiver::PgStatArchiver;

use super::Facts;
use super::settings::Settings;
use super::time::age;
use super::wal::Wal;
use crate::format::{Checked, NotAssessed};

/// The state of WAL archiving.
#[derive(Debug)]
pub struct Archiver {
    /// Its counters.
    pub row: PgStatArchiver,
    /// Whether the server archives: `archive_mode`, on a standby only with `always`.
    pub is_enabled: bool,
    /// Whether a command or a library is set; none if that is hidden from the collecting role.
    pub has_method: Option<bool>,
    /// Files that wait to be archived, and for how long the oldest has; none if the role cannot see them.
    pub waiting: Option<(i64, Option<Millis>)>,
    now: Option<Timestamp>,
}

impl Archiver {
    pub(super) fn derive(facts: &Facts<'_>) -> Checked<Self> {
        let row = facts.rows()?.into_iter().next();
        let row = row.ok_or_else(|| NotAssessed::because("section pg_stat_archiver has no row"))?;
        let is_standby = facts.system()?.is_in_recovery == Some(true);
        Ok(Self::new(row, facts.settings()?, is_standby, facts.wal().ok(), facts.now().ok()))
    }

    fn new(
        row: PgStatArchiver,
        settings: &Settings,
        is_standby: bool,
        wal: Option<&Wal>,
        now: Option<Timestamp>,
    ) -> Self {
        let is_enabled = match settings.text("archive_mode") {
            Some("always") => true,
            Some("on") => !is_standby,
            _ => false,
        };
        let is_set = |name: &str| settings.text(name).map(|text| !text.is_empty() && text != "(disabled)");
        // The library is new in 15.
        let has_method = is_set("archive_command").map(|command| command || is_set("archive_library") == Some(true));
        let directory = wal.and_then(|wal| wal.directory.as_ref());
        let waiting = directory.and_then(|directory| {
            let since = directory.oldest_archive_ready;
            Some((directory.archive_ready_files?, now.zip(since).and_then(|(now, since)| age(now, since))))
        });
        Self { row, is_enabled, has_method, waiting, now }
    }

    /// How long ago the last attempt failed, if no file has been archived since.
    #[must_use]
    pub fn failed(&self) -> Option<Millis> {
        let failed = self.row.last_failed_time.filter(|failed| self.row.last_archived_time < Some(*failed))?;
        age(self.now?, failed).filter(|_| self.is_enabled)
    }

    /// How long ago the last file was archived.
    #[must_use]
    pub fn archived(&self) -> Option<Millis> {
        age(self.now?, self.row.last_archived_time?)
    }
}
