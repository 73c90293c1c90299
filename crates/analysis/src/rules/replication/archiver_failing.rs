//! WAL cannot be archived.

use crate::engine::prelude::*;
use crate::facts::archiver::Archiver;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// The time of the last failed and of the last successful attempt to archive a WAL file, in `pg_stat_archiver`. The
    /// number of failures since the reset is not considered: it never decreases.
    ///
    /// ## Why it matters
    ///
    /// The server keeps every WAL file until it is archived, so `pg_wal` grows until the disk is full and the server
    /// stops. Meanwhile point-in-time recovery is not possible beyond the last archived file.
    ///
    /// ## Threshold
    ///
    /// The last attempt failed and no file was archived since. Critical if that is the case for at least {CRITICAL_AFTER}
    /// and the server tried within the last {RECENT}, otherwise a warning. Failures of more than {FORGOTTEN} ago are not
    /// reported: the server tries again every minute as long as a file is waiting.
    ///
    /// ## Remedy
    ///
    /// Read the message of `archive_command` in the server log, and run it by hand as the server's operating system user.
    /// Usual causes are a full or missing target, credentials, and a wrong path.
    ///
    /// ## When to ignore this
    ///
    /// If the target is being maintained; the server catches up by itself.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 7, "last_failed_wal": "000000010000000000000007", "last_failed_time": "2026-01-01T11:59:30Z", "last_archived_time": "2026-01-01T09:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 7, "last_failed_time": "2026-01-01T11:59:30Z", "last_archived_time": "2026-01-01T11:59:40Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "off" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 7, "last_failed_time": "2026-01-01T11:59:30Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": true } ], "pg_wal_position": [ { "replay_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 7, "last_failed_time": "2026-01-01T11:59:30Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 7, "last_failed_time": "2025-12-30T11:59:30Z" } ] }
    /// ```
    rule archiver_failing {
        code: PGD1201,
        title: "WAL archiving fails",
        passed: "WAL archiving does not fail",
        worst: Critical,
        reads: [archiver, wal],
        source: "PostgreSQL manual, Continuous Archiving and pg_stat_archiver",
        thresholds: {
            /// Failing for less than this is a warning.
            CRITICAL_AFTER: Millis = Millis(300_000.0),
            /// A failure since then shows that the server is still trying.
            RECENT: Millis = Millis(3_600_000.0),
            /// An older failure is not reported.
            FORGOTTEN: Millis = Millis(86_400_000.0),
        },
    }
}

struct Failing<'a> {
    archiver: &'a Archiver,
    wal: &'a Wal,
    failed: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Failing<'a>>> {
    let (archiver, wal) = (view.archiver()?, view.wal()?);
    let failed = archiver.failed().filter(|failed| *failed < FORGOTTEN);
    Ok(failed.map(|failed| Failing { archiver, wal, failed }))
}

fn subject(found: &Failing<'_>) -> About {
    let archived = found.archiver.archived();
    let is_critical = found.failed < RECENT && archived.is_none_or(|archived| archived >= CRITICAL_AFTER);
    let row = &found.archiver.row;
    About::parameter("archive_command", Weight::All)
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("last_failed_time", row.last_failed_time).labelled("last failed"),
            Figure::new("last_failed_wal", row.last_failed_wal.clone()).labelled("file that failed"),
            Figure::new("last_archived_time", row.last_archived_time).labelled("last archived"),
            Figure::new("waiting", found.archiver.waiting.map(|(files, _)| files)).labelled("files waiting"),
        ])
        .figures(found.wal.figures())
}

fn describe(found: &Failing<'_>) -> Draft {
    let row = &found.archiver.row;
    let file = row.last_failed_wal.clone().unwrap_or_else(|| "a file".to_owned());
    let since = found.archiver.archived().map_or_else(
        || "No file has been archived since the statistics were reset.".to_owned(),
        |archived| format!("The last file was archived {} ago.", display::duration(archived)),
    );
    Draft::new(format!("Repair WAL archiving: {file} could not be archived"))
        .because(format!("The last attempt failed {} ago. {since}", display::duration(found.failed)))
        .because("Until archiving works again, WAL accumulates in pg_wal, and recovery is only possible up to that file.")
        .fills_disk(found.wal)
        .advise("Read the error in the server log, run the archive command by hand as the server's user, and remove the cause.")
        .advise("Do not set a command that always succeeds: the archive would have a gap.")
        .query("SELECT * FROM pg_stat_archiver;\nSHOW archive_command;")
        .effort(Effort::Project)
}
