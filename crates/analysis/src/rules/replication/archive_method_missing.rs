//! WAL is kept for an archive that nobody writes.

use crate::engine::prelude::*;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// `archive_mode` is enabled, but neither `archive_command` nor `archive_library` is set.
    ///
    /// ## Why it matters
    ///
    /// The server keeps every WAL file until it is archived, which never happens: `pg_wal` grows until the disk is full
    /// and the server stops.
    ///
    /// ## Threshold
    ///
    /// None: it is always reported where the server would archive, which a standby does only with `archive_mode =
    /// always`.
    ///
    /// ## Remedy
    ///
    /// Set `archive_command` or `archive_library`, or disable `archive_mode`, which requires a restart.
    ///
    /// ## When to ignore this
    ///
    /// While the archive is being moved, for a short time.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "" },
    ///                    { "name": "archive_library", "setting": "" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "" },
    ///                    { "name": "archive_library", "setting": "basic_archive" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true } ], "pg_wal_position": [ { "replay_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" }, { "name": "archive_command", "setting": "" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0 } ] }
    /// ```
    rule archive_method_missing {
        code: PGD1203,
        title: "WAL is kept for an archive that does not exist",
        passed: "WAL archiving is disabled or has a method",
        worst: Warning,
        reads: [archiver, wal],
        source: "PostgreSQL manual, archive_mode and archive_command",
    }
}

struct Missing<'a> {
    wal: &'a Wal,
    files: Option<i64>,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Missing<'a>>> {
    let (archiver, wal) = (view.archiver()?, view.wal()?);
    if !archiver.is_enabled {
        return Ok(None);
    }
    let hidden = || NotAssessed::because("pg_settings does not show archive_command");
    let is_missing = !archiver.has_method.ok_or_else(hidden)?;
    Ok(is_missing.then_some(Missing { wal, files: archiver.waiting.map(|(files, _)| files) }))
}

fn subject(found: &Missing<'_>) -> About {
    About::parameter("archive_command", Weight::All)
        .figures([Figure::new("waiting", found.files).labelled("files waiting")])
        .figures(found.wal.figures())
}

fn describe(found: &Missing<'_>) -> Draft {
    Draft::new("Set archive_command, or disable archive_mode")
        .because("Archiving is enabled without a method. WAL accumulates in pg_wal until the disk is full.")
        .fills_disk(found.wal)
        .advise("Set archive_command or archive_library and reload the configuration.")
        .advise("If WAL is not needed, set archive_mode to off and restart the server.")
        .query("SHOW archive_mode;\nSHOW archive_command;")
        .effort(Effort::Reload)
}
