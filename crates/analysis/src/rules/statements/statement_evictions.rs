//! pg_stat_statements evicts entries.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// An instance of pg_stat_statements that has no room for all statements, so that it evicts the least executed ones again and
    /// again.
    ///
    /// ## Why it matters
    ///
    /// Statements that come and go are never ranked, although they may take much of the time together: every list of top
    /// statements is incomplete. An eviction removes one entry in twenty, and takes a lock that all sessions need.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_PER_HOUR} evictions per hour, over a time of at least {MIN_WINDOW} since the reset. PostgreSQL 14 and later
    /// count them.
    ///
    /// ## Remedy
    ///
    /// Raise `pg_stat_statements.max`; an entry takes a few hundred bytes of shared memory besides its text on disk. From
    /// {MAX_ENTRIES} entries on, find out first what makes the statements differ: temporary tables with new names, a schema for
    /// each customer, or lists of constants of different lengths (before PostgreSQL 18).
    ///
    /// ## When to ignore this
    ///
    /// If the statements are of no interest.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "pg_stat_statements.max", "setting": "5000" } ],
    ///   "pg_stat_statements_info": [ { "dealloc": 300, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "pg_stat_statements.max", "setting": "5000" } ],
    ///   "pg_stat_statements_info": [ { "dealloc": 3, "stats_reset": "2025-12-31T12:00:00Z" } ],
    ///   "pg_stat_statements": [] }
    /// ```
    rule statement_evictions {
        code: PGD709,
        title: "pg_stat_statements evicts statements",
        passed: "pg_stat_statements keeps the statements",
        worst: Notice,
        reads: [statements, tracking],
        source: "PostgreSQL manual, pg_stat_statements_info: dealloc; the threshold is pgdba's own",
        thresholds: {
            /// Evictions per hour from which on they are reported.
            MIN_PER_HOUR: f64 = 1.0,
            /// The shortest time over which a rate means something.
            MIN_WINDOW: Millis = Millis(3_600_000.0),
            /// Entries from which on more are not the remedy.
            MAX_ENTRIES: i64 = 20_000,
        },
    }
}

struct Evictions {
    count: i64,
    per_hour: f64,
    max: Option<i64>,
    confidence: Confidence,
}

fn check(view: &View<'_>) -> Checked<Option<Evictions>> {
    let statements = view.statements()?;
    let Some(count) = statements.evictions else {
        return Err(NotAssessed::expected("pg_stat_statements counts evictions from version 1.9 on (PostgreSQL 14)"));
    };
    let window = statements.window;
    let per_hour = window.per_hour(count).filter(|rate| *rate >= MIN_PER_HOUR && window.length >= Some(MIN_WINDOW));
    let max = view.tracking()?.max;
    Ok(per_hour.map(|per_hour| Evictions { count, per_hour, max, confidence: window.confidence() }))
}

fn subject(evictions: &Evictions) -> About {
    About::parameter("pg_stat_statements.max", Weight::Count(1)).figures([
        Figure::new("evictions_per_hour", Quantity::Number(evictions.per_hour)).against(Quantity::Number(MIN_PER_HOUR)),
        Figure::new("evictions", evictions.count),
        Figure::parameter("pg_stat_statements.max", evictions.max),
    ])
}

fn describe(evictions: &Evictions) -> Draft {
    let draft = match evictions.max {
        Some(max) if max < MAX_ENTRIES => {
            let doubled = max.saturating_mul(2).max(10_000);
            Draft::new(format!("Raise pg_stat_statements.max from {max} to {doubled}"))
                .set("pg_stat_statements.max", doubled.to_string(), Effort::Restart)
                .impact("A restart terminates all sessions. The entries use more shared memory.")
        }
        _ => Draft::new("Find out why pg_stat_statements records so many different statements")
            .advise("Check for temporary tables with new names, a schema per customer, and lists of constants.")
            .effort(Effort::Project),
    };
    let (count, rate) = (display::count(evictions.count), display::count(evictions.per_hour.round() as i64));
    draft
        .confidence(evictions.confidence)
        .because(format!("Entries were evicted {count} times since the reset, {rate} times per hour."))
        .because("Statements that were evicted are missing in every ranking.")
}
