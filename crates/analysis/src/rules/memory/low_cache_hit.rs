//! A database spends much time reading pages that are not in shared buffers.

use crate::engine::prelude::*;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

rule! {
    /// ## What it sees
    ///
    /// A database whose sessions find few of their pages in shared buffers and spend a relevant part of their time reading the
    /// others.
    ///
    /// ## Why it matters
    ///
    /// The ratio alone means little: pages may be in the cache of the operating system, and a backup or a report reads each page
    /// once. If reading takes a relevant part of the time, storage limits the queries.
    ///
    /// ## Threshold
    ///
    /// A cache hit ratio below {MAX_HIT} with at least {MIN_READS} pages read, and {MIN_TIME} or more of the active time of
    /// sessions spent reading. The server measures both times from PostgreSQL 14 on, the first only if `track_io_timing` is on;
    /// otherwise the rule is not assessed for such a database.
    ///
    /// ## Remedy
    ///
    /// `pgdba query top --sort cache_miss` lists the statements that read most: an index often removes the cause. If many queries
    /// use the same tables and there is memory left, raise `shared_buffers`, usually to a quarter of the memory.
    ///
    /// ## When to ignore this
    ///
    /// For databases for reports that are much larger than the memory.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "blks_hit": 30000000, "blks_read": 20000000, "blk_read_time": 900000.0,
    ///                           "active_time": 4000000.0 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "blks_hit": 30000000, "blks_read": 20000000, "blk_read_time": 90000.0,
    ///                           "active_time": 4000000.0 } ] }
    /// ```
    rule low_cache_hit {
        code: PGD1023,
        title: "Databases spend much time reading from outside shared buffers",
        passed: "No database spends much time reading from outside shared buffers",
        worst: Notice,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database; pgdoctor reports 90 %, the share of time is pgdba's own",
        thresholds: {
            /// Cache hit ratio from which on a database is well cached.
            MAX_HIT: Ratio = Ratio(0.9),
            /// Pages read below which the ratio means nothing.
            MIN_READS: i64 = 1_000_000,
            /// Share of the active time that must be spent reading.
            MIN_TIME: Ratio = Ratio(0.1),
        },
    }
}

struct Reading<'a> {
    database: &'a PgStatDatabase,
    hit: Ratio,
    time: Ratio,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Reading<'a>>> {
    let mut found = Vec::new();
    let mut untimed = None;
    for (database, _) in view.databases()?.named() {
        let Some(hit) = hit(database).filter(|hit| *hit < MAX_HIT) else { continue };
        let times = database.blk_read_time.filter(|time| *time > 0.0).zip(database.active_time.filter(|time| *time > 0.0));
        match times.map(|(read, active)| Ratio(read / active)) {
            Some(time) if time >= MIN_TIME => found.push(Reading { database, hit, time }),
            Some(_) => {}
            None => untimed = Some(database.datname.as_deref().unwrap_or_default()),
        }
    }
    match untimed {
        Some(name) if found.is_empty() => Err(NotAssessed::because(format!(
            "the time that database {name} spends reading is not measured (track_io_timing, PostgreSQL 14)"
        ))),
        _ => Ok(found),
    }
}

fn hit(database: &PgStatDatabase) -> Option<Ratio> {
    let read = database.blks_read.filter(|pages| *pages >= MIN_READS)?;
    let hit = database.blks_hit?;
    Ratio::of(hit, hit.saturating_add(read))
}

fn subject(reading: &Reading<'_>) -> About {
    let row = reading.database;
    About::new(Subject::named(SubjectKind::Database, row.datname.as_deref().unwrap_or_default()), reading.time).figures([
        Figure::new("cache_hit", reading.hit).labelled("cache hit ratio").against(MAX_HIT),
        Figure::new("share_of_time_reading", reading.time).labelled("share of active time spent reading").against(MIN_TIME),
        Figure::new("pages_read", row.blks_read),
        Figure::new("read_time", row.blk_read_time.map(Millis)),
        Figure::new("counted_since", row.stats_reset),
    ])
}

fn describe(found: &Found<Reading<'_>>) -> Draft {
    let spends = found.only().map(|only| format!(" spends {} of its active time reading", display::percent(only.time)));
    let spends = spends.unwrap_or_else(|| " spend much of their active time reading".to_owned());
    Draft::new(format!("{}{spends}", found.each("Database", "databases")))
        .confidence(Confidence::Medium)
        .because("Few pages are in shared buffers, and reading the others takes a relevant part of the time.")
        .advise("List the statements that read most with: pgdba query top --sort cache_miss. Check whether an index is missing.")
        .advise("If there is memory left, raise shared_buffers, usually to a quarter of the memory.")
        .effort(Effort::Project)
}
