//! WAL is archived more slowly than it is written.

use crate::engine::prelude::*;
use crate::facts::wal::Wal;

rule! {
    /// ## What it sees
    ///
    /// How many WAL files wait to be archived, and for how long the oldest of them has been waiting. Archiving itself
    /// succeeds; if it fails, PGD1201 applies.
    ///
    /// ## Why it matters
    ///
    /// The files stay in `pg_wal` until they are archived. If the server is lost, the transactions in them are lost with
    /// it.
    ///
    /// ## Threshold
    ///
    /// At least {WARNING} files are waiting, the oldest for at least {MIN_AGE}; critical from {CRITICAL} files on. A few
    /// waiting files are normal under load.
    ///
    /// ## Remedy
    ///
    /// Make archiving faster: parallel archiving (pgBackRest, WAL-G, barman), a closer or faster target, compression; or
    /// write less WAL.
    ///
    /// ## When to ignore this
    ///
    /// If a bulk load has just finished and the number is decreasing.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0, "last_archived_time": "2026-01-01T11:59:00Z" } ],
    ///   "wal_directory": [ { "wal_files": 200, "wal_bytes": 3355443200, "archive_ready_files": 150, "oldest_archive_ready": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "archive_mode", "setting": "on" },
    ///                    { "name": "archive_command", "setting": "pgbackrest archive-push %p" } ],
    ///   "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0, "last_archived_time": "2026-01-01T11:59:00Z" } ],
    ///   "wal_directory": [ { "wal_files": 200, "wal_bytes": 3355443200, "archive_ready_files": 25, "oldest_archive_ready": "2026-01-01T11:59:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ], "pg_settings": [ { "name": "archive_mode", "setting": "off" } ],
    ///   "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_stat_archiver": [ { "archived_count": 10, "failed_count": 0 } ] }
    /// ```
    rule archiver_behind {
        code: PGD1202,
        title: "WAL files wait to be archived",
        passed: "Few WAL files wait to be archived",
        worst: Critical,
        reads: [archiver, wal],
        source: "PostgreSQL manual, Continuous Archiving; the thresholds are our own",
        thresholds: {
            /// Files that may wait.
            WARNING: i64 = 10,
            /// From this number on it is critical.
            CRITICAL: i64 = 100,
            /// Files that have waited for less than this are being archived.
            MIN_AGE: Millis = Millis(300_000.0),
        },
    }
}

struct Behind<'a> {
    wal: &'a Wal,
    files: i64,
    age: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Behind<'a>>> {
    let (archiver, wal) = (view.archiver()?, view.wal()?);
    if !archiver.is_enabled || archiver.failed().is_some() || archiver.has_method == Some(false) {
        return Ok(None);
    }
    let hidden = || NotAssessed::because("the files that wait to be archived are hidden from the collecting role");
    let (files, age) = archiver.waiting.ok_or_else(hidden)?;
    let age = age.filter(|age| files >= WARNING && *age >= MIN_AGE);
    Ok(age.map(|age| Behind { wal, files, age }))
}

fn subject(found: &Behind<'_>) -> About {
    let is_critical = found.files >= CRITICAL;
    About::new(Subject::cluster(), Bytes(found.files.saturating_mul(found.wal.segment.0)))
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("waiting", found.files).against(if is_critical { CRITICAL } else { WARNING }).labelled("files waiting"),
            Figure::new("oldest", found.age).against(MIN_AGE).labelled("oldest waits for"),
        ])
        .figures(found.wal.figures())
}

fn describe(found: &Behind<'_>) -> Draft {
    let size = display::bytes(Bytes(found.files.saturating_mul(found.wal.segment.0)));
    Draft::new(format!("Speed up WAL archiving: {} files are waiting", display::count(found.files)))
        .because(format!("{size} of WAL are not archived, the oldest file for {}.", display::duration(found.age)))
        .because("They are lost with the server, and stay in pg_wal until they are archived.")
        .fills_disk(found.wal)
        .advise("Measure how long the archive command takes per file, and use a tool that archives in parallel.")
        .query("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready';")
        .effort(Effort::Project)
}
