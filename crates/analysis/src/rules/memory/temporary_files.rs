//! A database writes many temporary files.

use crate::engine::prelude::*;
use crate::facts::databases::Databases;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

rule! {
    /// ## What it sees
    ///
    /// A database whose queries write many temporary files, hour after hour.
    ///
    /// ## Why it matters
    ///
    /// Sorts, hashes and materialized results that do not fit into `work_mem` are written to disk and read back. That is slow,
    /// and takes I/O from everything else.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_RATE} per hour on average since the counters were reset, and {MIN_SIZE} in total. Over less than
    /// {MIN_WINDOW} a single report or index build decides, so the rule is not assessed.
    ///
    /// ## Remedy
    ///
    /// `pgdba query top --sort temp` lists the statements that write them. Check first whether an index or a smaller result makes
    /// the sort unnecessary. Otherwise raise `work_mem` for the role that runs it; for `CREATE INDEX`, `maintenance_work_mem`.
    /// With `log_temp_files = 10MB` the server logs large ones.
    ///
    /// ## When to ignore this
    ///
    /// For reports and index builds that run at night and are not time-critical.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "temp_bytes": 400000000000, "temp_files": 9000,
    ///                           "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "temp_bytes": 40000000000, "temp_files": 900,
    ///                           "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule temporary_files {
        code: PGD1020,
        title: "Databases write many temporary files",
        passed: "No database writes many temporary files",
        worst: Notice,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database: temp_bytes; pgdoctor reports 1 GB per hour",
        thresholds: {
            /// Temporary files per hour from which on they are reported.
            MIN_RATE: Bytes = Bytes::megabytes(1024),
            /// Temporary files below which they are negligible.
            MIN_SIZE: Bytes = Bytes::megabytes(10_240),
            /// The shortest time over which the mean means something.
            MIN_WINDOW: Millis = Millis(86_400_000.0),
        },
    }
}

struct Spilling<'a> {
    database: &'a PgStatDatabase,
    per_hour: Bytes,
    is_reset_known: bool,
    in_window: Option<Figure>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Spilling<'a>>> {
    let databases = view.databases()?;
    let now = view.now().ok();
    let large = databases.named().filter(|(row, _)| row.temp_bytes >= Some(MIN_SIZE.0));
    let mut found = Vec::new();
    let mut young = None;
    for (row, growth) in large {
        match databases.window(row, now).length {
            Some(length) if length >= MIN_WINDOW => {
                let in_window = growth.figure("files_in_window", "temporary files over the delta", |row| row.temp_files);
                found.extend(spilling(row, databases, view).map(|spilling| Spilling { in_window, ..spilling }));
            }
            length => young = Some((row, length)),
        }
    }
    match young {
        Some((row, length)) if found.is_empty() => Err(too_young(row, length)),
        _ => Ok(found),
    }
}

fn spilling<'a>(row: &'a PgStatDatabase, databases: &Databases, view: &View<'a>) -> Option<Spilling<'a>> {
    let per_hour = databases.window(row, view.now().ok()).per_hour(row.temp_bytes?)?;
    let per_hour = Bytes(per_hour as i64);
    let is_reset_known = row.stats_reset.is_some();
    (per_hour >= MIN_RATE).then_some(Spilling { database: row, per_hour, is_reset_known, in_window: None })
}

fn too_young(row: &PgStatDatabase, length: Option<Millis>) -> NotAssessed {
    let name = row.datname.as_deref().unwrap_or_default();
    NotAssessed::because(match length {
        Some(length) => format!("the counters of database {name} were reset {} ago", display::duration(length)),
        None => format!("it is unknown since when the counters of database {name} count"),
    })
}

fn subject(spilling: &Spilling<'_>) -> About {
    let row = spilling.database;
    let mean = row.temp_bytes.zip(row.temp_files).filter(|(_, files)| *files > 0).map(|(bytes, files)| Bytes(bytes / files));
    About::new(Subject::named(SubjectKind::Database, row.datname.as_deref().unwrap_or_default()), spilling.per_hour)
        .figures([
            Figure::new("temporary_files_per_hour", spilling.per_hour).against(MIN_RATE),
            Figure::new("temporary_files", row.temp_bytes.map(Bytes)),
            Figure::new("number_of_files", row.temp_files),
            Figure::new("mean_size", mean).labelled("mean size of a file"),
            Figure::new("counted_since", row.stats_reset),
        ])
        .figures(spilling.in_window.clone())
}

fn describe(found: &Found<Spilling<'_>>) -> Draft {
    let total = Bytes(found.sum(|spilling| Some(spilling.per_hour.0)));
    let names = found.each("database", "databases");
    let is_certain = found.all(|spilling| spilling.is_reset_known);
    Draft::new(format!("Reduce temporary files: {} per hour in {names}", display::bytes(total)))
        .confidence(if is_certain { Confidence::Medium } else { Confidence::Low })
        .because("Sorts, hashes or index builds do not fit into memory and are processed on disk.")
        .because_if(!is_certain, "The counters were never reset, so the mean is over the lifetime of the statistics.")
        .advise("List the statements that write them with: pgdba query top --sort temp. Check whether an index makes the sort unnecessary.")
        .advise("Otherwise raise work_mem for the role that runs them, and maintenance_work_mem for index builds.")
        .effort(Effort::Project)
}
