//! Pages on the storage are corrupted.

use crate::engine::prelude::*;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

rule! {
    /// ## What it sees
    ///
    /// Page checksum failures that `pg_stat_database` counts, for each database and for the shared objects.
    ///
    /// ## Why it matters
    ///
    /// A failure means that the storage, the file system or the memory returned another page than PostgreSQL wrote.
    /// Queries that need the page fail, or with `ignore_checksum_failure` return wrong data. More pages are often damaged
    /// than have been read so far.
    ///
    /// ## Threshold
    ///
    /// Any failure since the statistics of the database were reset.
    ///
    /// ## Remedy
    ///
    /// Find the pages in the server log, stop using the storage, and restore the affected tables from a backup that was
    /// taken before. Base backups verify checksums too. After the repair, reset the counters with `pg_stat_reset()` in
    /// that database, so that new failures are noticed.
    ///
    /// ## When to ignore this
    ///
    /// If the damage has been repaired and the counters have not been reset since.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "checksum_failures": 3 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "checksum_failures": 0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "checksum_failures": null } ] }
    /// ```
    rule checksum_failures {
        code: PGD103,
        title: "Pages failed their checksums",
        passed: "No page has failed its checksum",
        worst: Critical,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database and Data Checksums",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PgStatDatabase>> {
    let databases = view.databases()?.all.iter().map(|(row, _)| row);
    Ok(databases.filter(|row| row.checksum_failures > Some(0)).collect())
}

fn subject(row: &&PgStatDatabase) -> About {
    let failures = row.checksum_failures.unwrap_or(0);
    let subject = match &row.datname {
        Some(name) => Subject::named(SubjectKind::Database, name),
        None => Subject::cluster(),
    };
    About::new(subject, Weight::Count(failures)).figures([
        Figure::new("checksum_failures", failures).against(0),
        Figure::new("counted_since", row.stats_reset).labelled("statistics reset"),
    ])
}

fn describe(found: &Found<&PgStatDatabase>) -> Draft {
    let failures = display::counted(found.sum(|row| row.checksum_failures), "page", "pages");
    Draft::new(format!("Restore corrupted data: {failures} failed the checksum"))
        .because("The storage returned other data than PostgreSQL wrote. Queries that need these pages fail.")
        .advise("Find the pages in the server log, check the storage, and restore what is damaged from a backup.")
        .advise("After the repair, run SELECT pg_stat_reset() in the database, so that new failures are noticed.")
        .query(
            "SELECT datname, checksum_failures, checksum_last_failure FROM pg_stat_database\nWHERE checksum_failures > 0;",
        )
        .effort(Effort::Project)
}
